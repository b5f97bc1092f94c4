"""One figure with what it was made of: what the table, the JSON, the check and the chart share."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bench.targets import TARGETS, Target

RATIO = "×"  # noqa: RUF001 - the sign for this


@dataclass(frozen=True, slots=True)
class Result:
    """How one kind of work compares with one thing.

    Args:
        row: the kind of work.
        against: what it is compared with.
        rounds: the figure of each round.
        unit: of the figure: a ratio, `MiB` or `s`.
        at_least: whether more is better, where nothing is to be reached.
        seen: what it was made of, in words.
        details: the same and more, as figures.
    """

    row: str
    against: str
    rounds: list[float]
    unit: str = RATIO
    at_least: bool = True
    seen: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rounds)

    @property
    def target(self) -> Target | None:
        """What is to be reached; None where the figure only informs."""
        return TARGETS.get((self.row, self.against))

    @property
    def more_is_better(self) -> bool:
        """Which way is up."""
        return self.target.at_least if self.target else self.at_least

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is; None where there is none."""
        return self.target.is_reached(self.value) if self.target else None

    def as_json(self) -> dict[str, Any]:
        """Everything, with what follows from it for people who read the file."""
        found: dict[str, Any] = {"row": self.row, "against": self.against, "unit": self.unit}
        found["value"] = self.value
        if self.target:
            found["target"] = {"bound": self.target.bound, "at_least": self.target.at_least}
            found["reached"] = self.is_reached
        found["more_is_better"] = self.more_is_better
        return found | {"seen": self.seen, "rounds": self.rounds, "details": self.details}


def from_json(found: dict[str, Any]) -> Result:
    """What `Result.as_json` wrote; targets are always today's."""
    return Result(
        found["row"],
        found["against"],
        found["rounds"],
        found["unit"],
        found["more_is_better"],
        found["seen"],
        found["details"],
    )


def pooled(results: Iterable[Result], again: Iterable[Result]) -> list[Result]:
    """Results with the rounds of a second run, where it has the same."""
    more = {(each.row, each.against): each.rounds for each in again}
    return [
        replace(each, rounds=each.rounds + more.get((each.row, each.against), []))
        for each in results
    ]
