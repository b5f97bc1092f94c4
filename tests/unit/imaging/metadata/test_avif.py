"""Remove metadata from an AVIF and keep everything else."""

import struct

import pytest
from PIL import Image

from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.metadata import MetadataUnreadable, strip_metadata
from tests.corpus import FILES
from tests.images import picture
from tests.unit.imaging.animations import animation
from tests.unit.imaging.metadata.avif_files import (
    FTYP,
    Part,
    avif,
    box,
    exif_item,
    full,
    picture_item,
    references,
    xmp_item,
)
from tests.unit.imaging.metadata.looks import (
    ICC,
    SERIAL,
    XMP,
    camera_exif,
    exif_of,
    info_of,
    look_at,
    strip,
)

PLAIN = avif(picture_item())
EXIF = camera_exif()[6:]
# Packets that turn nothing, because Pillow would turn the picture by them.
PACKET = XMP.replace(b"tiff:", b"")


def refused(content: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        strip_metadata(content, BY_PILLOW_NAME["AVIF"])


def test_a_picture_without_metadata_is_the_very_same_object() -> None:
    assert strip(picture("AVIF"), "AVIF").removed == ()
    assert strip(PLAIN, "AVIF").removed == ()
    assert strip(animation(3, "AVIF"), "AVIF").removed == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_no_matter_of_exif(orientation: int) -> None:
    content = picture("AVIF", (24, 16), exif=camera_exif(orientation), icc_profile=ICC, xmp=PACKET)
    result = strip(content, "AVIF")
    assert result.removed == ("exif", "location", "xmp")
    assert SERIAL.encode() not in result.content
    assert b"xmpmeta" not in result.content
    assert len(result.content) == len(content)
    assert exif_of(result.content).keys() <= {0x0112}
    assert "xmp" not in info_of(result.content)
    assert look_at(result.content).icc_profile == ICC


@pytest.mark.parametrize("version", [0, 1, 2])
def test_items_are_found_however_their_places_are_written(version: int) -> None:
    content = avif(picture_item(), exif_item(EXIF), xmp_item(PACKET), version=version)
    result = strip(content, "AVIF")
    assert result.removed == ("exif", "location", "xmp")
    assert SERIAL.encode() not in result.content
    assert b"xmpmeta" not in result.content


def test_every_block_of_exif_goes() -> None:
    result = strip(avif(picture_item(), exif_item(EXIF), exif_item(EXIF)), "AVIF")
    assert SERIAL.encode() not in result.content


def test_items_in_the_meta_box_are_found() -> None:
    inside = Part(b"Exif", (bytes(4) + EXIF,), in_idat=True)
    result = strip(avif(picture_item(), inside), "AVIF")
    assert result.removed == ("exif", "location")
    assert SERIAL.encode() not in result.content


@pytest.mark.parametrize(
    "item",
    [
        Part(b"mime", (b"Ada Lovelace",), content_type=b"application/json"),
        Part(b"uri ", (b"Ada Lovelace",)),
        Part(b"free", (b"Ada Lovelace",)),
    ],
)
def test_items_that_are_no_pictures_go(item: Part) -> None:
    result = strip(avif(picture_item(), item), "AVIF")
    assert result.removed == ("other",)
    assert b"Ada" not in result.content


def test_thumbnails_and_what_belongs_to_them_go() -> None:
    thumbnail, alpha = Part(b"av01", (b"a small picture",)), Part(b"av01", (b"and its alpha",))
    iref = references((b"thmb", 2, 1), (b"auxl", 3, 2))
    content = avif(picture_item(), thumbnail, alpha, iref=iref)
    result = strip_metadata(content, BY_PILLOW_NAME["AVIF"])
    assert result.removed == ("thumbnail",)
    assert look_at(result.content) == look_at(PLAIN)
    assert b"small" not in result.content
    assert b"alpha" not in result.content


@pytest.mark.parametrize(
    ("items", "iref"),
    [
        ((Part(b"grid", (bytes(8),)),), references((b"thmb", 2, 1))),
        ((Part(b"av01", (b"x",)),), references((b"thmb", 2, 1), (b"dimg", 1, 2))),
    ],
)
def test_a_thumbnail_of_parts_or_in_a_picture_is_refused(
    items: tuple[Part, ...], iref: bytes
) -> None:
    refused(avif(picture_item(), *items, iref=iref))


@pytest.mark.parametrize("type_", [b"udta", b"uuid", b"xml ", b"bxml", b"free", b"skip"])
def test_unknown_boxes_go(type_: bytes) -> None:
    hidden = box(type_, b"Ada Lovelace, exif:GPSLatitude")
    for content in (PLAIN + hidden, FTYP + hidden, avif(picture_item(), more=hidden)):
        result = strip_metadata(content, BY_PILLOW_NAME["AVIF"])
        assert result.removed == ("location", "other")
        assert b"Ada" not in result.content
    strip(PLAIN + hidden, "AVIF")


def test_free_space_that_is_empty_stays() -> None:
    assert strip(PLAIN + box(b"free", bytes(9)), "AVIF").removed == ()


def test_xmp_in_a_box_of_its_own_goes() -> None:
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    result = strip(PLAIN + box(b"uuid", uuid, PACKET), "AVIF")
    assert result.removed == ("location", "xmp")


def test_descriptions_among_the_properties_go() -> None:
    described = box(b"iprp", box(b"ipco", full(b"udes", b"en\x00Ada\x00\x00\x00")))
    content = FTYP + full(b"meta", described)
    result = strip_metadata(content, BY_PILLOW_NAME["AVIF"])
    assert result.removed == ("other",)
    assert b"Ada" not in result.content


def test_a_sequence_keeps_its_frames() -> None:
    images = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime")]
    exif = camera_exif()  # Pillow 13.0 crashes when it writes a sequence that is turned
    content = picture("AVIF", (16, 16), save_all=True, append_images=images, exif=exif, xmp=PACKET)
    result = strip(content, "AVIF")
    assert result.removed == ("exif", "location", "xmp")
    assert SERIAL.encode() not in result.content
    moving = (FILES / "avif-colors-animated-8bpc.avif").read_bytes()
    assert strip(moving, "AVIF").removed == ()


def track(handler: bytes, offset: int, *more: bytes) -> bytes:
    table = box(b"stbl", full(b"stco", struct.pack(">II", 1, offset)))
    media = box(b"mdia", full(b"hdlr", bytes(4), handler, bytes(13)), box(b"minf", table))
    return box(b"moov", box(b"trak", media, *more))


def test_what_a_track_says_beside_its_pictures_goes() -> None:
    hidden = box(b"udta", b"Ada Lovelace")
    content = FTYP + track(b"pict", 40, hidden) + box(b"mdat", bytes(300))
    result = strip_metadata(content, BY_PILLOW_NAME["AVIF"])
    assert result.removed == ("other",)
    assert b"Ada" not in result.content


def test_metadata_of_a_movie_and_of_its_tracks_goes() -> None:
    file = avif(Part(b"Exif", (bytes(4) + EXIF,), in_idat=True))
    (size,) = struct.unpack_from(">I", file, len(FTYP))
    meta = file[len(FTYP) : len(FTYP) + size]
    for movie in (track(b"pict", 8, meta), box(b"moov", meta)):
        result = strip_metadata(FTYP + movie, BY_PILLOW_NAME["AVIF"])
        assert result.removed == ("exif", "location")
        assert SERIAL.encode() not in result.content


@pytest.mark.parametrize(
    "movie",
    [
        track(b"meta", 40),
        track(b"soun", 40),
        box(b"moov", box(b"trak")),
        box(b"moov", box(b"trak", box(b"mdia"))),
    ],
)
def test_a_track_of_no_pictures_is_refused(movie: bytes) -> None:
    refused(FTYP + movie)


def test_nothing_goes_that_a_picture_needs() -> None:
    # Metadata in the picture's bytes, in the boxes themselves, and beyond the file.
    for shift in (-20, -300, 10_000):
        refused(avif(picture_item(), exif_item(EXIF), shift=shift))
    # A picture in a box that would go, or behind all boxes.
    refused(PLAIN.replace(b"mdat", b"junk"))
    at = PLAIN.index(b"mdat") - 4
    refused(PLAIN[:at] + b"\xff\xff" + PLAIN[at:])
    hidden = box(b"udta", bytes(300))
    refused(FTYP + hidden + track(b"pict", len(FTYP) + 20))


def test_what_follows_the_end_goes() -> None:
    result = strip(PLAIN + b"PK\x03\x04 and more", "AVIF")
    assert (result.removed, result.content) == (("trailer",), PLAIN)


@pytest.mark.parametrize("size", [0, 1])
def test_boxes_of_every_size_are_understood(size: int) -> None:
    content = avif(picture_item(), xmp_item(PACKET))
    at = content.index(b"mdat") - 4
    if size == 0:
        content = content[:at] + bytes(4) + content[at + 4 :]
    else:
        content += struct.pack(">I4sQ", 1, b"free", 20) + b"hide"
    result = strip(content, "AVIF")
    assert "xmp" in result.removed
    assert b"hide" not in result.content


ITEM = full(b"infe", b"\x00\x01\x00\x00av01\x00", version=2)


@pytest.mark.parametrize(
    "inside",
    [
        full(b"iinf", b"\x00\x01", full(b"infe", b"\x00\x01\x00\x00av01\x00", version=1)),
        full(b"iinf", b"\x00\x01", box(b"free", bytes(9))),
        full(b"iinf", b"\x00\x02", ITEM, ITEM),
        full(b"iinf", b"\x00\x01", full(b"infe", b"\x00\x01\x00\x00av01no end", version=2)),
        full(b"iinf") * 2,
        full(b"iloc", b"\x00\x00\x00\x01\x00\x01\x00\x00\xff\xff"),
        full(b"iloc", b"\x44\x00\x00\x02" + b"\x00\x01\x00\x00\x00\x00" * 2),
        full(b"iloc", b"\x44\x00\x00\x01\x00\x01\x00\x07\x00\x00"),
        full(b"iloc", b"\x44\x00\x00\x01\x00\x01\x00\x02\x00\x00\x00\x00", version=1),
        full(b"iloc", b"\x44\x00\x00\x01\x00\x01\x00\x01\x00\x00\x00\x00", version=1),
        full(b"iloc", b"\x44\x00\x00\x00", version=3),
        full(b"iloc", b"\x44\x00\xff\xff"),
        full(b"iloc", bytes(1024 * 1024)),
        full(b"iref", b"\x00\x00\x00\x07"),
        box(b"iprp", box(b"ipco", b"\x00\x00\x00\x07free")),
        box(b"free") * 100_001,
    ],
)
def test_tables_that_are_not_understood_are_refused(inside: bytes) -> None:
    refused(FTYP + full(b"meta", inside))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 64,
        PLAIN[len(FTYP) :],
        FTYP + full(b"meta") * 2,
        FTYP + box(b"meta", b"\x00"),
        FTYP + box(b"free") * 100_001,
    ],
)
def test_what_is_not_understood_is_refused(content: bytes) -> None:
    refused(content)
