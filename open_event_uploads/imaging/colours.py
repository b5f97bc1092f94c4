"""Convert an image to colours that every format can have."""

import io

from PIL import Image, ImageCms

from open_event_uploads.imaging.pillow import MAX_PROFILE_BYTES

# A longer one would outweigh a small image: profiles of cameras and displays have 3 KB, those of
# printers 1 MB.
_MAX_KEPT_BYTES = 16 * 1024
_KEPT_MODES = frozenset({"RGB", "RGBA", "RGBX", "P", "PA"})

# ICC.1:2022, section 7.2: where a profile names its colour space.
_COLOUR_SPACE = slice(16, 20)


def to_eight_bits(image: Image.Image) -> Image.Image:
    """Convert to RGB or RGBA, and to sRGB unless the image's own profile can be kept."""
    if image.mode.startswith(("I", "F")):
        image = image.convert("F").point(lambda level: level / 257 + 0.5).convert("L")
    profile = image.info.get("icc_profile")
    if profile and not profile_to_keep(image):
        image = to_srgb(image, profile)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def profile_to_keep(image: Image.Image) -> bytes | None:
    """Return the colour profile if it is short, and the result has the same colour space."""
    profile: bytes = image.info.get("icc_profile") or b""
    fits = image.mode in _KEPT_MODES and profile[_COLOUR_SPACE] == b"RGB "
    return profile if fits and len(profile) <= _MAX_KEPT_BYTES else None


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert to sRGB; return the same image if its colours are not those of the profile."""
    if len(profile) > MAX_PROFILE_BYTES:
        return image
    coloured, opacity = image, None
    if image.mode in _KEPT_MODES:
        coloured = image.convert("RGB")
        if image.has_transparency_data:
            opacity = image.convert("RGBA").getchannel("A")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        found = ImageCms.profileToProfile(coloured, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # ignore a damaged profile, and one of another colour space
    if found is None:
        return image
    if opacity is not None:
        found.putalpha(opacity)
    return found
