"""Test that `make bench-check` calls slower only what is worse by more than the noise."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.check import is_slower, main, report
from bench.result import Result, pooled
from bench.table import as_json, results_of
from bench.targets import PROCESSOR

_ROUNDS = st.lists(st.floats(0.01, 1000), min_size=1, max_size=9)
_WAYS = st.booleans()


def result(rounds: list[float], *, at_least: bool = True, unit: str = "×") -> Result:  # noqa: RUF001 - the sign for this
    return Result("a kind of work", "something", rounds, unit, at_least)


def document(*results: Result, processor: str = "a processor") -> dict[str, object]:
    found = as_json(results, {"processor": processor}, {})
    decoded: dict[str, object] = json.loads(json.dumps(found))
    return decoded


@given(rounds=_ROUNDS, at_least=_WAYS)
def test_the_same_rounds_in_any_order_are_not_slower(
    rounds: list[float], *, at_least: bool
) -> None:
    before = result(rounds, at_least=at_least)
    assert not is_slower(before, replace(before, rounds=sorted(rounds)))


@given(before=_ROUNDS, now=_ROUNDS, at_least=_WAYS)
def test_of_two_runs_one_at_most_is_slower(
    before: list[float], now: list[float], *, at_least: bool
) -> None:
    first, second = (result(each, at_least=at_least) for each in (before, now))
    assert not (is_slower(first, second) and is_slower(second, first))


@given(before=_ROUNDS, now=_ROUNDS)
def test_a_better_median_is_never_slower(before: list[float], now: list[float]) -> None:
    first, second = result(before), result(now)
    assert not is_slower(first, second) or second.value < first.value


@given(rounds=_ROUNDS, factor=st.floats(0.01, 0.85))
def test_every_round_worse_than_the_worst_before_is_slower(
    rounds: list[float], factor: float
) -> None:
    worst = min(rounds) * factor
    assert is_slower(result(rounds), result([worst] * len(rounds)))


@given(rounds=_ROUNDS, factor=st.floats(0.01, 0.85))
def test_what_is_to_be_small_is_slower_when_it_is_larger(
    rounds: list[float], factor: float
) -> None:
    worst = max(rounds) / factor
    assert is_slower(result(rounds, at_least=False), result([worst] * len(rounds), at_least=False))


def test_more_processor_time_is_slower() -> None:
    before, now = (Result(PROCESSOR, "floor", each) for each in ([1.7, 1.8], [2.1, 2.2]))
    assert is_slower(before, now)
    assert not is_slower(now, before)


def test_rounds_that_overlap_are_noise() -> None:
    assert not is_slower(result([0.5, 0.7, 0.9]), result([0.3, 0.5, 0.7]))


def test_less_than_a_tenth_is_noise() -> None:
    assert not is_slower(result([1.0, 1.0, 1.0]), result([0.92, 0.92, 0.92]))


def test_the_slower_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert not report(document(result([1.0, 1.1])), document(result([0.5, 0.6])))
    assert "slower: a kind of work, against something: 1.05 × before, 0.55 × now" in (  # noqa: RUF001 - the sign for this
        capsys.readouterr().out
    )


def test_seconds_of_another_machine_are_not_compared() -> None:
    before = document(result([1.0], at_least=False, unit="s"), processor="another")
    assert report(before, document(result([9.0], at_least=False, unit="s")))


def test_the_status_says_so(tmp_path: Path) -> None:
    before, now = tmp_path / "before.json", tmp_path / "now.json"
    before.write_text(json.dumps(document(result([1.0]))))
    now.write_text(json.dumps(document(result([0.5]))))
    assert CliRunner().invoke(main, [str(before), str(now)]).exit_code == 1
    assert CliRunner().invoke(main, [str(before), str(before)]).exit_code == 0


def test_a_second_run_adds_its_rounds() -> None:
    first, other = result([1.0, 2.0]), replace(result([5.0]), row="another kind of work")
    assert pooled([first, other], [result([3.0])]) == [result([1.0, 2.0, 3.0]), other]


def test_what_is_written_is_what_is_read() -> None:
    written = result([0.25, 0.5, 1.0], at_least=False)
    assert results_of(document(written)) == [written]
