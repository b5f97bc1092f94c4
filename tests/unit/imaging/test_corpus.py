"""Inspect a large set of real files, good and hostile, if this machine has one."""

import pytest

from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import ImageFacts, inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from tests.corpus import VARIABLE, Specimen, corpus

SPECIMENS = corpus()

# Either verdict is fine: decoders disagree, or serving the file as what it is makes it inert.
EITHER = {"decoder-dependent", "neutralise"}

POLICY = FilePolicy(MEDIA_TYPES, max_bytes=25 * 1024**2, max_pixels=50_000_000)

pytestmark = [
    pytest.mark.skipif(
        not SPECIMENS, reason=f"{VARIABLE} names no folder with a manifest.csv; it is optional"
    ),
    # As in production: Pillow warns of odd EXIF and reads on.
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]


def verdict(specimen: Specimen) -> ImageFacts | None:
    try:
        return inspect_image(IncomingFile(specimen.path.read_bytes()), POLICY)
    except RefusedFile:
        return None


def must_be_accepted(specimen: Specimen) -> bool:
    return specimen.accepted and not specimen.tolerance and specimen.media_type in MEDIA_TYPES


def must_be_refused(specimen: Specimen) -> bool:
    return specimen.media_type not in MEDIA_TYPES or not (
        specimen.accepted or specimen.tolerance in EITHER
    )


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda each: each.path.name)
def test_each_file_gets_the_verdict_of_the_manifest(specimen: Specimen) -> None:
    facts = verdict(specimen)
    if must_be_accepted(specimen):
        assert facts is not None, f"refused: {specimen.why}"
    if must_be_refused(specimen):
        assert facts is None, f"accepted: {specimen.why}"


@pytest.mark.parametrize(
    "specimen", [each for each in SPECIMENS if each.accepted], ids=lambda each: each.path.name
)
def test_what_is_accepted_is_described_as_the_manifest_does(specimen: Specimen) -> None:
    facts = verdict(specimen)
    if facts is None:
        assert not must_be_accepted(specimen), specimen.why
        return
    assert facts.format.media_type == specimen.media_type
    expected = (specimen.width, specimen.height, specimen.frames)
    found = (facts.width, facts.height, facts.frames)
    assert all(want in {None, have} for want, have in zip(expected, found, strict=True)), (
        f"found {found}, expected {expected}"
    )
