"""Derive from a seed what clients send, and when a server fails.

The same seed gives the same schedule, whatever threads and servers do meanwhile: each client and
the faults have a random generator of their own.
"""

import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random, SystemRandom
from typing import Literal

from PIL import Image

Verb = Literal["create", "send", "replace", "delete", "look"]

_VERBS: tuple[Verb, ...] = (
    *("create", "create", "create", "create"),
    *("send", "send", "send"),
    *("replace", "replace", "delete", "delete"),
    *("look", "look", "look", "look"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A request that a client sends.

    Args:
        verb: what it does.
        content: the bytes that it sends, if it sends any.
        key: its `Idempotency-Key`.
        choice: which upload it is about, as a fraction of those that the client has then; of what
            is sent in pieces, how long each is, as a fraction of all.
    """

    verb: Verb
    content: bytes
    key: str
    choice: float


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of a server.

    Args:
        kind: what happens.
        after: seconds since the server was started.
    """

    kind: str
    after: float


def new_seed() -> int:
    """Return a seed that is short enough to be typed."""
    return SystemRandom().randrange(10**9)


def steps(seed: int, client: int) -> Iterator[Step]:
    """Yield without end what a client sends.

    Args:
        seed: of the schedule.
        client: its number.
    """
    random = Random(f"{seed} client {client}")  # noqa: S311 - no secret
    while True:
        yield Step(
            verb=random.choice(_VERBS),
            content=picture_of(random.randbytes(48)),
            key=str(uuid.UUID(int=random.getrandbits(128), version=4)),
            choice=random.random(),
        )


def faults(seed: int, kinds: Sequence[str], longest: float) -> Iterator[Fault]:
    """Yield without end how and when a server fails.

    Args:
        seed: of the schedule.
        kinds: each in its turn.
        longest: seconds that a server lives; some fail before their first answer.
    """
    random = Random(f"{seed} faults")  # noqa: S311 - no secret
    for kind in cycle(kinds):
        yield Fault(kind, random.uniform(0, longest))


def picture_of(pixels: bytes) -> bytes:
    """Make a PNG of 4 by 4 pixels from 48 bytes."""
    stream = io.BytesIO()
    Image.frombytes("RGB", (4, 4), pixels).save(stream, "PNG")
    return stream.getvalue()
