"""Rows of other systems that hold what their columns should not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import column, select, table

from open_event_uploads.errors import InvalidImport, UnreadableFile
from open_event_uploads.maintenance.import_sources import database as database_module
from open_event_uploads.maintenance.import_sources.database import ForeignDatabase
from open_event_uploads.maintenance.import_sources.registry import open_source
from open_event_uploads.maintenance.import_sources.source import ForeignFile

_NO_TEXT = "CAST(X'FF' AS TEXT)"
_ODD = (
    "NULL", "5", "9e999", "X'FF00'", _NO_TEXT, "'a' || char(0)", "'../../etc/passwd'", "'http://['",
    """'{"a": {"url": "/\\ud800"}, "custom": {"alt": "\\ud800"}}'""",
    """'[{"key": "\\ud800", "width": 3}]'""",
)  # fmt: skip

# The tables of each source, with values that are usual; a second one is of the first row's owner.
_TABLES = {
    "active-storage": {
        "active_storage_blobs": {
            "id": "1", "key": "'abcd'", "filename": "'a.png'", "metadata": "'{}'",
            "created_at": "'2020-01-01'", "service_name": "'local'",
        },
        "active_storage_attachments": {"record_type": "'Event'", "blob_id": "1"},
    },
    "directus": {
        "directus_files": {
            "id": "'x'", "storage": "'local'", "filename_disk": "'a'", "filename_download": "'b'",
            "uploaded_by": "'u'", "title": "''", "description": "''", "created_on": "1",
            "folder": "NULL", "type": "''",
        },
        "directus_users": {"id": "'u'", "email": "'a@b'", "first_name": "''", "last_name": "''"},
        "directus_settings": {
            "id": "1", "storage_asset_presets": "'[]'", "project_logo": "NULL",
            "public_foreground": "NULL", "public_background": "NULL", "public_favicon": "NULL",
        },
    },
    "strapi": {
        "files": {
            "id": "1", "name": "'a'", "hash": "'h'", "ext": "'.png'", "url": "'/uploads/h.png'",
            "provider": "'local'", "created_at": "1", "created_by_id": "1", "formats": "'{}'",
            "alternative_text": "''", "caption": "''",
        },
        "admin_users": {"id": "1", "email": "'a@b'", "firstname": "''", "lastname": "''"},
    },
    "open-event": {
        "speaker": {
            "id": "1", "photo_url": "'/static/a.png'", "small_image_url": "'/static/b.png'",
            "first_name": "'a'", "user_id": "1", "event_id": "1", "created_at": "1",
        },
        "users": {
            "id": "1", "_email": "'a@b'", "public_name": "NULL", "first_name": "''",
            "last_name": "''", "avatar_url": "'/static/c.png'",
        },
        "events": {"id": "1", "logo_url": "'/static/d.png'", "name": "'n'"},
        "roles": {"id": "1", "name": "'owner'"},
        "users_events_roles": {"id": "1", "event_id": "1", "user_id": "1", "role_id": "1"},
    },
}  # fmt: skip


def statements(tables: dict[str, dict[str, str]]) -> Iterator[str]:
    """SQL that makes the tables: a usual row, and rows with each odd value in each column."""
    for name, usual in tables.items():
        yield f"CREATE TABLE {name} ({', '.join(usual)})"
        odd = [{**usual, each: value} for each in usual for value in _ODD]
        for row in (usual, *odd):
            yield f"INSERT INTO {name} VALUES ({', '.join(row.values())})"  # noqa: S608 - ours


@pytest.mark.parametrize("source", _TABLES)
def test_odd_values_in_any_column_do_not_stop_an_import(source: str, tmp_path: Path) -> None:
    file = tmp_path / "foreign.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(";\n".join(statements(_TABLES[source])))
    options = {
        "database": f"sqlite:///{file}",
        "files": tmp_path,
        "base_url": "https://old.example.org",
    }
    found = list(open_source(source, options).walk())
    files = [each for each in found if isinstance(each, ForeignFile)]
    assert len(files) > len(_ODD)
    for each in files:
        texts = (each.owner or "", each.owner_name, *each.addresses, *each.variants)
        assert all(text.encode() is not None for text in texts)
        with suppress(UnreadableFile):
            each.open().close()
    if source != "open-event":  # whose files are known by their paths
        assert len(files) < len(found)


@pytest.mark.parametrize("value", ["NULL", _NO_TEXT])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_rows_without_an_order_are_refused_once_a_page_is_full(
    value: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_PAGE_ROWS", 2)
    file = tmp_path / "foreign.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE files (id)")
        values = ", ".join([f"({value})"] * count)
        connection.execute(f"INSERT INTO files VALUES {values}")  # noqa: S608 - ours
        connection.commit()
    with ForeignDatabase(f"sqlite:///{file}") as database:
        rows = database.walk(select(table("files", column("id")).c.id))
        if count == 1:
            assert len(list(rows)) == 1
        else:
            with pytest.raises(InvalidImport, match="`id` has a value that is no id"):
                list(rows)
