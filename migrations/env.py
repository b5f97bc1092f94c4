"""Runs migrations for `manage.py db …`, on the database that the settings name, or a given one."""

from contextlib import nullcontext
from typing import Literal

from alembic import context
from flask import current_app
from sqlalchemy import Engine, text

from open_event_uploads.database.migration_lock import migration_lock
from open_event_uploads.database.sqlite import WRITES
from open_event_uploads.database.types import Base, UtcDateTime
from open_event_uploads.database.unmapped_tables import is_mapped


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write a type of ours as what it is in the database: migrations must outlive our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


engine: Engine = (
    context.config.attributes.get("engine") or current_app.extensions["sqlalchemy"].engine
)

# Two migrations at once would both begin with the revision that both have found.
lock = nullcontext() if context.config.attributes.get("is_locked") else migration_lock(engine)

with lock, engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # An index of a big table takes as long as it takes.
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
    context.configure(
        connection=connection.execution_options(**{WRITES: True}),
        target_metadata=Base.metadata,
        # SQLite cannot alter most of a table: Alembic copies it instead.
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_name=is_mapped,
        # One that makes an index without locking the table commits what came before it.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql":
        connection.execute(text("RESET statement_timeout"))
        connection.commit()
