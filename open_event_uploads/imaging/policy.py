"""Check files against the limits in force."""

from dataclasses import dataclass

from open_event_uploads.errors import (
    EmptyFile,
    FileTooLarge,
    TooManyFrames,
    TooManyPixels,
    UnsupportedFileType,
)

MAX_FRAMES = 500
MAX_PIXELS_OF_ALL_FRAMES = 200_000_000

# No decoder is given more pixels than this, whatever the settings.
MAX_PIXELS_CEILING = MAX_PIXELS_OF_ALL_FRAMES


@dataclass(frozen=True, slots=True)
class FilePolicy:
    """The limits in force, made from the settings.

    Args:
        media_types: of images that may be stored.
        file_types: of other files that may be stored.
        max_bytes: size of one file.
        max_pixels: width x height of one frame.
        max_frames: frames of one animation.
        max_pixels_of_all_frames: frames x width x height of one animation.
        quota_bytes: of all files of one user together; None for no limit.
        daily_bytes: that one user may send in a day, UTC; None for no limit.
    """

    media_types: frozenset[str]
    max_bytes: int
    max_pixels: int
    file_types: frozenset[str] = frozenset()
    max_frames: int = MAX_FRAMES
    max_pixels_of_all_frames: int = MAX_PIXELS_OF_ALL_FRAMES
    quota_bytes: int | None = None
    daily_bytes: int | None = None

    def check_size(self, size: int) -> None:
        """Raise `EmptyFile` or `FileTooLarge` for a number of bytes that is not allowed."""
        if size == 0:
            raise EmptyFile("The file has no bytes.")
        check_file_size(size, self.max_bytes)

    def check_media_type(self, media_type: str) -> None:
        """Raise `UnsupportedFileType` for a type that may not be stored."""
        if media_type not in self.media_types:
            raise UnsupportedFileType(f"Files of type {media_type} are not accepted here.")

    def check_frames(self, width: int, height: int, frames: int) -> None:
        """Raise `TooManyPixels` or `TooManyFrames` for an image that exceeds a limit so far."""
        pixels = width * height
        TooManyPixels.raise_beyond(
            self.max_pixels,
            pixels,
            f"The image has {width} x {height} = {pixels} pixels; {self.max_pixels} are allowed.",
        )
        TooManyFrames.raise_beyond(
            self.max_frames,
            frames,
            f"The animation has {frames} frames or more; {self.max_frames} are allowed.",
        )
        if frames > 1:
            self.check_pixels_of_all(frames * pixels)

    def check_pixels_of_all(self, pixels: int) -> None:
        """Raise `TooManyPixels` if all frames, or all images of a request, have too many."""
        TooManyPixels.raise_beyond(
            self.max_pixels_of_all_frames,
            pixels,
            f"There are {pixels} pixels in total; {self.max_pixels_of_all_frames} are allowed.",
        )


def check_file_size(size: int, max_bytes: int) -> None:
    """Raise `FileTooLarge` for a file of more than `max_bytes`."""
    FileTooLarge.raise_beyond(
        max_bytes, size, f"The file has {size} bytes; {max_bytes} are allowed."
    )
