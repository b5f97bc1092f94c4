"""`kill -9` at every step of everything that writes, on both stacks.

Each operation is begun again and again, killed at its first step, at its second, and so on, until
it comes to its end. After each, a new server must have every upload that was acknowledged, byte for
byte, no row without bytes, and after a sweep no object without a row.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import open_event_uploads
from open_event_uploads.fault_points import STEPS, VARIABLE
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.storage.local import LocalStorage
from tests.faults.deployment import Deployment
from tests.faults.operations import (
    Operation,
    announce,
    assert_sound,
    create,
    delete,
    empty_previous,
    hide,
    make_a_variant,
    move,
    publish,
    publish_what_is_no_image,
    quarantine,
    replace,
    sweep,
    upload,
)
from tests.faults.resumable import append_much, begin_and_append, concatenate, finish, terminate
from tests.stacks import STACKS

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("has both stacks by itself"),
]

PUT = ["put.begin", "put.written", "put.flushed", "put.named", "put.done"]
PUT_S3 = ["put.begin", "put.done"]
COMMIT = ["commit.begin", "commit.done"]
APPEND = ["append.written", "append.flushed"]
DISCARD = ["discard.begin", "discard.variants", "discard.done"]


@pytest.fixture(params=["default", "cloud"])
def stack(request: pytest.FixtureRequest) -> Iterator[dict[str, object]]:
    """The settings of SQLite and a folder, then of PostgreSQL and S3."""
    with ExitStack() as parts:
        settings: dict[str, object] = {}
        for name in STACKS[request.param]:
            part = request.getfixturevalue(name)
            settings |= parts.enter_context(part.settings_of(request.node.name))
        yield settings


@pytest.fixture
def deployment(tmp_path: Path, stack: dict[str, object]) -> Iterator[Deployment]:
    found = Deployment(tmp_path, stack)
    yield found
    found.close()


@pytest.fixture
def moving(tmp_path: Path, stack: dict[str, object]) -> Iterator[Deployment]:
    """One whose objects are on their way out of a folder."""
    found = Deployment(tmp_path, {**stack, "storage_previous_url": f"file://{tmp_path}/previous"})
    yield found
    found.close()


# What each passes on its way to the end, on SQLite and a folder and on PostgreSQL and S3.
STEPS_OF: dict[Operation, tuple[list[str], list[str]]] = {
    create: ([*PUT, *COMMIT], [*PUT_S3, *COMMIT]),
    replace: ([*PUT, *COMMIT, *DISCARD], [*PUT_S3, *COMMIT, *DISCARD]),
    delete: ([*COMMIT, *DISCARD], [*COMMIT, *DISCARD]),
    hide: ([*PUT, *COMMIT, *DISCARD], [*PUT_S3, *COMMIT, *DISCARD]),
    make_a_variant: (PUT, PUT_S3),
    sweep: (
        [*COMMIT, *DISCARD, *COMMIT, "sweep.remove", *COMMIT],
        [*COMMIT, *DISCARD, *COMMIT, "sweep.remove", *COMMIT],
    ),
    quarantine: (COMMIT, COMMIT),
}
STEPS_OF_DIRECT: dict[Operation, list[str]] = {
    announce: COMMIT,
    publish: ["publish.read", *PUT_S3, *COMMIT, *DISCARD],
    publish_what_is_no_image: ["publish.read", *COMMIT, *DISCARD],
}


MOVED = [*PUT, "move.copied", "move.compared"]
MOVED_TO_S3 = [*PUT_S3, "move.copied", "move.compared"]
STEPS_OF_MOVES: dict[Operation, tuple[list[str], list[str]]] = {
    move: (MOVED, MOVED_TO_S3),
    empty_previous: (["move.remove"], ["move.remove"]),
}


# The steps of whatever takes the lock, or acknowledges bytes, and those of a completion.
BEGUN = [*COMMIT, "resumable.begun"]
STEPS_OF_RESUMABLE: dict[Operation, tuple[list[str], list[str]]] = {
    finish: (
        [*COMMIT, *APPEND, *BEGUN, *PUT, *COMMIT, "resumable.completed"],
        [*COMMIT, *PUT_S3, *BEGUN, *PUT_S3, *COMMIT, "resumable.completed"],
    ),
    concatenate: (
        [*PUT, *COMMIT, "resumable.completed"],
        [*PUT_S3, *COMMIT, "resumable.completed"],
    ),
    terminate: ([*COMMIT * 2, "resumable.removed"], [*COMMIT * 2, "resumable.removed"]),
    # The last one: it lets all unfinished uploads expire.
    begin_and_append: ([*COMMIT * 2, *APPEND, *COMMIT], [*COMMIT * 2, *PUT_S3, *COMMIT]),
}


def name_of(operation: Operation) -> str:
    return operation.__name__


@pytest.mark.parametrize("operation", STEPS_OF, ids=name_of)
def test_nothing_is_lost_whichever_step_is_the_last(
    deployment: Deployment, operation: Operation
) -> None:
    on_folder, on_s3 = STEPS_OF[operation]
    expected = on_s3 if "storage_url" in deployment.settings else on_folder
    assert kill_at_every_step(deployment, operation) == expected


@pytest.mark.parametrize("stack", ["cloud"], indirect=True)
@pytest.mark.parametrize("operation", STEPS_OF_DIRECT, ids=name_of)
def test_nothing_is_lost_of_a_direct_upload(deployment: Deployment, operation: Operation) -> None:
    assert kill_at_every_step(deployment, operation) == STEPS_OF_DIRECT[operation]


@pytest.mark.parametrize("operation", STEPS_OF_MOVES, ids=name_of)
def test_nothing_is_lost_of_what_moves(moving: Deployment, operation: Operation) -> None:
    on_folder, on_s3 = STEPS_OF_MOVES[operation]
    expected = on_s3 if "storage_url" in moving.settings else on_folder
    assert kill_at_every_step(moving, operation) == expected


@pytest.mark.slow
@pytest.mark.parametrize("operation", STEPS_OF_RESUMABLE, ids=name_of)
def test_nothing_is_lost_of_a_resumable_upload(
    deployment: Deployment, operation: Operation
) -> None:
    on_folder, on_s3 = STEPS_OF_RESUMABLE[operation]
    is_cloud = "storage_url" in deployment.settings
    # Starting again takes seconds there; begun and given up are rows alone, as on a folder.
    stride = 3 if is_cloud and operation in {begin_and_append, terminate} else 1
    passed = kill_at_every_step(deployment, operation, stride)
    assert passed == (on_s3 if is_cloud else on_folder)


@pytest.mark.slow
def test_nothing_is_lost_of_a_long_request(deployment: Deployment) -> None:
    # How many parts it comes in, and so how often it is written, differs.
    passed = kill_at_every_step(deployment, append_much, stride=3)
    assert "append.acknowledge" in passed[:-4]


def kill_at_every_step(deployment: Deployment, operation: Operation, stride: int = 1) -> list[str]:
    """The steps that an operation passes, at each of which (or each `stride`) it was killed."""
    witness = upload(deployment)
    for step in range(1, 40, stride):
        attempt = operation(deployment)
        with deployment.armed(str(step)):
            answer = attempt.act()
        if answer is None:
            deployment.notice_a_kill()
        attempt.check(deployment, answer)
        assert_sound(deployment, witness)
        if answer is not None:
            assert answer == attempt.succeeds
            assert len(deployment.passed()) < step
            return deployment.passed()
    pytest.fail("it has no end")


GROWING = """
import sys
from pathlib import Path
from open_event_uploads.storage.local import LocalStorage

storage, key, size = LocalStorage(Path(sys.argv[1])), sys.argv[2], 100_000
for number in range(3):
    with storage.grow(key, lambda: None, begins=number == 0) as growing:
        growing.write(number * size, [bytes([number]) * size])
        growing.flush()
    print("acknowledged", flush=True)
"""


@pytest.mark.parametrize("step", range(1, 2 + 3 * len(APPEND)))
def test_nothing_is_lost_of_what_grows(tmp_path: Path, step: int) -> None:
    folder, key, size = tmp_path / "faults", new_partial_key(), 100_000
    folder.mkdir()
    (folder / "armed").write_text(str(step))
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", GROWING, tmp_path / "storage", key],
        env={**os.environ, VARIABLE: str(folder)},
        stdout=subprocess.PIPE,
        check=False,
        start_new_session=True,
    )
    passed = (folder / "passed").read_text().split()
    assert passed == (APPEND * 3)[:step]
    assert (done.returncode == 0) is (step > len(passed))
    flushed = done.stdout.count(b"acknowledged") * size
    storage = LocalStorage(tmp_path / "storage")
    with storage.grow(key, lambda: None, begins=False) as growing:
        growing.write(flushed, [b"the end"])
        growing.flush()
    whole = b"".join(bytes([number]) * size for number in range(flushed // size)) + b"the end"
    with storage.open(key) as reader:
        assert reader.read() == whole


def test_every_step_that_is_named_is_in_the_program_and_in_these_tests() -> None:
    package = Path(open_event_uploads.__file__).parent
    calls = [
        node.args[0].value
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reach"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert set(calls) == STEPS.keys()
    tables = [*STEPS_OF.values(), *STEPS_OF_MOVES.values(), STEPS_OF_DIRECT.values()]
    resumable = [*STEPS_OF_RESUMABLE.values(), (["append.acknowledge"],)]
    killed = {each for table in [*tables, *resumable] for steps in table for each in steps}
    assert killed == STEPS.keys()
