"""Keep the reply to a request with an idempotency key, and give it again.

Lost answers are a fact of networks; the key that a client chose for a request tells a retry from
a new request (draft-ietf-httpapi-idempotency-key-header-07).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Engine, bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from open_event_uploads.database import rows
from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.database.types import Id, UtcDateTime, new_id, now
from open_event_uploads.database.write import write
from open_event_uploads.errors import (
    CommitOutcomeUnknown,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
)
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey, IdempotencyKeyRow

T = TypeVar("T")
# A statement more for the write that creates something: it keeps the reply with the key.
BeforeCommit = Callable[[Execute, T], None]

# A request that died is taken for running this long, far longer than any takes once its body has
# arrived.
RUNNING = timedelta(minutes=5)

# How long a reply is given again.
KEPT = timedelta(hours=24)

# How many replies are kept of one user: one to fifty operations may have 100 KB.
MAX_KEPT = 1000
_MAX_DELETED = 100

_DELETE_EXPIRED = Statement(
    delete(IdempotencyKey).where(IdempotencyKey.expires_at <= bindparam("now", type_=UtcDateTime))
)


_KNOWN = Query(
    select(IdempotencyKey.key).where(
        IdempotencyKey.user_id == bindparam("user_id", type_=Id),
        IdempotencyKey.key == bindparam("key"),
        IdempotencyKey.expires_at > bindparam("now", type_=UtcDateTime),
    )
)


def _delete_oldest() -> Statement:
    is_theirs = IdempotencyKey.user_id == bindparam("user_id", type_=Id)
    newest = (
        select(IdempotencyKey.key)
        .where(is_theirs, IdempotencyKey.status.is_not(None))
        .order_by(IdempotencyKey.expires_at.desc(), IdempotencyKey.key)
    )
    too_many = newest.offset(bindparam("kept")).limit(_MAX_DELETED)
    return Statement(delete(IdempotencyKey).where(is_theirs, IdempotencyKey.key.in_(too_many)))


_DELETE_OLDEST = _delete_oldest()


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request: its body, address and quoted entity tag, if it has them."""

    status: int
    document: bytes | None = None
    location: str | None = None
    entity_tag: str | None = None


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that may be sent again.

    Args:
        user_id: whose; a key means nothing to anybody else.
        key: that the client chose.
        fingerprint: of what it asks for; equal for a retry only.
    """

    user_id: str
    key: str
    fingerprint: str


def reply_once(
    request: IdempotentRequest,
    create: Callable[[BeforeCommit[T]], T],
    present: Callable[[T], Reply],
    *,
    engine: Engine,
) -> Reply:
    """Run a request, unless it ran before: then return the reply of that time.

    A request that fails leaves the key as if it had never been used: nothing has changed, so it
    may run again.

    Args:
        request: with its key.
        create: does the work, and calls its argument in the write that does it, so that the work
            and the reply become durable together.
        present: returns the reply about what `create` has made.
        engine: of the database.

    Raises:
        IdempotencyKeyInUse: the same request is running right now.
        IdempotencyKeyReused: the key belongs to another request.
    """
    attempt = new_id()
    earlier = _reserve(request, attempt, engine)
    if earlier is not None:
        return earlier
    replies: list[Reply] = []

    def before_commit(execute: Execute, made: T) -> None:
        replies.append(present(made))
        _keep(request, attempt, replies[0], execute)

    with _released_on_failure(request, attempt, engine):
        create(before_commit)
        return replies[0]


def is_known(user_id: str, key: str, *, engine: Engine) -> bool:
    """Return whether a user has sent a request with this key, whose reply is or may become kept."""
    return _KNOWN.first(engine, {"user_id": user_id, "key": key, "now": now()}) is not None


def _reserve(request: IdempotentRequest, attempt: str, engine: Engine) -> Reply | None:
    """Reserve the key, or return the reply that is kept with it."""
    try:
        found = write(engine, partial(_find_or_insert, request, attempt))
    except IntegrityError:  # PostgreSQL, where two may look before either writes
        raise _in_use() from None
    if found is None:
        return None
    if found.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused(
            "This key was used for another request.", header="Idempotency-Key"
        )
    if found.status is None:
        raise _in_use()
    return Reply(found.status, found.document, found.location, found.entity_tag)


def _find_or_insert(
    request: IdempotentRequest, attempt: str, execute: Execute
) -> IdempotencyKeyRow | None:
    # Here, so that the table never outgrows the requests of one period.
    execute(_DELETE_EXPIRED, {"now": now()})
    execute(_DELETE_OLDEST, {"user_id": request.user_id, "kept": MAX_KEPT})
    found = rows.lock(execute, IdempotencyKeyRow, request.user_id, request.key)
    if found is None:
        values = {**asdict(request), "attempt": attempt, "expires_at": now() + RUNNING}
        rows.insert(execute, IdempotencyKeyRow, values)
    return found


def _in_use() -> IdempotencyKeyInUse:
    return IdempotencyKeyInUse(
        "The first request with this key has not ended yet.",
        header="Idempotency-Key",
        headers={"Retry-After": "1"},
    )


def _keep(request: IdempotentRequest, attempt: str, reply: Reply, execute: Execute) -> None:
    """Keep the reply, unless another attempt has taken over from this one."""
    reserved = _reservation(request, attempt, execute)
    if reserved is None:
        raise _in_use()
    rows.update(execute, reserved, {**asdict(reply), "expires_at": now() + KEPT})


def _reservation(
    request: IdempotentRequest, attempt: str, execute: Execute
) -> IdempotencyKeyRow | None:
    found = rows.lock(execute, IdempotencyKeyRow, request.user_id, request.key)
    return found if found is not None and found.attempt == attempt else None


@contextmanager
def _released_on_failure(
    request: IdempotentRequest, attempt: str, engine: Engine
) -> Iterator[None]:
    try:
        yield
    except CommitOutcomeUnknown:
        # If it took effect the reply is kept, and if not the reservation expires.
        raise
    except BaseException:
        write(engine, partial(_release, request, attempt))
        raise


def _release(request: IdempotentRequest, attempt: str, execute: Execute) -> None:
    reserved = _reservation(request, attempt, execute)
    if reserved is not None:
        rows.delete(execute, reserved)
