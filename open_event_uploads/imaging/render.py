"""Render an image in another size: upright, without metadata, in its own colours."""

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageFile

from open_event_uploads.errors import CorruptImage
from open_event_uploads.imaging.colours import profile_to_keep, to_eight_bits
from open_event_uploads.imaging.formats import ImageFormat
from open_event_uploads.imaging.frames import first_frame, frame_numbers
from open_event_uploads.imaging.hdr import hdr_profile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.orientation import QUARTER_TURNS, orientation_of, upright
from open_event_uploads.imaging.pillow import PILLOW_FORMATS, allow_pixels
from open_event_uploads.imaging.plain_png import plain_picture
from open_event_uploads.imaging.preset import Preset

_OPTIONS: dict[str, dict[str, Any]] = {
    "image/webp": {"method": 4},
    "image/jpeg": {"progressive": True, "optimize": True},
    "image/png": {"compress_level": 6},
    # One thread, so that the bytes do not depend on the machine.
    "image/avif": {"speed": 6, "max_threads": 1},
    "image/gif": {"disposal": 2},
}
_WITHOUT_QUALITY = frozenset({"image/png", "image/gif"})
_ANIMATED = frozenset({"image/webp", "image/gif", "image/png"})
_OPAQUE = "image/jpeg"

_FRAME_MILLISECONDS = 100

Size = tuple[int, int]


def render(content: bytes, preset: Preset, source: ImageFormat) -> bytes:
    """Render one size of an inspected image; an animation stays one if the new format allows it.

    Returns:
        The bytes of the result, upright (EXIF 2.32, "Orientation"), with no metadata but a colour
        profile.

    Raises:
        CorruptImage: the bytes are damaged.
    """
    # The image was inspected under an earlier policy, which may have allowed more.
    allow_pixels()
    try:
        return _render(content, preset, preset.format_of(source))
    except Exception as error:  # a decoder may raise anything
        raise CorruptImage("The image is damaged.") from error


def _render(content: bytes, preset: Preset, target: ImageFormat) -> bytes:
    content = plain_picture(IncomingFile(content)).read()
    with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
        if profile := hdr_profile(content):
            image.info["icc_profile"] = profile
        options = {**_OPTIONS[target.media_type], "icc_profile": profile_to_keep(image) or b""}
        if target.media_type not in _WITHOUT_QUALITY:
            options["quality"] = preset.quality
        if target.media_type in _ANIMATED and len(numbers := frame_numbers(image)) > 1:
            frames, durations = zip(*_iter_frames(image, numbers, preset), strict=True)
            options |= {"save_all": True, "append_images": frames[1:]}
            options |= {"duration": list(durations), "loop": image.info.get("loop", 1)}
            return _encode(frames[0], target, options)
        opaque = target.media_type == _OPAQUE
        return _encode(_render_still(image, preset, opaque=opaque), target, options)


def _render_still(image: ImageFile.ImageFile, preset: Preset, *, opaque: bool) -> Image.Image:
    """Return an image, or the first frame of an animation, as it is shown, fitted."""
    size = image.size
    if image.format in {"JPEG", "MPO"}:
        _draft(image, preset)
    image.load()
    orientation = orientation_of(image)
    if start := first_frame(image):
        image.seek(start)
        image.load()
    original = size[::-1] if orientation in QUARTER_TURNS else size
    return _fit(to_eight_bits(upright(image, orientation)), preset, original, opaque=opaque)


def _draft(image: ImageFile.ImageFile, preset: Preset) -> None:
    """Let a JPEG shrink while it is decoded, to twice the size so that it can be filtered."""
    order = -1 if orientation_of(image) in QUARTER_TURNS else 1
    width, height = preset.size_of(*image.size[::order])[::order]
    image.draft(None, (2 * width, 2 * height))


def _iter_frames(
    image: ImageFile.ImageFile, numbers: range, preset: Preset
) -> Iterator[tuple[Image.Image, int]]:
    """Iterate over the frames as they are shown, fitted, with their durations in milliseconds."""
    size = image.size
    for number in numbers:
        image.seek(number)
        image.load()
        # A later frame of a GIF may lie partly outside its screen, and Pillow then enlarges it.
        shown = upright(image.crop((0, 0, *size)), orientation_of(image))
        frame = _fit(to_eight_bits(shown), preset, shown.size, opaque=False)
        yield frame, int(image.info.get("duration") or _FRAME_MILLISECONDS)


def _fit(image: Image.Image, preset: Preset, original: Size, *, opaque: bool) -> Image.Image:
    """Fit the image into the size that the preset gives an original of this size."""
    size = preset.size_of(*original)
    if preset.fit == "contain":
        return _add_margin(image, size, original, opaque=opaque)
    box = _crop(image.size, size, preset) if preset.fit == "cover" else None
    return _flatten(_resize(image, size, box)) if opaque else _resize(image, size, box)


def _crop(image: Size, size: Size, preset: Preset) -> tuple[float, float, float, float]:
    """Return the box of the largest part of an image that has the aspect ratio of a size."""
    width = min(image[0], image[1] * size[0] / size[1])
    height = min(image[1], image[0] * size[1] / size[0])
    left, top = (image[0] - width) * preset.focal_x, (image[1] - height) * preset.focal_y
    return left, top, left + width, top + height


def _add_margin(image: Image.Image, size: Size, original: Size, *, opaque: bool) -> Image.Image:
    scale = min(1.0, size[0] / original[0], size[1] / original[1])
    inner = (
        min(size[0], max(1, round(original[0] * scale))),
        min(size[1], max(1, round(original[1] * scale))),
    )
    canvas = Image.new("RGBA", size, (0, 0, 0, 0))
    place = ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2)
    canvas.paste(_resize(image, inner, None).convert("RGBA"), place)
    return _flatten(canvas) if opaque else canvas


def _resize(
    image: Image.Image, size: Size, box: tuple[float, float, float, float] | None
) -> Image.Image:
    if image.size == size and box is None:
        return image
    # Transparent pixels have colours too, which must not bleed into visible ones.
    premultiplied = image.convert("RGBa") if image.mode == "RGBA" else image
    small = premultiplied.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)
    return small.convert("RGBA") if image.mode == "RGBA" else small


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _encode(image: Image.Image, target: ImageFormat, options: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    image.info.clear()  # Pillow would write some of this metadata
    image.save(stream, target.pillow_names[0], **options)
    return stream.getvalue()
