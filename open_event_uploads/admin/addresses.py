"""Addresses of pages, as a browser reaches them."""

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for

from open_event_uploads.context import current_settings


def page_url(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as of `url_for`
    """The path of a page.

    Args:
        endpoint: of the route.
        values: of its variables and its query.
    """
    return f"{_base()}{url_for(endpoint, **values)}"


def this_page() -> str:
    """The path and the query that the request is for."""
    return f"{_base()}{request.full_path.removesuffix('?')}"


def page_or(path: str, otherwise: str) -> str:
    """A path that came with a request, where it is that of a page here; else another.

    A browser takes `//` and a backslash for the beginning of a host (WHATWG URL, "path state").
    """
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith(f"{_base()}/admin/") else otherwise


def _base() -> str:
    """What of the public address a proxy takes away."""
    return urlsplit(current_settings().public_url).path
