"""What a server knows of a file that it was sent, once it has looked at it and kept all of it."""

import hashlib
import io
from typing import Any

from PIL import Image

from bench.answer import WrongAnswer


def check_facts(attributes: dict[str, Any], file: bytes) -> None:
    """Compare what a server says with the file.

    Args:
        attributes: of the resource.
        file: a JPEG without metadata, which nobody has a reason to change.

    Raises:
        WrongAnswer: they differ.
    """
    with Image.open(io.BytesIO(file)) as image:
        width, height = image.size
    facts: dict[str, Any] = {
        "media-type": "image/jpeg",
        "size": len(file),
        "checksum": f"sha256:{hashlib.sha256(file).hexdigest()}",
        "width": width,
        "height": height,
    }
    said = {name: attributes.get(name) for name in facts}
    if said != facts:
        raise WrongAnswer(f"{said} instead of {facts}")
