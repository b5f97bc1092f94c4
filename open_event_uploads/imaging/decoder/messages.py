"""Messages between the server and a decoder; the bytes of files are sent beside them."""

import msgspec

from open_event_uploads.confined.limits import Limits
from open_event_uploads.errors import (
    CorruptImage,
    RefusedFile,
    TooManyFrames,
    TooManyPixels,
    UnsupportedFileType,
)
from open_event_uploads.imaging.inspect import ImageFacts
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import Preset

_REFUSALS = {
    each.code: each for each in (UnsupportedFileType, TooManyPixels, TooManyFrames, CorruptImage)
}


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """A task: call `inspect_image`."""

    policy: FilePolicy


class Render(msgspec.Struct, frozen=True, tag=True):
    """A task: call `render` with this preset, and the file's format."""

    preset: Preset
    media_type: str


Task = Inspect | Render


class Job(msgspec.Struct, frozen=True):
    """A task and its limits."""

    task: Task
    limits: Limits


class Rendered(msgspec.Struct, frozen=True, tag=True):
    """An answer: the content of the frame is the result."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """An answer: an error, whose class is named by its code."""

    code: str
    detail: str
    limit: int | None
    actual: int | None

    def __post_init__(self) -> None:
        """Check that decoders may raise this error."""
        if self.code not in _REFUSALS:
            raise ValueError("an unknown error")

    def error(self) -> RefusedFile:
        """Return the error."""
        return _REFUSALS[self.code](self.detail, limit=self.limit, actual=self.actual)


Answer = ImageFacts | Rendered | Refused
