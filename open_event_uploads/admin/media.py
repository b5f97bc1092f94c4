"""Find a picture and the URLs of the files that a page shows of an upload."""

from dataclasses import dataclass

from open_event_uploads.imaging.formats import SVG
from open_event_uploads.uploads.files.download_link import file_addresses
from open_event_uploads.uploads.files.sign_link import USUAL
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.schema_fields import media_url
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.variant import Variant, variants_of

__all__ = ["file_url", "find_picture", "media_url", "short_type", "sorted_variants"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold a picture for a page.

    Args:
        url: opens for everybody who has the page.
        width, height: pixels; None if unknown.
    """

    url: str
    width: int | None = None
    height: int | None = None


def file_url(upload: UploadColumns, key: str) -> str:
    """Return a URL of a file or a variant; that of a private one works for a quarter of an hour.

    The cookie of these pages is sent to no other path, and files may be on another host.
    """
    return file_addresses(upload, [key], USUAL)[0][0]


def find_picture(upload: UploadColumns, *, least: int) -> Picture | None:
    """Return the smallest picture of an upload that is wide enough, else the largest.

    Args:
        upload: of any type.
        least: the width that is wanted, in pixels.

    Returns:
        A variant with the shape of the original; the original of a picture without variants;
        None for other files, and for those whose bytes nobody gets.
    """
    if upload.status != "ready":
        return None
    variants = sorted(variants_of(upload, current_presets()), key=lambda each: each.width)
    whole = [each for each in variants if each.preset.fit == "inside"] or variants
    if not whole:
        is_picture = upload.media_type == SVG.media_type or upload.width is not None
        return Picture(file_url(upload, upload.key)) if is_picture else None
    best = next((each for each in whole if each.width >= least), whole[-1])
    return Picture(file_url(upload, best.key), best.width, best.height)


def sorted_variants(upload: UploadColumns) -> list[Variant]:
    """Return all variants of an upload, the smallest first."""
    found = variants_of(upload, current_presets())
    return sorted(found, key=lambda each: (each.width * each.height, each.name))


def short_type(media_type: str) -> str:
    """Return the common name of a media type: `PNG`, `PDF`."""
    return media_type.rpartition("/")[2].partition("+")[0].rpartition(".")[2].upper()
