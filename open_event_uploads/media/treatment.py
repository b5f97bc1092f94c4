"""What is done with a file that comes in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from open_event_uploads.media.policy import Policy
from open_event_uploads.media.preset import Preset


@dataclass(frozen=True, slots=True)
class Treatment:
    """What the settings say of files that come in.

    Args:
        policy: what may be stored.
        strips: whether what tells about people is taken out.
        presets: the variants to make at once; none where they are made when first fetched.
        lease: how long new ones are kept where nobody says; None for good.
    """

    policy: Policy
    strips: bool = True
    presets: Sequence[Preset] = ()
    lease: timedelta | None = None
