"""Make animations whose frames no writer merges."""

import io

from PIL import Image


def animation(frames: int, name: str, size: tuple[int, int] = (8, 8)) -> bytes:
    """Make dark and light frames in turns, each of its own colour, lossless if possible."""
    images = [
        Image.new("RGB", size, (n % 256, n // 256, 200 if n % 2 else 20)) for n in range(frames)
    ]
    options: dict[str, object] = {"lossless": True} if name == "WEBP" else {}
    stream = io.BytesIO()
    images[0].save(
        stream,
        name,
        save_all=True,
        append_images=images[1:],
        duration=20,
        **options,
    )
    return stream.getvalue()
