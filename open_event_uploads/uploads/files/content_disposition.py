"""Say in `Content-Disposition` how to show a file and what to call it (RFC 6266)."""

import re
from functools import lru_cache
from urllib.parse import quote

from werkzeug.http import dump_options_header

from open_event_uploads.imaging.formats import MEDIA_TYPES, FileFormat

# RFC 8187, section 3.2.1: `attr-char`, beside letters and digits.
_ATTR_CHARACTERS = "!#$&+-.^_`|~"

# What the plain name does without: all but printable ASCII; `"`, `\` and `%`, which some readers
# take as they stand and others as escapes (RFC 6266, appendix D); and what some system does not
# allow in the name of a file.
_UNSAFE = re.compile(r'[^ -~]|["\\%/:*?<>|]')


@lru_cache(1000)
def content_disposition(format_: FileFormat, filename: str) -> str:
    """Return the header field with the name of a file.

    `filename` is safe for readers that know no escapes, and `filename*` (RFC 8187) has the whole
    name where the two differ. A page may still show an SVG, though it is an attachment.

    Args:
        format_: of the bytes.
        filename: the client's.
    """
    name = _download_name(format_, filename)
    plain = _plain(name)
    options = {"filename": plain}
    if plain != name:
        value = quote(name, safe=_ATTR_CHARACTERS, errors="replace")
        options["filename*"] = f"UTF-8''{value}"
    return dump_options_header(disposition_type(format_), options)


def disposition_type(format_: FileFormat) -> str:
    """Return `inline` for pictures, and `attachment` for what could be more than a picture."""
    return "inline" if format_.media_type in MEDIA_TYPES else "attachment"


def _download_name(format_: FileFormat, filename: str) -> str:
    """Return the client's name with the extension of the bytes: a saved file opens as a picture."""
    extension = filename.rpartition(".")[2].lower()
    return filename if extension in format_.extensions else f"{filename}.{format_.extension}"


def _plain(name: str) -> str:
    # Some readers drop spaces around it, and a file whose name begins with a dot is hidden on Unix.
    safe = _UNSAFE.sub("_", name).strip()
    return f"_{safe}" if safe.startswith(".") else safe
