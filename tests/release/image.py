"""Build the container image without an engine, and run its program as one would.

`buildah` builds it in a chroot. The base is a Debian of the same release with its Python, made by
`mmdebstrap`, because no registry of images is asked.
"""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.commands import run_command
from tests.machine import cannot
from tests.release.packages import ROOT

DOCKERFILE = ROOT / "deploy/Dockerfile"
_BASE, _IMAGE = "localhost/python", "localhost/open-event-uploads"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_PACKAGES = "python3,python3-venv,ca-certificates"
_TIMEOUT_SECONDS = 900

# A process of its own sees the root file system read-only, a few devices, and two folders that it
# may write, as a container with `read_only` does.
_CONFINE = """
set -e
root=$1 data=$2; shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for name in null zero full random urandom; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount --bind "$data" "$root/data"
exec chroot "$root" "$@"
"""


@dataclass(frozen=True, slots=True)
class Image:
    """A built image.

    Args:
        root: its file system.
        described: its configuration, as Docker keeps it.
    """

    root: Path
    described: dict[str, Any]

    def program(self, data: Path, *command: str, **settings: str) -> list[str | Path]:
        """Return how to run a command in it, or what its entry point is.

        Args:
            data: the folder that is mounted at /data.
            command: with its arguments; the entry point without one.
            settings: further environment variables.
        """
        user, _, group = self.described["User"].partition(":")
        environment = {**dict(each.split("=", 1) for each in self.described["Env"]), **settings}
        confined = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        identity = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        limits = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        return [
            *(*confined, "bash", "-c", _CONFINE, "confine", self.root, data),
            *(*identity, *limits, "env", "--ignore-environment"),
            *(f"{name}={value}" for name, value in environment.items()),
            *(command or self.described["Entrypoint"]),
        ]

    def owner_of_data(self) -> int:
        """Return the user id to whom the folder for data belongs."""
        return (self.root / "data").stat().st_uid


def build_image(folder: Path) -> None:
    """Build the image of the Dockerfile into a folder.

    Raises:
        AssertionError: it cannot be built; with what was printed.
    """
    if os.geteuid() != 0 or not all(map(shutil.which, ("buildah", "mmdebstrap", "setpriv"))):
        cannot("these tests need root, buildah and mmdebstrap")
    base = re.search(
        r"^ARG PYTHON_IMAGE=.*/python:[0-9.]+-slim-(\w+)$", DOCKERFILE.read_text(), re.MULTILINE
    )
    assert base
    options = ("--variant=minbase", f"--include={_PACKAGES}")
    target = folder / "base.tar"
    run_command("mmdebstrap", *options, base[1], target, timeout_seconds=_TIMEOUT_SECONDS)
    (folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
    builder = _Builder(folder)
    # The certificates of this machine: packages may come through a proxy that has its own.
    builder.build(folder / "Base", _BASE, folder, f"--env=PIP_CERT={_CERTIFICATES}")
    builder.build(
        DOCKERFILE,
        _IMAGE,
        ROOT,
        f"--ignorefile={DOCKERFILE}.dockerignore",
        f"--build-arg=PYTHON_IMAGE={_BASE}",
        f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro",
    )
    builder.export(_IMAGE, folder / "image")
    (folder / "base.tar").unlink()
    shutil.rmtree(builder.storage)


def find_image(folder: Path) -> Image:
    """Return what `build_image` has put into a folder."""
    described = json.loads((folder / "image.json").read_text())
    return Image(folder / "image", described["Docker"]["config"])


@dataclass(frozen=True)
class _Builder:
    """buildah with a storage of its own.

    Args:
        folder: for that.
    """

    folder: Path

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    def build(self, dockerfile: Path, name: str, context: Path, *options: str) -> None:
        # Docker's format keeps the health check.
        how = ["--isolation=chroot", "--format=docker", "--pull-never", f"--tag={name}"]
        self._buildah("build", *how, *options, f"--file={dockerfile}", context)

    def export(self, name: str, target: Path) -> None:
        container = self._buildah("from", "--pull-never", name).strip()
        target.with_suffix(".json").write_text(self._buildah("inspect", container))
        mounted = self._buildah("mount", container).strip()
        run_command("cp", "--archive", "--reflink=auto", mounted, target)

    def _buildah(self, command: str, *arguments: str | Path) -> str:
        where = [f"--root={self.storage}", f"--runroot={self.folder}/run", "--storage-driver=vfs"]
        command_line = ("buildah", *where, command, *arguments)
        return run_command(*command_line, timeout_seconds=_TIMEOUT_SECONDS).stdout
