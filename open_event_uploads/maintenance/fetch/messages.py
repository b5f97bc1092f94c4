"""Messages between the import and the process that fetches for it."""

import msgspec

# A frame without a message has a part of the file; the last one has an answer.
MAX_PART_BYTES = 64 * 1024


class FetchJob(msgspec.Struct, frozen=True):
    """One address, and the limits of `FetchLimits` in plain types."""

    address: str
    max_bytes: int
    total_seconds: float
    idle_seconds: float
    networks: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class FetchAnswer(msgspec.Struct, frozen=True):
    """The end of one fetch.

    Args:
        refusal: why there is no file; empty if all of it was sent.
    """

    refusal: str = ""
