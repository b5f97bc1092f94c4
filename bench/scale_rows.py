"""Generate many uploads as rows, the same in every run except for the time."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Engine, func, insert, literal, select

from open_event_uploads.accounts.user import User
from open_event_uploads.database.sqlite import WRITES
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.usage import Usage

USERS = 1_000
# Few sizes, so that each checksum is computed once.
MAX_BYTES = 2_000
# The last digits of the numbers of those that are something.
_AVIF, _PRIVATE, _WITHOUT_ALT, _PNGS = 500, 2, 1, frozenset({7, 8, 9})
_APART = timedelta(seconds=2)
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Rows:
    """A number of uploads up to the present.

    Seven of ten are JPEGs and one of a thousand is an AVIF, the rest PNGs. All names have "photo"
    in them, a tenth "stage", ten "keynote". A tenth belongs to one user, a tenth has no
    description, a hundredth is private.

    Args:
        count: number of uploads.
        until: the time of the newest.
    """

    count: int
    until: datetime

    def row(self, number: int) -> dict[str, Any]:
        """Return the columns of an upload.

        Args:
            number: from 0, the oldest.
        """
        media_type, extension = _type(number)
        size = size_of(number)
        created_at = self.until - (self.count - number) * _APART
        return {
            "id": upload_id(number),
            "key": key_of(number),
            "visibility": "private" if _is_private(number) else "public",
            "filename": f"{self._words(number)} {number}.{extension}",
            "alt": "" if number % 10 == _WITHOUT_ALT else f"Day {number % 7}, room {number % 40}",
            "media_type": media_type,
            "size": size,
            "checksum": _checksum(size),
            "received_checksum": _checksum(size),
            "width": 1600,
            "height": 1200,
            "frames": 1,
            "owner_id": user_id(0 if number % 10 == 0 else number % USERS),
            "created_at": created_at,
            "updated_at": created_at,
        }

    def _words(self, number: int) -> str:
        stage = " stage" if number % 10 == 0 else ""
        return f"photo{stage} keynote" if number % (self.count // 10) == 0 else f"photo{stage}"


def fill(engine: Engine, rows: Rows) -> None:
    """Write users, uploads and usage into a migrated, empty database."""
    users = [{"id": user_id(each), "name": f"User {each}"} for each in range(USERS)]
    _write(engine, insert(User), users)
    for start in range(0, rows.count, _BATCH):
        numbers = range(start, min(start + _BATCH, rows.count))
        _write(engine, insert(Upload), [rows.row(each) for each in numbers])
    size = func.sum(Upload.size)
    sums = select(Upload.owner_id, size, func.current_date(), literal(0))
    columns = [each.name for each in Usage.__table__.columns]
    _write(engine, insert(Usage).from_select(columns, sums.group_by(Upload.owner_id)), None)
    if engine.dialect.name == "postgresql":
        # Autovacuum does the same a minute later.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def upload_id(number: int) -> str:
    """Return the id of an upload; those of later numbers are higher, as `new_ordered_id` has it."""
    return f"{number:08x}{_uuid('upload', number)[8:]}"


def user_id(number: int) -> str:
    """Return the id of a user; user 0 has many uploads."""
    return _uuid("user", number)


def key_of(number: int) -> str:
    """Return the key of an upload: random at its beginning, its number at the end."""
    name = f"{_uuid('key', number)[:-12]}{number:012x}.{_type(number)[1]}"
    return f"private/{name}" if _is_private(number) else name


def number_of(key: str) -> int:
    """Return the number of the upload with this key."""
    return int(key.partition(".")[0][-12:], 16)


def size_of(number: int) -> int:
    """Return the bytes of an upload, a pseudo-random number."""
    return 1 + number * 7919 % MAX_BYTES


def _write(engine: Engine, statement: Any, values: list[dict[str, Any]] | None) -> None:  # noqa: ANN401 - an INSERT of some kind
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True}).execute(statement, values)
        connection.commit()


def _type(number: int) -> tuple[str, str]:
    if number % 1_000 == _AVIF:
        return "image/avif", "avif"
    return ("image/png", "png") if number % 10 in _PNGS else ("image/jpeg", "jpg")


def _is_private(number: int) -> bool:
    return number % 100 == _PRIVATE


@cache
def _checksum(size: int) -> str:
    return f"sha256:{hashlib.sha256(bytes(size)).hexdigest()}"


def _uuid(kind: str, number: int) -> str:
    digest = hashlib.blake2b(f"{kind} {number}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))
