"""Runs migrations for `manage.py db …`, on the database that the settings name."""

from typing import Literal

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from open_event_uploads.models import Base
from open_event_uploads.models.base import UtcDateTime
from open_event_uploads.models.sqlite import WRITES
from open_event_uploads.models.unmapped import is_mapped


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write a type of ours as what it is in the database: migrations must outlive our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


engine: Engine = current_app.extensions["sqlalchemy"].engine

with engine.connect() as connection:
    context.configure(
        connection=connection.execution_options(**{WRITES: True}),
        target_metadata=Base.metadata,
        # SQLite cannot alter most of a table: Alembic copies it instead.
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_name=is_mapped,
    )
    with context.begin_transaction():
        context.run_migrations()
