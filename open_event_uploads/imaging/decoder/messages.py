"""What the server asks of a decoder, and what it answers; a file goes beside either."""

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
    """Look at the file: `inspect_image`."""

    policy: Policy


class Render(msgspec.Struct, frozen=True, tag=True):
    """Make the file in another size: `render`.

    Args:
        preset: what it becomes.
        media_type: what it is.
    """

    preset: Preset
    media_type: str


Task = Inspect | Render


class Job(msgspec.Struct, frozen=True):
    """A task, and what it may take."""

    task: Task
    limits: Limits


class Facts(msgspec.Struct, frozen=True, tag=True):
    """`ImageFacts`, whose format goes by its media type."""

    media_type: str
    width: int
    height: int
    frames: int
    placeholder: Placeholder

    def __post_init__(self) -> None:
        """Make sure that there is such a format; msgspec takes a ValueError for its own."""
        if self.media_type not in BY_MEDIA_TYPE:
            raise ValueError("an unknown format")

    @classmethod
    def of(cls, facts: ImageFacts) -> Self:
        """What says these facts."""
        name = facts.format.media_type
        return cls(name, facts.width, facts.height, facts.frames, facts.placeholder)

    def facts(self) -> ImageFacts:
        """The facts."""
        format_ = BY_MEDIA_TYPE[self.media_type]
        return ImageFacts(format_, self.width, self.height, self.frames, self.placeholder)


class Rendered(msgspec.Struct, frozen=True, tag=True):
    """The bytes beside this message are the result."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """One of the errors that a file is refused with; its class goes by its code."""

    code: str
    detail: str
    limit: int | None
    actual: int | None

    def __post_init__(self) -> None:
        """Make sure that a decoder may refuse a file with this."""
        if self.code not in _REFUSALS:
            raise ValueError("an unknown error")

    @classmethod
    def of(cls, error: RefusedFile) -> Self:
        """What says this error."""
        return cls(error.code, error.detail, error.limit, error.actual)

    def error(self) -> RefusedFile:
        """The error."""
        return _REFUSALS[self.code](self.detail, limit=self.limit, actual=self.actual)


Answer = Facts | Rendered | Refused
