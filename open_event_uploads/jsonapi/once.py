"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07)."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, request

from open_event_uploads.context import db
from open_event_uploads.errors import InvalidRequest
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.jsonapi.creation import respond_result
from open_event_uploads.jsonapi.idempotency import Request, Result, keep_nothing, run_once
from open_event_uploads.server.identity import current_user_id

T = TypeVar("T")

_HEADER = "Idempotency-Key"
# A string of RFC 8941, section 3.3.3, as the draft has it, or the same without its quotes, as
# most clients send it; nothing in it needs escaping.
_KEY = re.compile(r'(?P<quote>"?)(?P<key>[!#-\[\]-~]{1,255})(?P=quote)')


def respond_once(
    do: Callable[[Callable[[T], None]], T], present: Callable[[T], Result], *asked: object
) -> Response:
    """Do something and answer; where it has a key, a request sent again is not done again.

    A key means something only together with an identity: without one, anybody could be told what
    somebody else has sent.

    Args:
        do: does it, and calls its argument with what came of it before that is committed.
        present: makes the answer of what came of it.
        asked: everything that makes two requests the same, in the values of their documents: a
            retry may spell the same bytes in another way.

    Raises:
        InvalidRequest: the header is malformed.
        IdempotencyKeyInUse, IdempotencyKeyReused: see `run_once`.
    """
    user_id = current_user_id()
    if user_id is None or _HEADER not in request.headers:
        return respond_result(present(do(keep_nothing)))

    def action(keep: Callable[[Result], None]) -> Result:
        results: list[Result] = []

        def before_commit(made: T) -> None:
            results.append(present(made))
            keep(results[0])

        do(before_commit)
        return results[0]

    identified = Request(user_id, _key(), _fingerprint(request.path.rstrip("/"), *asked))
    return respond_result(run_once(identified, action, session=db.session()))


def _key() -> str:
    match = _KEY.fullmatch(request.headers[_HEADER])
    if match is None:
        raise InvalidRequest(
            "The key is 1 to 255 visible ASCII characters without quotes and backslashes, "
            "perhaps between quotes.",
            header=_HEADER,
        )
    return match["key"]


def _fingerprint(*asked: object) -> str:
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever JSON has no form for
    if isinstance(value, IncomingFile):
        return value.checksum
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    raise TypeError(type(value))
