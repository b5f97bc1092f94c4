"""Tell which images of a file are frames of the animation that people see."""

from PIL import ImageFile


def frame_numbers(image: ImageFile.ImageFile) -> range:
    """Return the numbers of the frames, as Pillow counts the images of a file.

    The other images of a multi-picture JPEG are not frames of the first. An APNG may begin with an
    image for programs that know no animation (PNG, third edition, section 4.9); browsers pass over
    it.
    """
    count = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
    return range(first_frame(image), count)


def first_frame(image: ImageFile.ImageFile) -> int:
    """Return the number of the first frame, without looking for others, as a GIF would have to."""
    return int(getattr(image, "default_image", False))
