"""A soak run that failed can be repeated: its seed says what is sent and when the server fails."""

from itertools import islice

import pytest
from click.testing import CliRunner

from tests.faults.soak import main
from tests.schedule import faults, steps

pytestmark = pytest.mark.default_stack("has its own stacks")


def schedule(seed: int) -> list[object]:
    clients = [list(islice(steps(seed, client), 50)) for client in range(3)]
    return [*clients, list(islice(faults(seed, ["kill", "cut"], 3.0), 50))]


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert schedule(17) == schedule(17)


def test_another_seed_gives_another_schedule() -> None:
    for one, other in zip(schedule(17), schedule(18), strict=True):
        assert one != other


def test_clients_of_one_seed_send_different_requests() -> None:
    first, second, third, _ = schedule(17)
    assert first != second != third != first


def test_faults_take_turns() -> None:
    assert [each.kind for each in islice(faults(17, ["kill", "cut"], 3.0), 4)] == [
        "kill",
        "cut",
    ] * 2


@pytest.mark.server
@pytest.mark.slow
def test_a_run_names_its_seed_first_and_last() -> None:
    result = CliRunner().invoke(main, ["default", "--times", "2", "--seed", "17"])
    lines = result.output.splitlines()
    assert result.exit_code == 0, result.output
    assert "--seed 17" in lines[0]
    assert "--seed 17" in lines[-1]
