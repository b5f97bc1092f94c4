"""Read the form above the list of uploads as conditions that an index answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pydantic import ByteSize, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Engine, and_, or_, select

from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import read
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import InvalidParameter, Sentence
from open_event_uploads.jsonapi.filters.words import read_words
from open_event_uploads.uploads.model import Upload, is_not_ready, is_private, without_alt
from open_event_uploads.uploads.word_search import HasAllWords

FILTERS = frozenset(
    {"q", "type", "owner", "least", "most", "since", "until", "visibility", "alt", "status"}
)
NOBODY = "nobody"
# Of the uploads with common words this many are looked at: one more than are counted.
MAX_FOUND = 10_001
# At most this many users of one name are found.
_MAX_OWNERS = 100

Condition = ColumnElement[bool]
_SIZE = TypeAdapter(ByteSize)
# `1.500` and `1,500` are fifteen hundred to some and one and a half to others.
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}(?!\d)")
_MAX_SIZE = 2**62


@dataclass(frozen=True, slots=True)
class Selection:
    """Hold what the form selects.

    Args:
        conditions: an upload meets all of them.
        problems: says which fields cannot be read, and how to write them.
    """

    conditions: tuple[Condition, ...]
    problems: tuple[InvalidParameter, ...]


def read_selection(fields: Mapping[str, str], *, engine: Engine) -> Selection:
    """Return what the form above the list selects; empty fields select everything."""
    readers: dict[str, Callable[[str], Condition]] = {
        "q": _words,
        "type": lambda text: Upload.media_type == text,
        "owner": lambda text: _owner(text, engine),
        "least": lambda text: Upload.size >= _bytes(text),
        "most": lambda text: Upload.size <= _bytes(text),
        "since": lambda text: Upload.created_at >= _midnight(text),
        "until": lambda text: Upload.created_at < _midnight(text) + timedelta(days=1),
        "visibility": _visibility,
        "alt": lambda _: without_alt(),
        "status": _status,
    }
    conditions, problems = list[Condition](), list[InvalidParameter]()
    for name, read_field in readers.items():
        if text := fields.get(name, "").replace("\0", "").strip():
            try:
                conditions.append(read_field(text))
            except InvalidParameter as error:
                problems.append(error)
    return Selection(tuple(conditions), tuple(problems))


def _visibility(text: str) -> Condition:
    if text == "private":
        return is_private()
    return Upload.visibility == text


def _status(text: str) -> Condition:
    return and_(is_not_ready(), Upload.status == text)


def _words(text: str) -> Condition:
    return HasAllWords(Upload, read_words(text, "q"), MAX_FOUND)


def _owner(text: str, engine: Engine) -> Condition:
    """Return the condition that a user with this id, email or name owns the upload."""
    if text.casefold() == NOBODY:
        return Upload.owner_id.is_(None)
    if is_id(text):
        return Upload.owner_id == text
    is_named = or_(User.name == text, User.email == fold_email(text))
    ids = read(engine, select(User.id).where(is_named).limit(_MAX_OWNERS))
    if not ids:
        raise InvalidParameter(
            Sentence("No user has the email, the name or the id “%(text)s”.", text=text)
        )
    return Upload.owner_id.in_([id_ for (id_,) in ids])


def _bytes(text: str) -> int:
    """Return a size, which both decimal marks of our languages can be in."""
    clear = "" if _THOUSANDS.match(text) else text.replace(",", ".")
    try:
        return min(int(_SIZE.validate_python(clear)), _MAX_SIZE)
    except (ValidationError, OverflowError):
        raise InvalidParameter(
            "Write a size as 1500 kB or 1.5 MB, without a separator between thousands."
        ) from None


def _midnight(text: str) -> datetime:
    try:
        # Far enough from the ends of the calendar to add a day or a time zone.
        day = min(max(date.fromisoformat(text), date(1970, 1, 1)), date(9000, 1, 1))
    except ValueError:
        raise InvalidParameter("Write a day as 2026-11-23.") from None
    return datetime.combine(day, time(), UTC)
