"""What a file is called when a person saves it."""

from urllib.parse import quote

from werkzeug.http import dump_options_header

from open_event_uploads.imaging.formats import FileFormat
from open_event_uploads.uploads.file_headers import disposition

# RFC 8187, section 3.2.1: `attr-char`, beside letters and digits.
_ATTR_CHARACTERS = "!#$&+-.^_`|~"


def content_disposition(format_: FileFormat, filename: str) -> str:
    """A file name in both spellings (RFC 6266, appendix D; RFC 8187).

    In a page an SVG is shown all the same, though it is an attachment.

    Args:
        format_: of the bytes.
        filename: the client's.
    """
    name = _download_name(format_, filename)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    options = {"filename": plain}
    if plain != name:
        options["filename*"] = f"UTF-8''{quote(name, safe=_ATTR_CHARACTERS)}"
    return dump_options_header(disposition(format_), options)


def _download_name(format_: FileFormat, filename: str) -> str:
    """The client's name, ending as its bytes are: a saved picture never opens as something else."""
    extension = filename.rpartition(".")[2].lower()
    return filename if extension in format_.extensions else f"{filename}.{format_.extension}"
