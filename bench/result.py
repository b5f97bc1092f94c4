"""A figure and its rounds, which the tables, the JSON, the check and the chart share."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bench.targets import TARGETS, Target

RATIO = "×"  # noqa: RUF001 - the sign for this


@dataclass(frozen=True, slots=True)
class Result:
    """A comparison of one kind of work with one reference.

    Args:
        row: the kind of work.
        against: the reference.
        rounds: the figure of each round.
        unit: of the figure: a ratio, `MiB` or `s`.
        at_least: whether more is better, if there is no target.
        seen: the values that it was made of, in words.
        details: those values and more.
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
        """Return the median of the rounds."""
        return statistics.median(self.rounds)

    @property
    def target(self) -> Target | None:
        """Return the target; None if there is none."""
        return TARGETS.get((self.row, self.against))

    @property
    def more_is_better(self) -> bool:
        """Return True if a larger value is better."""
        return self.target.at_least if self.target else self.at_least

    @property
    def is_reached(self) -> bool | None:
        """Return True if the target is reached; None if there is none."""
        return self.target.is_reached(self.value) if self.target else None

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON, with derived values for readers."""
        found: dict[str, Any] = {"row": self.row, "against": self.against, "unit": self.unit}
        found["value"] = self.value
        if self.target:
            found["target"] = {"bound": self.target.bound, "at_least": self.target.at_least}
            found["reached"] = self.is_reached
        found["more_is_better"] = self.more_is_better
        return found | {"seen": self.seen, "rounds": self.rounds, "details": self.details}


def from_json(found: dict[str, Any]) -> Result:
    """Read what `Result.as_json` wrote; the target is the current one."""
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
    """Return results with the rounds of a second run added."""
    more = {(each.row, each.against): each.rounds for each in again}
    return [
        replace(each, rounds=each.rounds + more.get((each.row, each.against), []))
        for each in results
    ]
