"""Print two servers in a table, and the facts of the machine."""

import os
import platform
import statistics
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.measure import Row

_WIDTH = 130  # characters, where the terminal does not say
_PACKAGES = ("granian", "uvloop", "flask", "sqlalchemy", "pillow", "msgspec", "pybase64")
_MIB = 1024 * 1024


def print_table(rows: Iterable[Row]) -> None:
    """Print a line for each kind of request, with the first server / the second in each column."""
    table = Table(box=MARKDOWN)
    table.add_column("", no_wrap=True)
    for title in ("ratio", "range", "requests/s", "p50 ms", "p99 ms", "peak MiB"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row.name, *_cells(row))
    Console(width=_WIDTH).print(table)


def print_facts(facts: dict[str, str]) -> None:
    """Print the facts of the machine."""
    for name, value in facts.items():
        print(f"{name}: {value}")


def machine_facts(folder: Path) -> dict[str, str]:
    """Return the facts of the machine that the figures depend on.

    Args:
        folder: of the servers' files.
    """
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}, files on {_file_system(folder)}",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }


def _cells(row: Row) -> list[str]:
    (other,) = row.others
    ratios = row.ratios(other)
    sides = list(row.figures.values())
    return [
        f"{statistics.median(ratios):.2f}",
        f"{min(ratios):.2f} to {max(ratios):.2f}",
        _pair([statistics.median(each.per_second) for each in sides], 0),
        _pair([each.percentile(50) for each in sides], 1),
        _pair([each.percentile(99) for each in sides], 1),
        _pair([each.peak_bytes / _MIB for each in sides], 0),
    ]


def _pair(values: list[float], digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in values)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    """Return the type of the file system of a folder, by its longest mount point."""
    found = ("", "an unknown file system")
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, mount, kind, *_ = line.split()
        if folder.resolve().is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]
