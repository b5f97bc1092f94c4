"""Remove metadata and keep the pixels of real files and of made ones."""

import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import FORMATS, MEDIA_TYPES, ImageFormat
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.metadata import NAMES, MetadataUnreadable, strip_metadata
from open_event_uploads.imaging.policy import FilePolicy
from tests.corpus import FILES, corpus

POLICY = FilePolicy(MEDIA_TYPES, 200 * 1024**2, 50_000_000)
SPECIMENS = [path for path in sorted(FILES.iterdir()) if path.suffix != ".md"]
REAL = [path.read_bytes() for path in SPECIMENS]
SPECIMENS += [each.path for each in corpus() if each.accepted and not each.tolerance]
FRAMES = 20


def frames(content: bytes) -> list[tuple[str, tuple[int, int], bytes]]:
    """Decode the first frames."""
    found = []
    with Image.open(io.BytesIO(content)) as image:
        count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        for number in range(min(count, FRAMES)):
            if count > 1:
                image.seek(number)
            found.append((image.mode, image.size, image.tobytes()))
    return found


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_a_real_picture_is_the_same_picture_afterwards(path: Path) -> None:
    content = path.read_bytes()
    try:
        before = inspect_image(IncomingFile(content), POLICY)
    except RefusedFile:
        pytest.skip("refused at upload")
    stripped = strip_metadata(content, before.format)
    assert set(stripped.removed) <= set(NAMES)
    if not stripped.removed:
        assert stripped.content is content
        return
    assert frames(stripped.content) == frames(content)
    after = inspect_image(IncomingFile(stripped.content), POLICY)
    assert (after.width, after.height, after.frames) == (before.width, before.height, before.frames)
    again = strip_metadata(stripped.content, before.format)
    assert again.removed == ()
    assert again.content is stripped.content


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_nothing_is_left_that_pillow_can_read(path: Path) -> None:
    content = path.read_bytes()
    try:
        facts = inspect_image(IncomingFile(content), POLICY)
    except RefusedFile:
        pytest.skip("refused at upload")
    served = strip_metadata(content, facts.format).content
    with Image.open(io.BytesIO(served)) as image:
        image.load()
        assert not {"xmp", "comment", "photoshop", "XML:com.adobe.xmp"} & image.info.keys()
        with suppress(ValueError):
            assert set(image.getexif()) <= {0x0112}
            assert not image.getexif().get_ifd(0x8825)
    assert b"<x:xmpmeta" not in served


@given(
    st.sampled_from(REAL),
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=8)), max_size=4),
    st.integers(0, 4000),
)
def test_any_bytes_are_understood_or_refused(
    content: bytes, format_: ImageFormat, changes: list[tuple[int, bytes]], cut: int
) -> None:
    changed = bytearray(content[: len(content) - cut])
    for place, noise in changes:
        changed[place : place + len(noise)] = noise
    with suppress(MetadataUnreadable):
        stripped = strip_metadata(bytes(changed), format_)
        assert strip_metadata(stripped.content, format_).removed == ()


@given(st.binary(max_size=300), st.sampled_from(FORMATS))
def test_what_is_no_picture_is_understood_or_refused(content: bytes, format_: ImageFormat) -> None:
    with suppress(MetadataUnreadable):
        strip_metadata(content, format_)
