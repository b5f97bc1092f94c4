"""One request and its answer, as the log and the metrics describe them."""

import random
import time
from dataclasses import dataclass, field

from open_event_uploads.errors import UploadsError
from open_event_uploads.server.asgi import Environ
from open_event_uploads.server.paused_request import PausedRequest

# Where the environment of WSGI has it.
_KEY = "open_event_uploads.exchange"


def new_request_id() -> str:
    """Return a name for one request, in the log and in the answer: 128 bits, and no secret."""
    return f"{random.getrandbits(128):032x}"


@dataclass(slots=True)
class Exchange:
    """One request and what its handler found out about it.

    Args:
        request_id: the same in the log, in the answer and in its errors.
        started: when the whole request was there, of `time.perf_counter`.
        route: the template of its address, never a client's word.
        logs: whether a line is written about a success.
        refusal: the error with which the gateway refuses it.
        awaits_body: whether only its head has come yet.
        body_bytes: of the body that came; None where that was not received here.
        paused: what goes on once the body is there, as soon as the head was accepted.
        error_code: of the answer's first error; None for an answer without.
    """

    request_id: str = field(default_factory=new_request_id)
    started: float = field(default_factory=time.perf_counter)
    route: str = "none"
    logs: bool = True
    refusal: UploadsError | None = None
    awaits_body: bool = False
    body_bytes: int | None = None
    paused: PausedRequest | None = None
    error_code: str | None = None


def exchange_of(environ: Environ) -> Exchange:
    """Return the exchange of a request, begun now if it was not before."""
    found: Exchange | None = environ.get(_KEY)
    if found is None:
        found = environ[_KEY] = Exchange()
    return found
