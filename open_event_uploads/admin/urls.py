"""URLs of pages, as a browser reaches them through a proxy."""

from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_request


def page_url(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as of `url_for`
    """Return the path of a page below the public URL; arguments as of `url_for`."""
    return f"{_base_path()}{url_for(endpoint, **values)}"


def current_url() -> str:
    """Return the path and the query of the request under way."""
    return f"{_base_path()}{current_request().full_path.removesuffix('?')}"


def own_page_or(path: str, default: str) -> str:
    """Return a path that came with a request if it is that of a page here, else the default.

    A browser takes `//` and a backslash for the beginning of a host (WHATWG URL, "path state").
    """
    is_plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if is_plain and path.startswith(f"{_base_path()}/admin/") else default


def _base_path() -> str:
    """Return the path of the public URL, which a proxy removes from requests."""
    return urlsplit(current_settings().public_url).path
