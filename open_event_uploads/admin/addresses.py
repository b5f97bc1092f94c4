"""Make addresses of pages, as a browser reaches them."""

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for

from open_event_uploads.context import current_settings


def page_url(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as of `url_for`
    """Return the path of a page."""
    return f"{_base()}{url_for(endpoint, **values)}"


def this_page() -> str:
    """Return the path and the query of the request."""
    return f"{_base()}{request.full_path.removesuffix('?')}"


def page_or(path: str, otherwise: str) -> str:
    """Return a path that was sent with the request if it is of a page here, or another one.

    A browser takes `//` and a backslash for the beginning of a host (WHATWG URL, "path state").
    """
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith(f"{_base()}/admin/") else otherwise


def _base() -> str:
    """Return the path of the public address, which a proxy removes."""
    return urlsplit(current_settings().public_url).path
