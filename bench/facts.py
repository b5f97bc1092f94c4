"""Compare what a server knows about a file with the file."""

import hashlib
import io
from typing import Any

from PIL import Image

from bench.answer import WrongAnswer


def check_facts(attributes: dict[str, Any], file: bytes) -> None:
    """Compare the attributes of an upload with its file.

    Args:
        attributes: of the resource.
        file: a JPEG without metadata, which no server needs to change.

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
    found = {name: attributes.get(name) for name in facts}
    if found != facts:
        raise WrongAnswer(f"{found} instead of {facts}")
