"""Make the pictures of docs/reference/images.md: `python examples/fits.py FOLDER`."""

import io
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.preset import FITS, Preset
from open_event_uploads.imaging.render import render

SIZE = (480, 300)
BOX = (160, 160)


def main(folder: Path) -> None:
    """Write the original picture, and one for each way to fit it into a box."""
    original = scene()
    (folder / "original.png").write_bytes(original)
    for fit in FITS:
        preset = Preset("example", *BOX, fit=fit, focal_x=0.85, encoding="png")
        made = render(original, preset, BY_MEDIA_TYPE["image/png"])
        (folder / f"{fit}.png").write_bytes(made)


def scene() -> bytes:
    """Draw a sun over a hill, to the right of the middle."""
    image = Image.new("RGB", SIZE, "#8ecae6")
    draw = ImageDraw.Draw(image)
    draw.ellipse((360, 40, 440, 120), fill="#ffb703")
    draw.ellipse((-120, 190, 360, 520), fill="#40916c")
    draw.ellipse((200, 220, 640, 520), fill="#2d6a4f")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
