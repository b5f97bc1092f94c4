"""Read the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07)."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Response

from open_event_uploads.current import current_request
from open_event_uploads.errors import InvalidRequest
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.creation import respond_reply
from open_event_uploads.jsonapi.idempotency import (
    BeforeCommit,
    IdempotentRequest,
    Reply,
    is_known,
    reply_once,
)

T = TypeVar("T")

_HEADER, _VARIABLE = "Idempotency-Key", "HTTP_IDEMPOTENCY_KEY"
# A string of RFC 8941, section 3.3.3, as the draft has it, or the same without its quotes, as
# most clients send it; nothing in it needs escaping.
_KEY = re.compile(r'(?P<quote>"?)(?P<key>[!#-\[\]-~]{1,255})(?P=quote)')


def respond_once(
    create: Callable[[BeforeCommit[T] | None], T],
    present: Callable[[T], Reply],
    *parameters: object,
) -> Response:
    """Create something and respond; with `Idempotency-Key`, a retry does not create it again.

    A key means something only together with an identity: without one, anybody could be given the
    reply to another sender's request.

    Args:
        create: does the work. Its argument, unless it is None, is to be called in the write that
            does it, with what runs statements there and with what was made.
        present: returns the reply about what was made.
        parameters: everything that makes two requests equal, as values of their documents: a
            retry may spell the same bytes in another way.

    Raises:
        InvalidRequest: the header is malformed.
        IdempotencyKeyInUse, IdempotencyKeyReused: see `reply_once`.
    """
    config = current_config()
    viewer = config.viewer()
    if viewer is None or _VARIABLE not in current_request().environ:
        return respond_reply(present(create(None)))
    fingerprint = _fingerprint(current_request().path.rstrip("/"), *parameters)
    identified = IdempotentRequest(viewer.user_id, _key(), fingerprint)
    return respond_reply(reply_once(identified, create, present, engine=config.engine))


def is_sent_again() -> bool:
    """Return whether a request with the sender's key came before.

    Raises:
        InvalidRequest: the header is malformed.
    """
    config = current_config()
    viewer = config.viewer()
    if viewer is None or _VARIABLE not in current_request().environ:
        return False
    return is_known(viewer.user_id, _key(), engine=config.engine)


def _key() -> str:
    match = _KEY.fullmatch(current_request().environ[_VARIABLE])
    if match is None:
        raise InvalidRequest(
            "The key is 1 to 255 visible ASCII characters without quotes and backslashes, "
            "perhaps between quotes.",
            header=_HEADER,
        )
    return match["key"]


def _fingerprint(*parameters: object) -> str:
    text = json.dumps(parameters, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever JSON has no form for
    if isinstance(value, IncomingFile):
        return value.checksum
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    raise TypeError(type(value))
