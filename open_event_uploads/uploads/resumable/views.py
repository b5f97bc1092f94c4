"""Define what each protocol has of its own: how its requests are read and answered."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response


@dataclass(frozen=True, slots=True)
class Views:
    """The views of one protocol.

    Args:
        expect_creation: checks the head of a request that begins an upload, begins it, and asks
            for its first bytes.
        create: answers it.
        show: answers HEAD; is given the upload's id, as all that follow.
        expect_append: checks the head of a request that goes on with an upload, and asks for its
            bytes.
        append: answers it.
        terminate: answers DELETE.
        add_fields: adds to an answer what all of them have, also errors.
    """

    expect_creation: Callable[[], None]
    create: Callable[[], Response]
    show: Callable[[str], Response]
    expect_append: Callable[[], None]
    append: Callable[[str], Response]
    terminate: Callable[[str], Response]
    add_fields: Callable[[Response], None]
