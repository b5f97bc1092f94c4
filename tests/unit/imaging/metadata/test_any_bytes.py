"""Understand or refuse any bytes quickly, and never change an image."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import BY_PILLOW_NAME, FORMATS, MEDIA_TYPES, ImageFormat
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.metadata import NAMES, MetadataUnreadable, Stripped, strip_metadata
from open_event_uploads.imaging.policy import FilePolicy
from tests.corpus import FILES
from tests.examples import examples
from tests.images import animation, noise, picture
from tests.unit.imaging.metadata.avif_files import (
    Part,
    avif,
    exif_item,
    picture_item,
    references,
    xmp_item,
)
from tests.unit.imaging.metadata.looks import XMP, camera_exif, look_at

POLICY = FilePolicy(MEDIA_TYPES, max_bytes=1_000_000, max_pixels=1_000_000)

# As in production: Pillow warns of odd EXIF or APNG and reads on.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def made_files() -> list[bytes]:
    exif = camera_exif(6)
    made = [picture(each.pillow_names[0], exif=exif, xmp=XMP) for each in FORMATS]
    made += [animation(3, name) for name in ("GIF", "WEBP", "PNG", "AVIF")]
    thumbnail = Part(b"av01", (b"small",))
    items = picture_item(), exif_item(exif[6:]), xmp_item(XMP), thumbnail
    made.append(avif(*items, iref=references((b"thmb", 4, 1)), version=2))
    return [*made, noise((40, 30)), picture("JPEG", (40, 30), progressive=True, exif=exif)]


REAL = [path.read_bytes() for path in sorted(FILES.iterdir()) if path.suffix != ".md"]
SEEDS = [each for each in made_files() + REAL if len(each) < 5000]

# What ends, begins or bends the parsing of one format or another.
SPLICES = [
    *(b"\xff\xd9", b"\xff\xd8", b"\xff\xff", b"\xff\x00", b"\xff\xd3", b"\xff\xfe\x00\x04hi"),
    b"\xff\xe1\x00\x10Exif\x00\x00MM\x00*\x00\x00\x00\x08",
    *(b"\x21\xfe\x02hi\x00", b";", b"\x00", b"\x00\x00\x00\x08free", b"\x00\x00\x00\x00"),
    *(b"\xff\xff\xff\xff", b"EXIF\x02\x00\x00\x00hi", b"PK\x03\x04"),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a file with a few bytes changed, missing, moved or new."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        size = draw(st.integers(0, 12))
        kind = draw(st.sampled_from(["change", "insert", "delete", "copy", "cut"]))
        noise_ = draw(st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from(SPLICES)))
        if kind == "change":
            content[at : at + len(noise_)] = noise_
        elif kind == "insert":
            content[at:at] = noise_
        elif kind == "delete":
            del content[at : at + size]
        elif kind == "copy":
            source = draw(st.integers(0, len(content)))
            content[at:at] = content[source : source + size]
        else:
            del content[len(content) - size :]
    return bytes(content)


def stripped(content: bytes, format_: ImageFormat) -> Stripped | None:
    """Strip a file and check every promise; return None if it is refused."""
    try:
        result = strip_metadata(content, format_)
    except MetadataUnreadable:
        return None
    assert set(result.removed) <= NAMES
    assert list(result.removed) == sorted(set(result.removed))
    assert (result.content is content) == (not result.removed)
    again = strip_metadata(result.content, format_)
    assert again.content is result.content
    return result


def accepted_format(content: bytes) -> ImageFormat | None:
    try:
        return inspect_image(IncomingFile(content), POLICY).format
    except RefusedFile:
        return None


@given(damaged(), st.sampled_from(FORMATS))
@settings(max_examples=examples(300))
def test_damaged_files_are_understood_or_refused(content: bytes, format_: ImageFormat) -> None:
    stripped(content, format_)


@given(damaged())
@settings(max_examples=examples(600))
def test_a_picture_never_becomes_another_one(content: bytes) -> None:
    format_ = accepted_format(content)
    result = stripped(content, format_) if format_ else None
    # A decoder may live on what follows the end of a damaged picture; without it, it refuses.
    if result and result.removed and accepted_format(result.content):
        before, after = look_at(content), look_at(result.content)
        assert after.frames == before.frames
        assert after.icc_profile == before.icc_profile


@given(st.binary(max_size=400), st.sampled_from(FORMATS))
def test_random_bytes_are_understood_or_refused(content: bytes, format_: ImageFormat) -> None:
    stripped(content, format_)


@given(
    st.sampled_from(
        [
            (b"\xff\xd8\xff", "JPEG"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00IHDR\x00\x00\x00\x00", "PNG"),
            (b"GIF89a\x01\x00\x01\x00\x00\x00\x00", "GIF"),
            (b"RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x0c", "WEBP"),
            (b"\x00\x00\x00\x08ftyp\x00\x00\x00\x40meta\x00\x00\x00\x00", "AVIF"),
        ]
    ),
    st.binary(max_size=200),
)
def test_random_bytes_behind_a_good_start(start: tuple[bytes, str], rest: bytes) -> None:
    stripped(start[0] + rest, BY_PILLOW_NAME[start[1]])


@st.composite
def exif_blocks(draw: st.DrawFn) -> bytes:
    """Draw a directory with some entries for the orientation, valid and invalid."""
    order, magics = draw(
        st.sampled_from([("<", [b"II*\x00", b"II\x00*"]), (">", [b"MM\x00*", b"MM*\x00"])])
    )
    entry = st.tuples(
        st.sampled_from([0x0112, 0x0112, 0x010F, 0x8825]),
        st.sampled_from([3, 3, 3, 4, 9, 16, 2, 7, 99]),
        st.sampled_from([1, 1, 1, 0, 2, 3, 2**32 - 1]),
        st.integers(0, 9),
        st.sampled_from([0, 0, 6]),
    )
    entries = draw(st.lists(entry, max_size=4))
    count = len(entries) + draw(st.sampled_from([0, 0, 0, 1, -1, 65535])) & 0xFFFF
    directory = struct.pack(f"{order}H", count)
    directory += b"".join(struct.pack(f"{order}HHIHH", *each) for each in entries)
    start = draw(st.sampled_from([8, 8, 8, 9, 2**32 - 1]))
    tail = draw(st.binary(max_size=20))
    return draw(st.sampled_from(magics)) + struct.pack(f"{order}I", start) + directory + tail


@given(st.one_of(exif_blocks(), st.binary(max_size=60)))
@settings(max_examples=examples(300))
def test_exif_is_read_as_pillow_reads_it(tiff: bytes) -> None:
    content = picture("JPEG", exif=b"Exif\x00\x00" + tiff)
    result = stripped(content, BY_PILLOW_NAME["JPEG"])
    assert result is not None
    assert result.removed[0] == "exif"
    assert look_at(result.content).orientation == look_at(content).orientation


def test_a_format_without_rules_is_refused() -> None:
    with pytest.raises(MetadataUnreadable):
        strip_metadata(b"", ImageFormat("image/x", "x", frozenset("x"), pillow_names=("X",)))


MEGABYTES = 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("JPEG", b"\xff\xd8" + b"\xff" * MEGABYTES),
        ("JPEG", b"\xff\xd8" + b"\xff\xfe\x00\x02" * (MEGABYTES // 4)),
        ("JPEG", b"\xff\xd8" + b"\xff\xe1\x00\x0aExif\x00\x00ab" * 90_000 + b"\xff\xda\x00\x02"),
        ("JPEG", b"\xff\xd8\xff\xda\x00\x02" + b"\xff\x00" * (MEGABYTES // 2)),
        ("GIF", b"GIF89a" + bytes(MEGABYTES)),
        ("GIF", b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\x01a" * (MEGABYTES // 2) + b"\x00"),
        ("AVIF", b"\x00\x00\x00\x08ftyp" + b"\x00\x00\x00\x08free" * (MEGABYTES // 8)),
        ("AVIF", b"\x00\x00\x00\x08ftyp" + bytes(MEGABYTES)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_made_to_be_slow_are_not(name: str, content: bytes) -> None:
    # Anything but linear time would take hours.
    with suppress(MetadataUnreadable):
        strip_metadata(content, BY_PILLOW_NAME[name])
