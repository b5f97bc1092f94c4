"""Read the names in a ZIP archive."""

import io
import struct
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.imaging.zip_directory import names_in_zip
from tests.other_files import archive


def names(content: bytes) -> set[str] | None:
    found = names_in_zip(io.BytesIO(content))
    return None if found is None else set(found)


@given(st.sets(st.from_regex(r"[a-zé/\[\]._]{1,40}", fullmatch=True), max_size=20))
def test_every_name_is_found(expected: set[str]) -> None:
    assert names(archive(*((name, b"x") for name in sorted(expected)))) == expected


def test_a_comment_at_the_end_is_passed_over() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("a", b"1")
        file.comment = b"c" * 0xFFFF
    assert names(stream.getvalue()) == {"a"}


def test_what_was_written_without_sizes_is_read_from_the_end() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, content: bytes) -> int:  # type: ignore[override]  # any buffer
            self.written += bytes(content)
            return len(content)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as file:
        file.writestr("a", b"1")
    assert names(pipe.written) == {"a"}


def test_a_table_of_contents_that_lies_is_none() -> None:
    good = archive(("a", b"1"))
    end = good.rindex(b"PK\x05\x06")
    for offset, value in ((12, 0xFFFFFFFF), (12, 600_000), (16, 0xFFFFFFFF), (12, 1)):
        lying = bytearray(good)
        struct.pack_into("<I", lying, end + offset, value)
        assert names(bytes(lying)) is None
    assert names(good[:end]) is None
    assert names(b"") is None


def test_a_huge_table_is_not_read() -> None:
    assert names(archive(*((f"{number:0200}", b"") for number in range(2500)))) is None


@given(st.binary(max_size=200))
def test_any_bytes_give_names_or_none(content: bytes) -> None:
    found = names(content + archive(("a", b"1"))[-60:])
    assert found is None or all(isinstance(each, str) for each in found)
