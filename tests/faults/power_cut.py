"""Cut the power of a disk: what was not flushed is lost.

tmpfs > a btrfs by loop > `disk.img` > an ext4 by loop > the folder that is tested

What a program wrote and did not flush is in the page cache of the ext4, not in `disk.img`. So a
clone of `disk.img` (FICLONE, one instant) is the disk as a power cut leaves it. By itself, this
ext4 commits its journal only every 300 seconds (`commit=300`), and flushes no file because it
replaces another one (`noauto_da_alloc`).
"""

import fcntl
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.machine import cannot
from tests.processes import unmount_at_the_end

# ioctl_ficlone(2).
_FICLONE = 0x40049409
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_OPTIONS = "loop,commit=300,noauto_da_alloc"
# Sparse files: of memory they take what is written to them.
_BTRFS_BYTES = 16 * 1024**3
_DISK_BYTES = 4 * 1024**3


class PowerCutDisk:
    """A disk of 4 GiB whose power can be cut; a context manager.

    Attributes:
        folder: where it is mounted.
    """

    def __init__(self) -> None:
        _check_machine()
        self._root = Path(tempfile.mkdtemp(prefix="uploads-power-cut-"))
        self._numbers = itertools.count(1)
        self._clones = self._root / "clones"
        self._image = self._clones / "disk.img"
        self.folder = self._root / "disk"

    def __enter__(self) -> Self:
        """Make and mount it; skip the test where that is impossible."""
        unmount_at_the_end(self._root)
        try:
            self._make()
        except subprocess.CalledProcessError as error:
            self._remove()
            words = " ".join(map(str, error.cmd))
            cannot(f"power cuts need loop devices, btrfs and ext4: {words}: {error.stderr}")
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Unmount everything and delete it."""
        self._remove()

    @contextmanager
    def cut(self) -> Iterator[Path]:
        """Mount a copy of the disk as a power cut at this instant leaves it.

        Raises:
            AssertionError: the copy has bytes that were not flushed, so it proves nothing.
        """
        image = self._clone()
        folder = self._root / image.stem
        folder.mkdir()
        _mount(image, folder)
        try:
            self._check(folder)
            yield folder
        finally:
            _run("umount", "-l", folder)
            image.unlink()

    @contextmanager
    def lose_power(self) -> Iterator[None]:
        """Cut the power; after the block the folder has what a cut at its beginning leaves.

        In the block, end what has files of the folder open.
        """
        image = self._clone()
        yield
        _run("umount", "-l", self.folder)
        _mount(image, self.folder)
        # A disk of its own from now on; it goes when it is unmounted.
        self._image.unlink()
        self._image = image
        self._check(self.folder)

    def _make(self) -> None:
        _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self._root)
        outer = self._root / "btrfs.img"
        _make_sparse(outer, _BTRFS_BYTES)
        _run("mkfs.btrfs", "-q", "--nodiscard", "-m", "single", "-d", "single", outer)
        self._clones.mkdir()
        self.folder.mkdir()
        _mount(outer, self._clones, options="loop")
        _make_sparse(self._image, _DISK_BYTES)
        # No lazy initialization, which would write for minutes.
        extended = "lazy_itable_init=0,lazy_journal_init=1,nodiscard"
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-N", "100000", "-E", extended, self._image)
        _mount(self._image, self.folder)

    def _clone(self) -> Path:
        """Clone the image, just after a control file was written and not flushed."""
        number = next(self._numbers)
        self._control = f"control-{number}"
        (self.folder / self._control).write_bytes(b"not flushed" * 1000)
        clone = self._clones / f"cut-{number}.img"
        with self._image.open("rb") as source, clone.open("wb") as target:
            fcntl.ioctl(target, _FICLONE, source.fileno())
        (self.folder / self._control).unlink()
        return clone

    def _check(self, folder: Path) -> None:
        control = folder / self._control
        # Its name may be there: whoever flushes a file of an ext4 commits the journal for all.
        assert not control.exists() or control.read_bytes() == b"", "the power was not cut"
        control.unlink(missing_ok=True)

    def _remove(self) -> None:
        if self._root.is_mount():
            _run("umount", "-R", "-l", self._root)
        shutil.rmtree(self._root)


def _check_machine() -> None:
    if os.geteuid():
        cannot("power cuts need root, who may mount")
    for program in ("mkfs.btrfs", "mkfs.ext4"):
        if not shutil.which(program, path=_PATH):
            cannot(f"power cuts need {program} (Debian's packages btrfs-progs and e2fsprogs)")
    if not Path("/dev/loop-control").exists():
        cannot("power cuts need loop devices (`modprobe loop`; none in many containers)")


def _make_sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _mount(image: Path, folder: Path, options: str = _OPTIONS) -> None:
    """Mount an image by a loop device, which is freed when it is unmounted."""
    _run("mount", "-o", options, image, folder)


def _run(program: str, *arguments: object) -> None:
    subprocess.run(  # noqa: S603 - the system's
        [program, *map(str, arguments)],
        env={**os.environ, "PATH": _PATH},
        capture_output=True,
        text=True,
        check=True,
    )
