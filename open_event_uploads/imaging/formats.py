"""List the formats that this program knows, with each of their names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format of files.

    Args:
        media_type: as registered with IANA.
        extension: of our storage keys, without a dot.
        extensions: of people's file names.
        served_as: the media type to serve the bytes with, if it is another.
    """

    media_type: str
    extension: str
    extensions: frozenset[str]
    served_as: str = ""

    @property
    def content_type(self) -> str:
        """The media type to serve the bytes with."""
        return self.served_as or self.media_type


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFormat(FileFormat):
    """A format of pixels.

    Args:
        pillow_names: Pillow's names of it and its variants.
        max_side: pixels of the longest side that is written and read everywhere; None for any.
    """

    pillow_names: tuple[str, ...]
    max_side: int | None = None


def _image(
    media_type: str, extensions: str, *pillow_names: str, max_side: int | None = None
) -> ImageFormat:
    first, *_ = names = extensions.split()
    return ImageFormat(
        media_type, first, frozenset(names), pillow_names=pillow_names, max_side=max_side
    )


def _file(media_type: str, extensions: str, served_as: str = "") -> FileFormat:
    first, *_ = names = extensions.split()
    return FileFormat(media_type, first, frozenset(names), served_as)


FORMATS = (
    # A multi-picture object is a JPEG followed by further JPEGs; viewers show the first.
    _image("image/jpeg", "jpg jpeg jpe jfif", "JPEG", "MPO", max_side=65_500),  # libjpeg
    _image("image/png", "png apng", "PNG"),
    _image("image/gif", "gif", "GIF", max_side=65_535),
    _image("image/webp", "webp", "WEBP", max_side=16_383),
    _image("image/avif", "avif avifs", "AVIF", max_side=32_768),  # libavif
)
BY_MEDIA_TYPE = {each.media_type: each for each in FORMATS}
BY_EXTENSION = {each.extension: each for each in FORMATS}
BY_PILLOW_NAME = {name: each for each in FORMATS for name in each.pillow_names}
MEDIA_TYPES = frozenset(BY_MEDIA_TYPE)

# An image, but also a document that may hold scripts.
SVG = _file("image/svg+xml", "svg")

# Files beside images; `recognize.py` tells them apart.
FILE_FORMATS = (
    _file("application/pdf", "pdf"),
    _file("application/vnd.oasis.opendocument.presentation", "odp"),
    _file("application/vnd.oasis.opendocument.text", "odt"),
    _file("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    _file("application/vnd.ms-powerpoint", "ppt pps pot"),
    _file("application/vnd.apple.keynote", "key"),
    _file("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    _file("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    _file("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    # Text has no signature, so nothing proves that it is CSV.
    _file("text/csv", "csv", "application/octet-stream"),
    _file("audio/mpeg", "mp3"),
    _file("audio/mp4", "m4a"),
    _file("audio/ogg", "ogg oga opus"),
    _file("audio/flac", "flac"),
    _file("audio/wav", "wav"),
    _file("video/mp4", "mp4 m4v"),
    _file("video/quicktime", "mov qt"),
    _file("video/ogg", "ogv"),
    _file("video/webm", "webm"),
    _file("video/matroska", "mkv"),
)
FILES_BY_MEDIA_TYPE = {each.media_type: each for each in FILE_FORMATS}

# Names that are not registered, but sent by browsers: the one of macOS.
REGISTERED_NAMES = {"application/x-iwork-keynote-sffkey": "application/vnd.apple.keynote"}

_ALL_BY_EXTENSION: dict[str, FileFormat] = {
    each.extension: each for each in (*FORMATS, SVG, *FILE_FORMATS)
}
# Of our storage keys.
EXTENSIONS = frozenset(_ALL_BY_EXTENSION)


def format_of_key(key: str) -> FileFormat:
    """Return the format of the bytes under a storage key, whose extension we chose."""
    return _ALL_BY_EXTENSION[key.rpartition(".")[2]]
