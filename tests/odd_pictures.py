"""Make pictures as cameras, editors and screenshots leave them, oddities included."""

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms

from tests.images import chunk

# Upper left, upper right, lower left, lower right: no turn or flip leaves them as they are, and
# every codec keeps them apart.
COLOURS = ((200, 60, 50), (60, 160, 70), (50, 80, 190), (220, 200, 90))
GREYS = (230, 150, 90, 30)

# EXIF 2.32, table 9, backwards: how a camera that was held like this stores the picture.
_STORED = [None, 0, 3, 1, 5, 2, 6, 4]


@dataclass(frozen=True, slots=True)
class OddPicture:
    """A file and what people see of it.

    Args:
        content: the file.
        shown: its first frame, upright and in sRGB.
        media_type: of the file.
        frames: 1 for a still image.
        coarseness: levels, of 255, that its own coding may be apart from what is shown.
    """

    content: bytes
    shown: Image.Image
    media_type: str
    frames: int = 1
    coarseness: int = 0


def quarters(
    size: tuple[int, int] = (160, 100), colours: tuple[Any, ...] = COLOURS, mode: str = "RGB"
) -> Image.Image:
    """Draw a picture of four colours."""
    image = Image.new(mode, size, colours[0])
    width, height = size
    for number, colour in enumerate(colours):
        left, top = number % 2 * width // 2, number // 2 * height // 2
        image.paste(colour, (left, top, width, height))
    return image


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Return the picture as a camera stores it with this orientation."""
    turn = _STORED[orientation - 1]
    return image if turn is None else image.transpose(Image.Transpose(turn))


def saved(image: Image.Image, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    stream = io.BytesIO()
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "AVIF": {"quality": 95}}.get(
        format_, {}
    ) | options
    image.save(stream, format_, **options)
    return stream.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def xmp(orientation: int, *, padding: int = 0) -> bytes:
    """Make a packet that has nothing but an orientation, as Adobe's programs write it."""
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/>'
        b'</rdf:RDF></x:xmpmeta>%s<?xpacket end="w"?>' % (orientation, b" " * padding)
    )


def png_with(content: bytes, *chunks: bytes) -> bytes:
    """Insert chunks after the header of a PNG."""
    return content[:33] + b"".join(chunks) + content[33:]


def jpeg_with(content: bytes, *segments: tuple[int, bytes]) -> bytes:
    """Insert segments after the beginning of a JPEG."""
    made = [
        bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload
        for marker, payload in segments
    ]
    return content[:2] + b"".join(made) + content[2:]


def jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the marker, start and end of each segment before the scan."""
    place = 2
    while content[place + 1] != 0xDA:
        end = place + 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        yield content[place + 1], place, end
        place = end


def without_adobe_marker(content: bytes) -> bytes:
    ((start, end),) = [(s, e) for marker, s, e in jpeg_segments(content) if marker == 0xEE]
    return content[:start] + content[end:]


def raw_profile(name: str, block: bytes) -> bytes:
    """Make the text in which ImageMagick keeps a profile."""
    digits = block.hex()
    lines = "\n".join(digits[n : n + 72] for n in range(0, len(digits), 72))
    return f"\n{name}\n{len(block):8}\n{lines}\n".encode()


def text_chunk(keyword: str, text: bytes, *, compressed: bool = False) -> bytes:
    if compressed:
        return chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(text))
    return chunk(b"tEXt", keyword.encode() + b"\0" + text)


def international_text(keyword: str, text: bytes, *, compressed: bool = False) -> bytes:
    text = zlib.compress(text) if compressed else text
    return chunk(b"iTXt", keyword.encode() + b"\0" + bytes([compressed]) + b"\0\0\0" + text)


def with_wrong_crc(content: bytes, type_: bytes) -> bytes:
    """Damage the checksum of the first chunk of a type."""
    start = content.index(type_) - 4
    end = start + 12 + int.from_bytes(content[start : start + 4], "big")
    return content[: end - 1] + bytes([content[end - 1] ^ 0xFF]) + content[end:]


def srgb_profile(*, padding: int = 0) -> bytes:
    """Make a profile of sRGB, with a private tag of so many bytes that do not compress."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if not padding:
        return profile
    return _with_tag(profile, b"priv", b"data" + bytes(4) + hashlib.shake_128(b"").digest(padding))


def _with_tag(profile: bytes, name: bytes, data: bytes) -> bytes:
    """Add a tag to a profile (ICC.1:2022, section 7.3)."""
    (count,) = struct.unpack_from(">I", profile, 128)
    head, table, rest = profile[:128], profile[132 : 132 + 12 * count], profile[132 + 12 * count :]
    moved = b"".join(
        struct.pack(">4sII", tag, place + 12, size)
        for tag, place, size in struct.iter_unpack(">4sII", table)
    )
    body = rest + bytes(-len(rest) % 4)
    place = 132 + 12 * (count + 1) + len(body)
    table = struct.pack(">I", count + 1) + moved + struct.pack(">4sII", name, place, len(data))
    whole = head + table + body + data
    whole += bytes(-len(whole) % 4)
    return struct.pack(">I", len(whole)) + whole[4:]


def pq_signal(colour: tuple[int, ...]) -> tuple[int, ...]:
    """Return what HDR codes for a colour of sRGB: white has 203 nits (BT.2100, BT.2408)."""
    linear = [n / 255 / 12.92 if n < 11 else ((n / 255 + 0.055) / 1.055) ** 2.4 for n in colour]
    # ITU-R BT.2087, from BT.709 to BT.2020.
    matrix = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
    wide = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in matrix]
    powers = [(level * 203 / 10_000) ** (2610 / 16384) for level in wide]
    return tuple(
        round(255 * ((0.8359375 + 18.8515625 * each) / (1 + 18.6875 * each)) ** 78.84375)
        for each in powers
    )


def avif_of_hdr(image: Image.Image) -> bytes:
    """Make an AVIF whose values mean BT.2020 and the perceptual quantizer (ITU-T H.273)."""
    content = saved(image, "AVIF", quality=95, subsampling="4:4:4")
    place = content.index(b"nclx") + 4
    return content[:place] + struct.pack(">HH", 9, 16) + content[place + 4 :]


def frames(size: tuple[int, int] = (80, 50), count: int = 3) -> list[Image.Image]:
    """Draw the frames of an animation: the colours go round."""
    return [quarters(size, COLOURS[n:] + COLOURS[:n]) for n in range(count)]


def animation(
    format_: str,
    images: list[Image.Image],
    durations: int = 100,
    **options: Any,  # noqa: ANN401 - Pillow's own
) -> bytes:
    first, *rest = images
    if format_ == "WEBP":
        options = {"quality": 95, "method": 4} | options
    return saved(first, format_, save_all=True, append_images=rest, duration=durations, **options)


def gif_block(image: Image.Image, place: tuple[int, int], *, delay: int = 0) -> bytes:
    """Make the blocks of one frame of a GIF: delay in hundredths of a second, place, pixels."""
    single = saved(image, "GIF")
    palette_bytes = 3 << (single[10] & 7) + 1
    start = single.index(b",", 13 + palette_bytes)
    left, top = place
    descriptor = struct.pack(
        "<cHHHHB", b",", left, top, *image.size, 0x80 | single[start + 9] & 0x40 | single[10] & 7
    )
    control = b"!\xf9\x04\x04" + struct.pack("<H", delay) + b"\0\0"
    return control + descriptor + single[13 : 13 + palette_bytes] + single[start + 10 : -1]


def gif(screen: tuple[int, int], *blocks: bytes) -> bytes:
    """Make a GIF with a screen, and frames of `gif_block`."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0, 0, 0)
    loop = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if len(blocks) > 1 else b""
    return head + loop + b"".join(blocks) + b";"


def mpo(*images: bytes) -> bytes:
    """Make a multi-picture file (CIPA DC-007): JPEGs, and their index in the first."""
    first, *rest = images
    entries = 16 * len(images)
    index_bytes = 2 + 4 + 4 + 8 + 2 + 3 * 12 + 4 + entries
    first_bytes = len(first) + 2 + index_bytes
    start_of_offsets = 2 + 2 + 4
    tags = struct.pack(">H", 3)
    tags += struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    tags += struct.pack(">HHII", 0xB001, 4, 1, len(images))
    tags += struct.pack(">HHII", 0xB002, 7, entries, 8 + 2 + 36 + 4) + bytes(4)
    listed = struct.pack(">IIIHH", 0x030000, first_bytes, 0, 0, 0)
    place = first_bytes - start_of_offsets - 2
    for each in rest:
        listed += struct.pack(">IIIHH", 0, len(each), place, 0, 0)
        place += len(each)
    payload = b"MPF\0MM\0*" + struct.pack(">I", 8) + tags + listed
    return jpeg_with(first, (0xE2, payload)) + b"".join(rest)
