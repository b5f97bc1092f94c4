"""Choose how many examples Hypothesis tries: few, or many with `--hypothesis-profile=thorough`."""

import math

from hypothesis import settings

_FEWEST = 3


def register_profiles() -> None:
    """Register both profiles, and load `quick` unless the command line names the other."""
    settings.register_profile("thorough", max_examples=100, deadline=None)
    # The same examples each time: a quick run fails because of a change, not by chance.
    settings.register_profile("quick", max_examples=10, deadline=None, derandomize=True)
    settings.load_profile("quick")


def examples(count: int) -> int:
    """Return how many examples a test tries that deserves another number than the profile's.

    Args:
        count: in the profile `thorough`; in `quick` there is a tenth.
    """
    return max(_FEWEST, math.ceil(count * settings().max_examples / 100))
