"""Find every text of the pages: those that are marked, errors, and the fields of an upload."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from jinja2.ext import babel_extract

import open_event_uploads
from open_event_uploads import errors
from open_event_uploads.uploads.fields import FIELDS, Choice

PACKAGE = Path(open_event_uploads.__file__).parent
PAGES = PACKAGE / "admin" / "templates" / "pages"

_KEYWORDS = {"_": None, "gettext": None, "gettext_noop": None, "ngettext": (1, 2)}
# The classes of errors, whose first argument is the sentence, or a `Sentence`.
_ERRORS = {"Sentence"} | {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.UploadsError)
}
# What raises errors that a page can show. What only a program can send is not there.
_RAISING = (
    "errors.py",
    "accounts",
    "admin",
    "database",
    "imaging",
    "jsonapi/cursor.py",
    "jsonapi/fields.py",
    "jsonapi/filters/words.py",
    "jsonapi/problems.py",
    "server/job.py",
    "server/policy.py",
    "storage",
    "uploads/access.py",
    "uploads/changes.py",
    "uploads/edits",
    "uploads/files/find_file.py",
    "uploads/lease.py",
    "uploads/resumable/find.py",
    "uploads/resumable/lock.py",
    "uploads/resumable/remove.py",
    "uploads/rows.py",
    "variants/write_preset.py",
)
_PROTOCOL = {"imaging/data_uri.py", "accounts/session_routes.py", "accounts/token_routes.py"}
# Statuses and roles are shown as words.
_WORDS = ("Ready", "Pending", "Rejected", "Quarantined", "Member", "Admin")

Text = str | tuple[str, ...]


def find_texts() -> Catalog:
    """Return a catalogue of all texts, without translations."""
    catalogue = Catalog(domain="messages")
    for path, text in (*_marked(), *_errors(), *_fields()):
        catalogue.add(text, locations=[(path.relative_to(PACKAGE).as_posix(), 0)])
    for word in _WORDS:
        catalogue.add(word)
    return catalogue


def _marked() -> Iterator[tuple[Path, Text]]:
    for path in sorted((PACKAGE / "admin").rglob("*.py")):
        with path.open("rb") as file:
            found = extract("python", file, keywords=_KEYWORDS)
            yield from ((path, text) for _, text, _, _ in found)
    for path in sorted(PAGES.glob("*.html")):
        with path.open("rb") as file:
            for _, name, text, _ in babel_extract(file, [*_KEYWORDS], [], {}):
                # It also lists the values, as None; a text that is a variable is only that.
                texts = tuple(
                    each for each in (text if isinstance(text, tuple) else (text,)) if each
                )
                if texts:
                    yield path, texts if name == "ngettext" else texts[0]


def _errors() -> Iterator[tuple[Path, Text]]:
    for name in _RAISING:
        found = PACKAGE / name
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            if path.relative_to(PACKAGE).as_posix() not in _PROTOCOL:
                yield from ((path, text) for text in _sentences(path))
    titles = {getattr(errors, name).title for name in _ERRORS - {"Sentence"}}
    yield from ((PACKAGE / "errors.py", title) for title in sorted(titles))


def _sentences(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            is_error = name in _ERRORS or (path.name == "errors.py" and name == "__init__")
            if is_error and isinstance(node.args[0].value, str):
                yield node.args[0].value


def _fields() -> Iterator[tuple[Path, Text]]:
    path = PACKAGE / "uploads" / "fields.py"
    for field in FIELDS:
        yield path, field.label
        if field.hint:
            yield path, field.hint
        if isinstance(field.type, Choice):
            yield from ((path, word.capitalize()) for word in field.type.words)
