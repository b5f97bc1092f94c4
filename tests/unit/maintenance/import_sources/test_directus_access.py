"""Which files of Directus everybody may see."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from open_event_uploads.maintenance.import_sources.directus import Directus
from open_event_uploads.maintenance.import_sources.source import ForeignFile
from tests.import_sources.load import fixture, load_sqlite

STAGE, DRAFT = "stage.jpg", "draft.png"


def public_files(name: str, tmp_path: Path, *changes: tuple[str, tuple[object, ...]]) -> set[str]:
    """Return the two files that are public after changes of a fixture."""
    file = tmp_path / "data.db"
    with closing(load_sqlite(name, file)) as connection:
        for statement, values in changes:
            connection.execute(statement, values)
        connection.commit()
    found = Directus(database=f"sqlite:///{file}", files=fixture(name) / "uploads").walk()
    return {
        str(each.values["filename"])
        for each in found
        if isinstance(each, ForeignFile) and each.values["visibility"] == "public"
    } & {STAGE, DRAFT}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (None, {STAGE, DRAFT}),
        ({}, {STAGE, DRAFT}),
        ({"_and": []}, {STAGE, DRAFT}),
        ({"folder": {"_null": True}}, {STAGE}),
        ({"folder": {"_nnull": True}}, {DRAFT}),
        # As in SQL, a file without a folder is in no other folder.
        ({"folder": {"_neq": "x"}}, {DRAFT}),
        ({"folder": {"_nin": ["x"]}}, {DRAFT}),
        ({"title": {"_in": [f"Title of {STAGE}", "x"]}}, {STAGE}),
        ({"_or": [{"folder": {"_null": True}}, {"type": {"_eq": "image/png"}}]}, {STAGE, DRAFT}),
        ({"type": {"_eq": "image/png"}, "folder": {"_null": True}}, set()),
        # What takes more than the file's own columns, or is no rule, makes files private.
        ({"uploaded_by": {"_neq": "$CURRENT_USER"}}, set()),
        ({"folder": {"name": {"_eq": "Drafts"}}}, set()),
        ({"title": {"_contains": "stage"}}, set()),
        # A value of another kind would differ from that of every file.
        ({"folder": {"_nin": "x,y"}}, set()),
        ({"folder": {"_nin": [["x"]]}}, set()),
        ({"folder": {"_neq": {"x": 1}}}, set()),
        ({"folder": {"_neq": None}}, set()),
        ({"type": {"_neq": True}}, set()),
        ({"folder": {"_null": "false"}}, set()),
        ({"folder": {"_nnull": None}}, set()),
        ({"_and": "x"}, set()),
        ({"tags": {"_eq": "x"}}, set()),
        ([], set()),
        ("x", set()),
    ],
)
def test_a_rule_is_understood_or_makes_files_private(
    rule: object, expected: set[str], tmp_path: Path
) -> None:
    change = "UPDATE directus_permissions SET permissions = ?"
    text = None if rule is None else json.dumps(rule)
    assert public_files("directus/12", tmp_path, (change, (text,))) == expected


def test_a_rule_that_is_no_json_makes_files_private(tmp_path: Path) -> None:
    change = ("UPDATE directus_permissions SET permissions = ?", ("{",))
    assert public_files("directus/10", tmp_path, change) == set()


def test_a_rule_in_too_many_rules_makes_files_private(tmp_path: Path) -> None:
    text = '{"_and": [' * 400 + "{}" + "]}" * 400
    change = ("UPDATE directus_permissions SET permissions = ?", (text,))
    assert public_files("directus/12", tmp_path, change) == set()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM directus_permissions",
        "DROP TABLE directus_permissions",
        "UPDATE directus_permissions SET action = 'create'",
        "UPDATE directus_permissions SET collection = 'directus_folders'",
        "UPDATE directus_permissions SET policy = 'another'",
        "UPDATE directus_policies SET ip_access = '10.0.0.0/8'",
        "UPDATE directus_access SET role = 'editors'",
        "UPDATE directus_access SET user = 'somebody'",
    ],
)
def test_without_a_permission_for_everybody_files_are_private(change: str, tmp_path: Path) -> None:
    assert public_files("directus/12", tmp_path, (change, ())) == set()


def test_a_permission_of_a_role_is_not_for_everybody(tmp_path: Path) -> None:
    change = ("UPDATE directus_permissions SET role = 'editors'", ())
    assert public_files("directus/10", tmp_path, change) == set()


def test_the_pictures_of_the_sign_in_page_are_public(tmp_path: Path) -> None:
    changes = (
        ("DELETE FROM directus_permissions", ()),
        (
            """UPDATE directus_settings SET public_background =
            (SELECT id FROM directus_files WHERE filename_download = ?)""",
            (DRAFT,),
        ),
    )
    assert public_files("directus/10", tmp_path, *changes) == {DRAFT}
