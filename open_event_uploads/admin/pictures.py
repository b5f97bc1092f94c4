"""What is shown of an upload: its picture in a size that fits, and addresses that work."""

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
class Shown:
    """A picture on a page.

    Args:
        url: that opens for whoever has the page.
        width, height: pixels; None where it has no such thing.
    """

    url: str
    width: int | None = None
    height: int | None = None


def open_url(upload: Upload, key: str) -> str:
    """An address of a file or of its variant; a private one's works for a quarter of an hour.

    The cookie of these pages is sent to no other address, and files may lie on another host.
    """
    return file_addresses(upload, [key], USUAL)[0][0]


def picture(upload: Upload, *, least: int) -> Shown | None:
    """What shows an upload, at least so many pixels wide where there is such a size.

    Returns:
        A variant with the shape of the original; the original, where it has no variants and is a
        picture all the same; None for other files, and where nobody gets the bytes.
    """
    if upload.status != "ready":
        return None
    variants = sorted(variants_of(upload, current_presets()), key=lambda each: each.width)
    whole = [each for each in variants if each.preset.fit == "inside"] or variants
    if not whole:
        is_drawing = upload.media_type == SVG.media_type or upload.width is not None
        return Shown(open_url(upload, upload.key)) if is_drawing else None
    best = next((each for each in whole if each.width >= least), whole[-1])
    return Shown(open_url(upload, best.key), best.width, best.height)


def sizes(upload: Upload) -> list[Variant]:
    """Every variant, the smallest first."""
    found = variants_of(upload, current_presets())
    return sorted(found, key=lambda each: (each.width * each.height, each.name))


def kind(media_type: str) -> str:
    """`PNG`, `PDF`: what people call a media type."""
    return media_type.rpartition("/")[2].partition("+")[0].rpartition(".")[2].upper()
