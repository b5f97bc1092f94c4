"""Authenticate requests to the current application."""

from importlib import import_module
from typing import cast

from flask import Flask, Response, after_this_request

from open_event_uploads.accounts.authenticate import TrustedKeys, authenticate
from open_event_uploads.accounts.issuer import Issuer
from open_event_uploads.accounts.record_use import record_use
from open_event_uploads.context import current_settings, db
from open_event_uploads.current import current_application
from open_event_uploads.server.identity import Identity
from open_event_uploads.settings import Settings

_KEYS = "uploads_trusted_keys"


def register_keys(app: Flask) -> None:
    """Load the keys that an application trusts.

    Raises:
        InvalidSettings: a key of another service cannot be read.
    """
    with app.app_context():
        issuer = _trust_issuer(current_settings())
    secret_keys = (app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"])
    app.extensions[_KEYS] = TrustedKeys(secret_keys, issuer)


def _trust_issuer(settings: Settings) -> Issuer | None:
    """Return the service whose tokens the settings trust; few trust one, so import it here."""
    if not settings.trusts_issuer:
        return None
    module = import_module("open_event_uploads.accounts.trust_issuer")
    issuer: Issuer = module.trust_issuer(settings)
    return issuer


def current_keys() -> TrustedKeys:
    """Return the keys that the current application trusts."""
    return cast("TrustedKeys", current_application().extensions[_KEYS])


def authenticate_request(authorization: str) -> Identity:
    """Return the sender of a request with this Authorization header.

    Raises:
        InvalidToken: the credentials are not valid.
    """
    return authenticate(
        authorization, keys=current_keys(), record_use=_record_later, engine=db.engine
    )


def _record_later(token_id: str) -> None:
    """Record the use of a token after the response is sent, so that no client waits for it."""
    if current_settings().read_only:
        return
    engine = db.engine

    @after_this_request
    def _on_response(response: Response) -> Response:
        response.call_on_close(lambda: record_use(token_id, engine=engine))
        return response
