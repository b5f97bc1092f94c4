"""Build distributions, and install them in empty environments."""

import os
import shutil
import sys
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from zipfile import ZipFile

from tests.commands import run_command

ROOT = Path(__file__).parents[2]
_BUILD = (sys.executable, "-m", "build", "--outdir")

# What a checkout may hold beside what belongs to it.
STRAY_FILES = (
    ".env",
    "notes.txt",
    "instance/secret_key",
    "instance/uploads.sqlite3",
    ".venv/lib/module.py",
    "open_event_uploads/__pycache__/app.cpython-311.pyc",
    "tests/clients/node_modules/kitsu/index.js",
)


@dataclass(frozen=True, slots=True)
class Distributions:
    """What one project publishes.

    Args:
        sdist: the archive of its source.
        wheel: built from that archive.
        wheel_of_checkout: built from the checkout itself, if it was.
    """

    sdist: Path
    wheel: Path
    wheel_of_checkout: Path | None

    @classmethod
    def find(cls, folder: Path) -> Self:
        """Return what `build` has put into a folder."""
        (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
        direct = next((folder / "direct").glob("*.whl"), None)
        return cls(sdist, wheel, direct)

    def source_names(self) -> set[str]:
        """Return the names of the files in the sdist, below its only folder."""
        with tarfile.open(self.sdist) as archive:
            files = [each.name for each in archive if each.isfile()]
        assert {name.partition("/")[0] for name in files} == {self.sdist.name[: -len(".tar.gz")]}
        return {name.partition("/")[2] for name in files}

    def wheel_names(self) -> set[str]:
        """Return the names of the files in the wheel."""
        with ZipFile(self.wheel) as archive:
            return set(archive.namelist())


def versioned_files(folder: Path = ROOT) -> set[str]:
    """Return the paths of the files that git knows in a folder and that are there, below it."""
    listed = run_command("git", "ls-files", "-z", cwd=folder).stdout.split("\0")
    return {name for name in listed if name and (folder / name).is_file()}


def copy_checkout(folder: Path) -> None:
    """Copy the versioned files into a folder, and put files beside them that nobody publishes."""
    for name in versioned_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for name in STRAY_FILES:
        stray = folder / name
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_text("secret")


def build(project: Path, into: Path) -> None:
    """Build an sdist, and a wheel from it."""
    run_command(*_BUILD, into, project)


def build_wheel(project: Path, into: Path) -> None:
    """Build a wheel from the project's folder itself."""
    run_command(*_BUILD, into / "direct", "--wheel", project)


class Environment:
    """A virtual environment with nothing in it, and a folder beside it to work in.

    Args:
        folder: that holds both, or is to.
    """

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "venv" / "bin"
        self.folder = folder / "work"
        if not self.folder.exists():
            run_command(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
            self.folder.mkdir()

    @cached_property
    def variables(self) -> dict[str, str]:
        """The environment variables of a shell that knows nothing of the checkout."""
        kept = {"PATH", "HOME", "LANG", "PIP_INDEX_URL", "PIP_CACHE_DIR", "XDG_CACHE_HOME"}
        found = {name: value for name, value in os.environ.items() if name in kept}
        return found | {"TMPDIR": str(self.folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def run(self, program: str, *arguments: str | Path, **more: str) -> str:
        """Run a program of the environment in the folder, and return what it printed.

        Args:
            program: its name.
            arguments: of the program.
            more: environment variables.
        """
        variables = self.variables | more
        return run_command(self.bin / program, *arguments, cwd=self.folder, env=variables).stdout

    def pip(self, *arguments: str | Path) -> str:
        """Run pip for this environment, and return what it printed."""
        command = (sys.executable, "-m", "pip", "--python", self.bin / "python")
        return run_command(*command, *arguments, cwd=self.folder, env=self.variables).stdout

    def install(self, *arguments: str | Path) -> None:
        """Have pip install something."""
        self.pip("install", "--quiet", *arguments)

    def installed_files(self, distribution: str) -> set[str]:
        """Return the files that pip wrote for a distribution, relative to `site-packages`."""
        lines = self.pip("show", "--files", distribution).splitlines()
        files = {each.strip() for each in lines[lines.index("Files:") + 1 :]}
        # Written by Python and pip, and not by the distribution.
        return {each for each in files if not each.endswith((".pyc", "direct_url.json"))}
