"""List real image files: those of the project, and the larger corpus of some machines."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).parent / "files"

VARIABLE = "UPLOADS_TEST_CORPUS"

# EXIF 2.32, table 9: these show the picture turned by a quarter.
_QUARTER_TURNS = {"5", "6", "7", "8"}


@dataclass(frozen=True, slots=True)
class Specimen:
    """One row of a corpus's `manifest.csv`, as far as tests need it.

    Args:
        path: of the file.
        media_type: what the file is.
        width: pixels, after orientation; None where the manifest does not say.
        height: likewise.
        frames: likewise.
        accepted: what the manifest expects of a server that offers this type.
        tolerance: a name for why another verdict is fine too; empty where none is.
        why: what the file is there for.
    """

    path: Path
    media_type: str
    width: int | None
    height: int | None
    frames: int | None
    accepted: bool
    tolerance: str
    why: str


def corpus() -> list[Specimen]:
    """Return the files of the corpus that the environment names, if there is one."""
    folder = Path(os.environ.get(VARIABLE) or os.devnull)
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as lines:
        return [_specimen(folder, row) for row in csv.DictReader(lines)]


def _specimen(folder: Path, row: dict[str, str]) -> Specimen:
    # The manifest holds the size as stored; we show it as turned.
    size = (_number(row["width"]), _number(row["height"]))
    width, height = reversed(size) if row["orientation"] in _QUARTER_TURNS else size
    return Specimen(
        path=folder / row["path"],
        media_type=row["media_type"],
        width=width,
        height=height,
        frames=_number(row["frames"]),
        accepted=row["expected"] == "accept",
        tolerance=row["tolerance"],
        why=row["why"],
    )


def _number(text: str) -> int | None:
    return int(text) if text else None
