"""Make images in code."""

import io
import struct
import zlib

from PIL import Image, ImageDraw


def picture(
    format_: str = "PNG", size: tuple[int, int] = (12, 8), colour: str = "teal", **options: object
) -> bytes:
    """Make a picture of one colour, in any format that Pillow writes."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, format_, **options)
    return stream.getvalue()


def landscape(
    sky: str, sun: str, size: tuple[int, int] = (1200, 800), format_: str = "JPEG"
) -> bytes:
    """Draw hills under a sun: a picture that people can tell from others."""
    width, height = size
    image = Image.new("RGB", size, sky)
    draw = ImageDraw.Draw(image)
    draw.circle((width * 0.7, height * 0.3), height * 0.14, fill=sun)
    for n, colour in enumerate(("#5b6f68", "#37474f", "#22303a")):
        top = height * (0.55 + 0.13 * n)
        draw.ellipse((-width * (0.6 - 0.35 * n), top, width * (0.7 + 0.35 * n), height * 2), colour)
    stream = io.BytesIO()
    image.save(stream, format_)
    return stream.getvalue()


def noise(size: tuple[int, int], quality: int = 80) -> bytes:
    """Make a JPEG that does not compress well."""
    stream = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def animation(frames: int, format_: str = "GIF", size: tuple[int, int] = (4, 4)) -> bytes:
    """Make an animation whose frames differ, so that no writer merges them."""
    images = [Image.new("RGB", size, (n % 256, n // 256, 90)) for n in range(frames)]
    stream = io.BytesIO()
    images[0].save(stream, format_, save_all=True, append_images=images[1:], duration=20)
    return stream.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """Make a PNG of a header and an end, with nothing between them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND")


def chunk(name: bytes, content: bytes = b"") -> bytes:
    """Make a chunk of a PNG."""
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
