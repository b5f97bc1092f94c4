"""Say what each fixture has, as its `make.py` filled the system."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from tests.import_sources.load import answers_of, fixture, load_sqlite
from tests.import_sources.pictures import ODD_NAME

ADA, BOB, ROOT = "ada@example.org", "bob@example.org", "root@example.org"
# What no server for images takes, and what is not on the disk any more.
REFUSED = ("logo.svg", "plan.pdf", "lost.png")
_TAKEN = (
    "stage.jpg", "stage again.jpg", "hills.jpg", "wave.gif", "white.avif", "film.webp", "draft.png",
    "no extension",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What people know of one file."""

    alt: str = ""
    caption: str = ""
    visibility: str = "public"
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class System:
    """A fixture, and what `import` must make of it.

    Args:
        source: the word behind `--from`.
        name: of the fixture.
        folder: with its files, below the fixture.
        files: that are imported, by their names.
        refused: names of the others.
        options: of the command, further ones.
    """

    source: str
    name: str
    folder: str
    files: dict[str, Facts]
    refused: tuple[str, ...] = REFUSED
    options: tuple[str, ...] = ()
    base_url: str = "https://old.example.org"

    def arguments(self, database: str) -> list[str]:
        """Return the arguments of the command for a database."""
        files = str(fixture(self.name) / self.folder)
        common = ["--database", database, "--files", files, "--base-url", self.base_url]
        return ["import", "--from", self.source, *common, *self.options]

    def answers(self) -> dict[str, str]:
        """Return the file behind each address, as the system itself answered."""
        return answers_of(self.name)

    def load(self, folder: Path) -> tuple[sqlite3.Connection, str]:
        """Load its database into an SQLite file; return a connection, and the URL."""
        file = folder / "foreign.db"
        return load_sqlite(self.name, file), f"sqlite:///{file}"


def _directus(version: str, **draft: str) -> System:
    files = {
        name: Facts(caption=f"Title of {name}", owner=ROOT)
        for name in _TAKEN
        if name not in {"stage.jpg", "draft.png"}
    }
    files |= {
        "stage.jpg": Facts("The main stage at night", "Title of stage.jpg", owner=ADA),
        "draft.png": Facts(caption="Title of draft.png", owner=ROOT, **draft),
        ODD_NAME: Facts(caption="Ein „schöner“ Titel", owner=ROOT),
        "far.png": Facts(owner=ROOT),
    }
    return System("directus", f"directus/{version}", "uploads", files)


def _strapi() -> System:
    odd = ODD_NAME.replace("%", "percent")
    files = {name: Facts(owner=ADA) for name in _TAKEN}
    files |= {
        "stage.jpg": Facts("The main stage at night", owner=ADA),
        "wave.gif": Facts(owner=BOB),
        odd: Facts("Ein „schöner“ Text", "Unter dem Bild", owner=ADA),
    }
    return System("strapi", "strapi/5", "uploads", files)


def _active_storage(version: str) -> System:
    name = f"active_storage/{version}"
    files = {each: Facts() for each in (*_TAKEN, ODD_NAME) if each != "draft.png"}
    signed = next(address for address in answers_of(name) if "/blobs/" in address)
    options = ("--secret-file", str(fixture(name) / "secret"), "--signed-address", signed)
    # This one is at another service.
    refused = (*REFUSED, "draft.png")
    return System("active-storage", name, "storage", files, refused, options)


SYSTEMS = {
    each.name: each
    for each in (
        _directus("10", visibility="private"),
        _directus("12"),
        _strapi(),
        _active_storage("6"),
        _active_storage("7"),
    )
}
