"""The units of deploy/systemd: valid, hardened, and no stricter than the server can bear."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.documents import COLLECTION
from tests.images import picture
from tests.machine import cannot, strace
from tests.release.packages import ROOT
from tests.server import MANAGE, Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.default_stack("units know no stack"),
]

UNITS = ROOT / "deploy/systemd"
COMMON = UNITS / "open-event-uploads-.service.d/common.conf"
SERVICES = sorted(each.name for each in UNITS.glob("*.service"))
# Of systemd's own scale: 10 is exposed to everything, 9.6 what a unit without a word gets.
MOST_EXPOSURE = 1.5
_OF_MEMORY = {"mmap", "mprotect"}


@pytest.fixture
def analyze() -> str:
    return shutil.which("systemd-analyze") or cannot("these tests need systemd-analyze")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as the documentation installs them, with a program that is there."""
    folder = tmp_path / "etc/systemd/system"
    shutil.copytree(UNITS, folder, ignore=shutil.ignore_patterns("sysusers.conf"))
    for name in SERVICES:
        unit = folder / name
        unit.write_text(
            re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
        )
    return tmp_path


@pytest.mark.parametrize("unit", [*SERVICES, "open-event-uploads-sweep.timer"])
def test_a_unit_is_valid(analyze: str, installed: Path, unit: str) -> None:
    verified = run_command(
        *(analyze, "verify", "--man=no", "--recursive-errors=no", unit),
        env={"SYSTEMD_UNIT_PATH": f"{installed}/etc/systemd/system:"},
    )
    assert verified.stderr == ""


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_exposed_to_little(analyze: str, installed: Path, unit: str) -> None:
    threshold = f"--threshold={int(MOST_EXPOSURE * 10)}"
    options = ("--offline=true", "--no-pager", threshold)
    run_command(analyze, f"--root={installed}", "security", *options, unit)


def test_every_command_is_one_of_the_program() -> None:
    for name in SERVICES:
        (command,) = re.findall(r"^ExecStart=(.+)$", (UNITS / name).read_text(), re.MULTILINE)
        program, *arguments = command.split()
        assert program == "/opt/open-event-uploads/bin/open-event-uploads"
        run_command(sys.executable, MANAGE, *arguments, "--help")


@pytest.mark.server
def test_the_server_works_with_the_system_calls_that_it_is_left(
    analyze: str, tmp_path: Path
) -> None:
    """All others fail, as `SystemCallErrorNumber` says."""
    log = tmp_path / "calls"
    allowed = _allowed(analyze)
    traced = f"--trace=!{_as_set(allowed - _OF_MEMORY)}"
    denied = f"--inject=!{_as_set(allowed)}:error=EPERM"
    options = ["--follow-forks", "--seccomp-bpf", "--quiet=all", f"--output={log}", traced, denied]
    server = Server(tmp_path, program=[strace(), *options, sys.executable, MANAGE])
    try:
        server.upload(picture())
        variants = json.loads(server.get(f"{COLLECTION}?include=variants")[1])["included"]
        assert server.get(variants[0]["attributes"]["url"])[0] == 200
    finally:
        server.stop()
    calls = log.read_text()
    # SQLite calls it as root alone, and goes on.
    assert set(re.findall(r"^\d+ +(\w+)\(.*\(INJECTED\)$", calls, re.MULTILINE)) <= {"fchown"}
    # MemoryDenyWriteExecute.
    assert not re.findall(r" mmap\(.*PROT_WRITE\|PROT_EXEC| mprotect\(.*PROT_EXEC", calls)
    assert " mmap(" in calls


def _as_set(names: set[str]) -> str:
    """Return system calls for an option of strace, which may not know all of them."""
    return ",".join(f"?{name}" for name in sorted(names))


def _allowed(analyze: str) -> set[str]:
    """Return the names of the system calls that the filter of the units leaves."""
    allowed = set[str]()
    for filters in re.findall(r"^SystemCallFilter=(.+)$", COMMON.read_text(), re.MULTILINE):
        names = _expand(analyze, filters.removeprefix("~"))
        allowed = allowed - names if filters.startswith("~") else allowed | names
    return allowed


def _expand(analyze: str, group: str) -> set[str]:
    printed = run_command(analyze, "syscall-filter", "--no-pager", group).stdout
    names = re.findall(r"^ +([@\w-]+)$", printed, re.MULTILINE)
    groups = [_expand(analyze, each) for each in names if each.startswith("@")]
    return {each for each in names if not each.startswith("@")}.union(*groups)
