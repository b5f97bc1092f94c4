"""The base of all models: names of constraints, times in UTC, ids."""

import os
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, String, TypeDecorator, Uuid
from sqlalchemy.orm import DeclarativeBase

# Without names, a migration could not drop a constraint again (Alembic, "The Importance of
# Naming Constraints").
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC; SQLite does not store the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Convert a value for the database."""
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Convert a value from the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ANN401 - SQLAlchemy's
        """Return the conversion of many values; SQLite's text takes an eighth of the time."""
        if dialect.name == "sqlite":
            return _read_text
        return super().result_processor(dialect, coltype)


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


# Text with dashes on SQLite, which needs no conversion; native on PostgreSQL.
Id = String(36).with_variant(Uuid(as_uuid=False), "postgresql")


# The canonical spelling of a UUID, the only one that ids have.
ID_PATTERN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """Return whether a text is an id; PostgreSQL refuses to compare ids with any other."""
    return _ID.fullmatch(text) is not None


def new_id() -> str:
    """Return a new random UUID (RFC 9562, version 4), which cannot be guessed."""
    return str(uuid.uuid4())


def new_ordered_id() -> str:
    """Return a new UUID that begins with the time in milliseconds (RFC 9562, version 7).

    The index of such ids grows at its end, so that a new row changes few of its pages. The other 74
    bits are random and cannot be guessed. Nothing may be ordered by these ids as if by time: ids
    of other versions stay valid, and clocks differ.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    # Version and variant stand in bits of their own, above 12 and above 62 random ones.
    high = (milliseconds << 16) | 0x7000 | (random >> 68)
    low = (1 << 63) | (random & ((1 << 62) - 1))
    return str(uuid.UUID(int=(high << 64) | low))


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)
