"""Messages between the server and a decoder; the bytes of files are sent beside them."""

from typing import Self

import msgspec

from open_event_uploads.errors import (
    CorruptImage,
    RefusedFile,
    TooManyFrames,
    TooManyPixels,
    UnsupportedFileType,
)
from open_event_uploads.imaging.decoder.limits import Limits
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.inspect import ImageFacts
from open_event_uploads.imaging.placeholder import Placeholder
from open_event_uploads.imaging.policy import Policy
from open_event_uploads.imaging.preset import Preset

_REFUSALS = {
    each.code: each for each in (UnsupportedFileType, TooManyPixels, TooManyFrames, CorruptImage)
}


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """A task: call `inspect_image`."""

    policy: Policy


class Render(msgspec.Struct, frozen=True, tag=True):
    """A task: call `render`.

    Args:
        preset: the size.
        media_type: of the file.
    """

    preset: Preset
    media_type: str


Task = Inspect | Render


class Job(msgspec.Struct, frozen=True):
    """A task and its limits."""

    task: Task
    limits: Limits


class Facts(msgspec.Struct, frozen=True, tag=True):
    """An answer: `ImageFacts`, with the media type of the format."""

    media_type: str
    width: int
    height: int
    frames: int
    placeholder: Placeholder

    def __post_init__(self) -> None:
        """Check the format; msgspec reports a ValueError as its own."""
        if self.media_type not in BY_MEDIA_TYPE:
            raise ValueError("an unknown format")

    @classmethod
    def of(cls, facts: ImageFacts) -> Self:
        """Make the message for these facts."""
        name = facts.format.media_type
        return cls(name, facts.width, facts.height, facts.frames, facts.placeholder)

    def facts(self) -> ImageFacts:
        """Return the facts."""
        format_ = BY_MEDIA_TYPE[self.media_type]
        return ImageFacts(format_, self.width, self.height, self.frames, self.placeholder)


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

    @classmethod
    def of(cls, error: RefusedFile) -> Self:
        """Make the message for this error."""
        return cls(error.code, error.detail, error.limit, error.actual)

    def error(self) -> RefusedFile:
        """Return the error."""
        return _REFUSALS[self.code](self.detail, limit=self.limit, actual=self.actual)


Answer = Facts | Rendered | Refused
