"""Render an image in another size: upright, without metadata, in its own colours."""

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms, ImageFile

from open_event_uploads.errors import CorruptImage
from open_event_uploads.imaging.formats import ImageFormat
from open_event_uploads.imaging.orientation import QUARTER_TURNS, orientation_of, upright
from open_event_uploads.imaging.pillow import PILLOW_FORMATS, allow_pixels
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

# Real profiles are smaller, and reading one costs memory in proportion.
_MAX_PROFILE_BYTES = 2 * 1024 * 1024
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
    with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
        options = {**_OPTIONS[target.media_type], "icc_profile": _profile_to_keep(image) or b""}
        if target.media_type not in _WITHOUT_QUALITY:
            options["quality"] = preset.quality
        opaque = target.media_type == _OPAQUE
        if target.media_type in _ANIMATED and _count_frames(image) > 1:
            frames, durations = zip(*_iter_frames(image, preset), strict=True)
            options |= {"save_all": True, "append_images": frames[1:]}
            options |= {"duration": list(durations), "loop": image.info.get("loop", 1)}
            return _encode(frames[0], target, options)
        size = image.size
        if image.format in {"JPEG", "MPO"}:
            _draft(image, preset)
        image.load()
        orientation = orientation_of(image)
        original = size[::-1] if orientation in QUARTER_TURNS else size
        shown = _to_eight_bits(upright(image, orientation))
        return _encode(_fit(shown, preset, original, opaque=opaque), target, options)


def _draft(image: ImageFile.ImageFile, preset: Preset) -> None:
    """Let a JPEG shrink while it is decoded, to twice the size so that it can be filtered."""
    order = -1 if orientation_of(image) in QUARTER_TURNS else 1
    width, height = preset.size_of(*image.size[::order])[::order]
    image.draft(None, (2 * width, 2 * height))


def _count_frames(image: ImageFile.ImageFile) -> int:
    # The other images of a multi-picture JPEG are not frames of the first.
    return int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1


def _iter_frames(image: ImageFile.ImageFile, preset: Preset) -> Iterator[tuple[Image.Image, int]]:
    """Iterate over the frames as they are shown, fitted, with their durations in milliseconds."""
    for number in range(_count_frames(image)):
        image.seek(number)
        image.load()
        frame = _fit(_to_eight_bits(image), preset, image.size, opaque=False)
        yield frame, int(image.info.get("duration") or _FRAME_MILLISECONDS)


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Convert to RGB or RGBA, and to sRGB unless the image's own profile can be kept."""
    if image.mode.startswith(("I", "F")):
        image = image.convert("F").point(lambda level: level / 257 + 0.5).convert("L")
    profile = image.info.get("icc_profile")
    if profile and not _profile_to_keep(image) and image.mode in {"CMYK", "L", "LAB"}:
        image = _to_srgb(image, profile)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _profile_to_keep(image: Image.Image) -> bytes | None:
    """Return the colour profile if the result has the same colour space."""
    profile: bytes | None = image.info.get("icc_profile")
    kept = image.mode in {"RGB", "RGBA", "RGBX", "P", "PA"}
    return profile if profile and kept and len(profile) <= _MAX_PROFILE_BYTES else None


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    if len(profile) > _MAX_PROFILE_BYTES:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        found = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # ignore a damaged profile
    return found or image


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
