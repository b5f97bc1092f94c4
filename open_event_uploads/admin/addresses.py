"""Addresses of pages, as a browser reaches them."""

from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from open_event_uploads.extensions import current_settings


def page_url(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as of `url_for`
    """The path of a page; below that of the public address, which a proxy may take away.

    Args:
        endpoint: of the route.
        values: of its variables and its query.
    """
    return f"{urlsplit(current_settings().public_url).path}{url_for(endpoint, **values)}"


def is_page(path: str) -> bool:
    """Whether a text that came with a request is the address of a page here, and of nothing else.

    A browser takes `//` and a backslash for the beginning of a host (WHATWG URL, "path state").
    """
    return path.startswith("/admin/") and path.isascii() and path.isprintable() and "\\" not in path
