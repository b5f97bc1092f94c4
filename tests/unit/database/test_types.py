"""Ids of uploads: in the order in which they are made, and not to be guessed."""

import time
import uuid
from functools import reduce
from operator import and_, or_

from open_event_uploads.database.types import is_id, new_ordered_id

_TIME_AND_VERSION = 52
_VARIANT = (1 << 63) | (1 << 62)


def test_an_id_has_the_time_in_milliseconds_its_version_and_its_variant() -> None:
    before = time.time_ns() // 1_000_000
    made = new_ordered_id()
    after = time.time_ns() // 1_000_000
    assert is_id(made)
    found = uuid.UUID(made)
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert before <= found.int >> 80 <= after


def test_all_bits_but_those_of_the_time_are_random() -> None:
    found = [uuid.UUID(new_ordered_id()).int for _ in range(300)]
    random = (1 << (128 - _TIME_AND_VERSION)) - 1 & ~_VARIANT
    assert random.bit_count() == 74
    assert reduce(or_, found) & random == random
    assert reduce(and_, found) & random == 0


def test_a_later_id_comes_later() -> None:
    earlier = new_ordered_id()
    time.sleep(0.002)
    assert earlier < new_ordered_id()
