"""Keep the token of a device in a cookie that browsers send to the sign-in page alone."""

from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from open_event_uploads.accounts.authenticate_request import current_keys
from open_event_uploads.accounts.device import LIFETIME, read_device, sign_device
from open_event_uploads.admin.urls import page_url
from open_event_uploads.context import current_settings
from open_event_uploads.current import current_request

_NAME = "uploads_device"


def read_device_cookie(email: str) -> str | None:
    """Return the id of the browser if this email has signed in with it before."""
    token = current_request().cookies.get(_NAME, "")
    return read_device(token, email, secret_keys=current_keys().secret_keys)


def set_device_cookie(response: Response, email: str) -> None:
    """Remember that this email has just signed in with the browser."""
    response.set_cookie(
        _NAME,
        sign_device(email, secret_keys=current_keys().secret_keys),
        max_age=LIFETIME,
        path=page_url("admin.sign_in"),
        secure=urlsplit(current_settings().public_url).scheme == "https",
        httponly=True,
        samesite="Strict",
    )
