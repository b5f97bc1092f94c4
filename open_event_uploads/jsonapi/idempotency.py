"""A request may be sent again without being done again.

Lost answers are a fact of networks; the key that a client chose for a request tells a retry from
a second wish (draft-ietf-httpapi-idempotency-key-header-07).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Delete, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.database.types import new_id, now
from open_event_uploads.errors import (
    CommitOutcomeUnknown,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
)
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey

# A request that died is taken for running this long, far longer than any takes once its body has
# arrived.
RUNNING = timedelta(minutes=5)

# How long a result is given again.
KEPT = timedelta(hours=24)

# How many results of one user are: an answer to fifty operations may have 100 KB.
MOST_KEPT = 1000
_FORGOTTEN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What a request was answered.

    Args:
        status: of the response.
        document: its body; None where it has none.
        location: of what was made, if anything.
        entity_tag: of the document, quoted, if it has one.
    """

    status: int
    document: bytes | None = None
    location: str | None = None
    entity_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request that may be sent again.

    Args:
        user_id: whose; a key means nothing to anybody else.
        key: what the client calls it.
        fingerprint: of what it asks for; equal for a retry only.
    """

    user_id: str
    key: str
    fingerprint: str


def keep_nothing(_: object) -> None:
    """Remember nothing of what has been done: the step before the commit of most requests."""


def run_once(
    request: Request, action: Callable[[Callable[[Result], None]], Result], *, session: Session
) -> Result:
    """Run an action, unless the same request ran it before.

    An action that fails leaves the key as if it had never been used: it changed nothing, so
    running it again is safe.

    Args:
        request: on whose behalf.
        action: is given a function and calls it with the result, in the transaction in which it
            does its work: what is done and what is remembered become durable together.
        session: has no transaction under way that matters; it is rolled back first.

    Returns:
        The result of the first time.

    Raises:
        IdempotencyKeyInUse: the same request is running right now.
        IdempotencyKeyReused: the key belongs to another request.
    """
    attempt = new_id()
    earlier = _reserve(request, attempt, session)
    if earlier is not None:
        return earlier

    def keep(result: Result) -> None:
        _keep(request, attempt, result, session)

    with _released_on_failure(request, attempt, session):
        return action(keep)


def _reserve(request: Request, attempt: str, session: Session) -> Result | None:
    try:
        with write_transaction(session):
            # Here, so that the table never outgrows what was asked for within one period.
            session.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now()))
            session.execute(_all_but_the_newest(request.user_id))
            found = session.get(IdempotencyKey, (request.user_id, request.key))
            if found is None:
                session.add(
                    IdempotencyKey(**asdict(request), attempt=attempt, expires_at=now() + RUNNING)
                )
                return None
    except IntegrityError:  # PostgreSQL, where two may look before either writes
        raise _in_use() from None
    return _result(found, request)


def _all_but_the_newest(user_id: str) -> Delete:
    newest = (
        select(IdempotencyKey.key)
        .where(IdempotencyKey.user_id == user_id, IdempotencyKey.status.is_not(None))
        .order_by(IdempotencyKey.expires_at.desc(), IdempotencyKey.key)
    )
    too_many = newest.offset(MOST_KEPT).limit(_FORGOTTEN_AT_ONCE)
    return delete(IdempotencyKey).where(
        IdempotencyKey.user_id == user_id, IdempotencyKey.key.in_(too_many)
    )


def _result(found: IdempotencyKey, request: Request) -> Result:
    if found.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused(
            "This key was used for another request.", header="Idempotency-Key"
        )
    if found.status is None:
        raise _in_use()
    return Result(found.status, found.document, found.location, found.entity_tag)


def _in_use() -> IdempotencyKeyInUse:
    return IdempotencyKeyInUse(
        "The first request with this key has not ended yet.",
        header="Idempotency-Key",
        headers={"Retry-After": "1"},
    )


def _keep(request: Request, attempt: str, result: Result, session: Session) -> None:
    """Remember the result, unless another attempt has taken over from this one."""
    remembered = session.execute(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.user_id == request.user_id,
            IdempotencyKey.key == request.key,
            IdempotencyKey.attempt == attempt,
        )
        .values(expires_at=now() + KEPT, **asdict(result))
        .execution_options(synchronize_session=False)
        .returning(IdempotencyKey.attempt)
    )
    if remembered.scalar_one_or_none() is None:
        raise _in_use()


@contextmanager
def _released_on_failure(request: Request, attempt: str, session: Session) -> Iterator[None]:
    try:
        yield
    except CommitOutcomeUnknown:
        # If it took effect the result is remembered, and if not the reservation expires.
        raise
    except BaseException:
        with write_transaction(session):
            session.execute(
                delete(IdempotencyKey).where(
                    IdempotencyKey.user_id == request.user_id,
                    IdempotencyKey.key == request.key,
                    IdempotencyKey.attempt == attempt,
                )
            )
        raise
