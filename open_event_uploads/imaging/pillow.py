"""Set up Pillow: the formats it may open, and its own limits behind ours."""

import warnings

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from open_event_uploads.imaging.policy import MAX_PIXELS_CEILING

# Real colour profiles are smaller, and reading one costs memory in proportion.
MAX_PROFILE_BYTES = 4 * 1024 * 1024

# Importing a plugin registers it; opening with `formats=PILLOW_FORMATS` excludes all others.
_PLUGINS = (
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    GifImagePlugin,
    WebPImagePlugin,
    AvifImagePlugin,
)
PILLOW_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")

# The default of `UPLOADS_MAX_PIXELS`.
_DEFAULT_MAX_PIXELS = 50_000_000

Image.MAX_IMAGE_PIXELS = _DEFAULT_MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
ImageFile.LOAD_TRUNCATED_IMAGES = False
# Of a PNG's compressed texts, Pillow is given colour profiles alone (`plain_png.py`).
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
# Damaged EXIF is no reason to refuse an image, nor a client's bytes a reason to warn.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def allow_pixels(max_pixels: int = MAX_PIXELS_CEILING) -> None:
    """Set how many pixels of a frame Pillow decodes in this process.

    Our own limits are checked between header and pixels. Pillow's guards what a plugin allocates
    earlier: the area that a GIF frame clears, WebP's canvas.
    """
    Image.MAX_IMAGE_PIXELS = max(_DEFAULT_MAX_PIXELS, min(max_pixels, MAX_PIXELS_CEILING))
