"""A picture in another size."""

import io

from PIL import Image, ImageOps

from open_event_uploads.errors import CorruptImage
from open_event_uploads.media.inspect import DECODERS, PILLOW_FORMATS
from open_event_uploads.media.presets import Preset


def resize(content: bytes, preset: Preset, size: tuple[int, int]) -> bytes:
    """Make an image smaller; of an animation, its first frame.

    Args:
        content: an image that has been checked.
        preset: what it becomes.
        size: width and height of the result, pixels, as the preset gives them.

    Returns:
        The bytes of the result, upright (EXIF 2.32, "Orientation") and without metadata.

    Raises:
        CorruptImage: the bytes are not what was once checked.
    """
    with DECODERS:
        try:
            return _resize(content, preset, size)
        except Exception as error:  # a decoder may raise anything
            raise CorruptImage("The image is damaged.") from error


def _resize(content: bytes, preset: Preset, size: tuple[int, int]) -> bytes:
    with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
        # JPEG shrinks while it decodes; twice the width leaves something to filter.
        image.draft(None, (2 * max(size), 2 * max(size)))
        upright = ImageOps.exif_transpose(image)
        has_alpha = upright.has_transparency_data
        small = upright.convert("RGBA" if has_alpha else "RGB").resize(
            size, Image.Resampling.LANCZOS, reducing_gap=3.0
        )
        stream = io.BytesIO()
        profile = image.info.get("icc_profile") if image.mode.startswith("RGB") else None
        name = preset.format.pillow_names[0]
        small.save(stream, name, quality=preset.quality, icc_profile=profile or b"")
        return stream.getvalue()
