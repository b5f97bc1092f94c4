"""List the targets: a bound for each kind of work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A bound that a result must reach.

    Args:
        bound: in the unit of the result.
        at_least: whether more is better.
    """

    bound: float
    at_least: bool

    def is_reached(self, value: float) -> bool:
        """Return True if a result is on the right side, or on the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


def _least(bound: float) -> Target:
    return Target(bound, at_least=True)


def _most(bound: float) -> Target:
    return Target(bound, at_least=False)


PROCESSOR = "processor time, upload of 20 KB"
LARGE = "raw upload, 100 MB"
RESUMABLE = "upload by tus, 1 GB in 1 MiB a request"
VARIANT = "first GET of a thumbnail, 12 megapixels"
TAIL = "p99 / p50, uploads of 20 KB"
DOCUMENTS = "memory: ten uploads of 20 MB at once"
STREAM = "memory: one raw upload of 1 GB"
RESUMABLE_MEMORY = "memory: one upload by tus of 1 GB"
DEPTH = "list by cursor, any page, 1 k and 1 M rows"
START = "start to first answer"

# By the kind of work and the reference.
TARGETS: dict[tuple[str, str], Target] = {
    ("read of one", "floor"): _least(0.25),
    ("read of one", "peer"): _least(6),
    ("list of 50", "peer"): _least(12),
    ("list of 50", "Directus"): _least(4),
    ("bytes, 20 KB", "static"): _least(0.6),
    ("upload, 20 KB", "floor"): _least(0.55),
    ("upload, 20 KB", "peer"): _least(2.2),
    ("upload, 20 KB", "Directus"): _least(4),
    (PROCESSOR, "floor"): _most(1.8),
    ("upload, 330 KB", "floor"): _least(0.85),
    ("upload, 330 KB", "peer"): _least(1.25),
    ("upload, 330 KB", "Directus"): _least(4),
    ("upload, 3.5 MB", "floor"): _least(0.9),
    ("upload, 3.5 MB", "peer"): _least(1),
    (LARGE, "cp + fsync"): _least(0.6),
    (LARGE, "cp + fsync, by form"): _least(0.5),
    (RESUMABLE, "raw upload"): _least(0.6),
    (VARIANT, "Pillow"): _most(0.9),
    (VARIANT, "thumbor"): _least(1.5),
    (TAIL, "SQLite"): _most(5),
    (TAIL, "PostgreSQL"): _most(5),
    (DOCUMENTS, "decoded bytes"): _most(2.5),
    (STREAM, "idle"): _most(32),
    (RESUMABLE_MEMORY, "idle"): _most(32),
    (RESUMABLE_MEMORY, "100 MB"): _most(8),
    (DEPTH, "each other"): _most(1.3),
    (START, "prepared"): _most(1),
}
