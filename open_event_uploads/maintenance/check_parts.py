"""Checks of the database and the storage, for `/health/ready`; each runs in an application."""

from collections.abc import Callable

from flask import current_app
from sqlalchemy import text

from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import UnusableStorage
from open_event_uploads.maintenance.check_schema import outdated
from open_event_uploads.maintenance.check_storage import check_storage


def checks_of_parts() -> dict[str, Callable[[], None]]:
    """Return a check for each part, by name; it raises where the part cannot be used."""
    return {"database": _use_database, "schema": _compare_schema, "storage": _use_storage}


def _use_database() -> None:
    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _compare_schema() -> None:
    config = current_app.extensions["migrate"].migrate.get_config()
    if outdated(db.engine, config):
        raise UnusableStorage


def _use_storage() -> None:
    check_storage(current_storage())
