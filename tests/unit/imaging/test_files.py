"""Inspect the real files in the project (`tests/files/README.md` states their origins)."""

import pytest

from open_event_uploads.errors import CorruptImage
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from tests.corpus import FILES

POLICY = FilePolicy(MEDIA_TYPES, max_bytes=1_000_000, max_pixels=1_000_000)


@pytest.mark.parametrize(
    ("name", "media_type", "size", "frames"),
    [
        ("ljt-testorig.jpg", "image/jpeg", (227, 149), 1),
        ("irs-test.jpg", "image/jpeg", (32, 23), 1),
        ("irs-exif-xmp-metadata.jpg", "image/jpeg", (5, 5), 1),
        ("avif-paris_exif_orientation_5.jpg", "image/jpeg", (302, 403), 1),
        ("png-basn3p04.png", "image/png", (32, 32), 1),
        ("png-basn6a16.png", "image/png", (32, 32), 1),
        ("png-ibasn0g16.png", "image/png", (32, 32), 1),
        ("irs-dispose-previous-blend-source.png", "image/png", (3, 1), 3),
        ("gif-treescap-interlaced.gif", "image/gif", (40, 40), 1),
        ("irs-any-disposal.gif", "image/gif", (32, 32), 5),
        ("irs-lossy_alpha.webp", "image/webp", (100, 100), 1),
        ("irs-anim.webp", "image/webp", (200, 200), 6),
        ("avif-white_1x1.avif", "image/avif", (1, 1), 1),
        ("avif-abc_color_irot_alpha_irot.avif", "image/avif", (256, 512), 1),
        ("avif-colors-animated-8bpc.avif", "image/avif", (150, 150), 5),
    ],
)
def test_a_good_file_is_described(
    name: str, media_type: str, size: tuple[int, int], frames: int
) -> None:
    facts = inspect_image(IncomingFile((FILES / name).read_bytes()), POLICY)
    assert facts.format.media_type == media_type
    assert (facts.width, facts.height) == size
    assert facts.frames == frames


@pytest.mark.parametrize("name", ["png-badcrc.png", "png-huge_IDAT.png", "half-webp.webp"])
def test_a_damaged_file_is_refused(name: str) -> None:
    with pytest.raises(CorruptImage):
        inspect_image(IncomingFile((FILES / name).read_bytes()), POLICY)


def test_each_file_has_its_origin_and_licence_in_the_readme() -> None:
    readme = (FILES / "README.md").read_text("utf-8")
    listed = {line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")}
    assert listed == {each.name for each in FILES.iterdir()} - {"README.md"}
