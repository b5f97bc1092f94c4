"""Read the names in the root of a compound file."""

import io
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.imaging.compound_file import root_streams
from tests.compound_files import compound_file

PATHS = ("Current User", "Pictures", "Größe 😀", "a/b", "a/c/d")
IN_ROOT = {"Current User", "Pictures", "Größe 😀"}

# Where the header has the first sector of the directory, and of the rest of the table's list.
DIRECTORY_AT, LIST_AT = 48, 68
SECTOR = 512


def names(content: bytes) -> set[str]:
    return set(root_streams(io.BytesIO(content)))


@pytest.mark.parametrize("shift", [9, 12])
@pytest.mark.parametrize("before", [0, 1, 200])
def test_streams_of_the_root_are_found_and_no_others(shift: int, before: int) -> None:
    assert names(compound_file(*PATHS, shift=shift, before=before)) == IN_ROOT


@pytest.mark.parametrize("before", [14_000, 40_000])
def test_a_directory_far_from_the_beginning_is_found(before: int) -> None:
    # Beyond 7 MB the list of the table's sectors does not fit into the header.
    assert names(compound_file(*PATHS, before=before)) == IN_ROOT


def test_a_long_directory_is_read_and_a_longer_one_is_not() -> None:
    assert len(names(compound_file(*map(str, range(4000))))) == 4000
    assert len(names(compound_file(*map(str, range(5000))))) < 4100


def test_a_list_that_leads_in_a_circle_has_an_end() -> None:
    circle = bytearray(compound_file(*PATHS, before=40_000))
    struct.pack_into("<I", circle, LIST_AT, 0)
    struct.pack_into("<128I", circle, SECTOR, *[0] * 128)
    began = time.process_time()
    names(bytes(circle))
    assert time.process_time() - began < 10


def test_a_directory_and_siblings_that_lead_in_circles_have_an_end() -> None:
    circle = bytearray(compound_file("a", "b"))
    struct.pack_into("<I", circle, len(circle) - SECTOR, 0)  # the first number of the table
    left_of_b = SECTOR + 2 * 128 + 68
    struct.pack_into("<II", circle, left_of_b, 1, 2)
    began = time.process_time()
    assert names(bytes(circle)) == {"a", "b"}
    assert time.process_time() - began < 10


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(600)])
def test_another_file_has_no_names(content: bytes) -> None:
    assert names(content) == set()


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, b"\0"),
        (26, b"\x05"),
        (28, b"\xff\xfe"),
        (30, b"\x1f"),
        (30, b"\x0c"),
        (DIRECTORY_AT, b"\xff\xff\xff\xff"),
        (DIRECTORY_AT, b"\xff\xff\xff\x7f"),
    ],
)
def test_a_header_that_lies_is_not_believed(at: int, value: bytes) -> None:
    lying = bytearray(compound_file(*PATHS))
    lying[at : at + len(value)] = value
    assert names(bytes(lying)) == set()


@given(st.data())
def test_damage_never_breaks_it(data: st.DataObject) -> None:
    changed = bytearray(compound_file(*PATHS))
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(changed) - 1) | st.integers(0, 80))
        changed[at] = data.draw(st.integers(0, 255))
    names(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
