"""Provide images of uploads in suitable sizes, and URLs that open in a browser."""

from dataclasses import dataclass

from open_event_uploads.imaging.formats import SVG
from open_event_uploads.uploads.files.download_link import file_addresses
from open_event_uploads.uploads.files.sign_link import USUAL
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.schema_fields import media_url
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import Variant, variants_of

__all__ = ["kind", "media_url", "open_url", "picture", "sizes"]


@dataclass(frozen=True, slots=True)
class ShownImage:
    """Describe an image on a page.

    Args:
        url: opens for everybody who sees the page.
        width, height: in pixels; None if unknown.
    """

    url: str
    width: int | None = None
    height: int | None = None


def open_url(upload: Upload, key: str) -> str:
    """Return a URL of a file or a variant; for private ones it is valid for a quarter of an hour.

    The pages' cookie is not sent to it, and files may be on another host.
    """
    return file_addresses(upload, [key], USUAL)[0][0]


def picture(upload: Upload, *, least: int) -> ShownImage | None:
    """Return an image of an upload, at least this wide if there is such a size.

    Args:
        upload: to be shown.
        least: the width in pixels.

    Returns:
        A variant with the shape of the original; the original of an image without variants; None
        for other files, and for uploads that are not served.
    """
    if upload.status != "ready":
        return None
    variants = sorted(variants_of(upload, current_presets()), key=lambda each: each.width)
    whole = [each for each in variants if each.preset.fit == "inside"] or variants
    if not whole:
        is_drawing = upload.media_type == SVG.media_type or upload.width is not None
        return ShownImage(open_url(upload, upload.key)) if is_drawing else None
    best = next((each for each in whole if each.width >= least), whole[-1])
    return ShownImage(open_url(upload, best.key), best.width, best.height)


def sizes(upload: Upload) -> list[Variant]:
    """Return every variant, the smallest first."""
    found = variants_of(upload, current_presets())
    return sorted(found, key=lambda each: (each.width * each.height, each.name))


def kind(media_type: str) -> str:
    """Return the common name of a media type, such as `PNG` or `PDF`."""
    return media_type.rpartition("/")[2].partition("+")[0].rpartition(".")[2].upper()
