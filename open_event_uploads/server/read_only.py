"""While the database moves, nothing is written, and everything can be read."""

from flask import Flask, request

from open_event_uploads.accounts.rules import RULES
from open_event_uploads.context import current_settings
from open_event_uploads.errors import ReadOnly
from open_event_uploads.server.access import rule_name

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, section 9.2.1

# They make something out of a secret, and write nothing down.
_WRITE_NOTHING = frozenset({"POST session", "POST upload_download_link"})


def register_read_only(app: Flask) -> None:
    """Refuse each write before anything of its body is read, where the settings say so."""
    app.before_request(_refuse)


def refuse_writes() -> None:
    """Stop where nothing may be written.

    Raises:
        ReadOnly: `UPLOADS_READ_ONLY` is on.
    """
    if current_settings().read_only:
        raise ReadOnly


def _refuse() -> None:
    if request.method not in _SAFE and request.endpoint is not None:
        name = rule_name(request.method, request.endpoint)
        if name in RULES and name not in _WRITE_NOTHING:
            refuse_writes()
