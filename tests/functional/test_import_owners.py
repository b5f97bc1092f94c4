"""`manage.py import`: whose the imported files are, and what becomes of two of the same bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.accounts.create_user import create_user
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import DatabaseUnavailable, UnreadableFile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance import import_owners
from open_event_uploads.maintenance import import_uploads as import_module
from open_event_uploads.maintenance.import_owners import ImportOwners
from open_event_uploads.maintenance.import_sources.source import (
    ForeignFile,
    InvalidEntry,
    derive_upload_id,
)
from open_event_uploads.maintenance.import_uploads import Imported, Importer
from open_event_uploads.uploads.create import create_upload
from open_event_uploads.uploads.processing import current_processing
from tests.accounts import account
from tests.images import picture


def foreign(key: str, **facts: object) -> ForeignFile:
    upload_id = derive_upload_id("tests", "https://old.example.org", key)
    file = ForeignFile(key=key, open=lambda: IncomingFile(picture()), upload_id=upload_id)
    return replace(file, **facts)  # type: ignore[arg-type]  # as the test says


class Run:
    """Imports files, and remembers what was said about their owners."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.lines = list[str]()

    def __call__(
        self, *files: ForeignFile | InvalidEntry, **options: bool | str | None
    ) -> list[Imported]:
        return list(self.imported(files, **options))  # type: ignore[arg-type]  # as there

    def imported(
        self,
        files: Iterable[ForeignFile | InvalidEntry],
        *,
        owner: str | None = None,
        creates: bool = False,
        dry_run: bool = False,
    ) -> Iterator[Imported]:
        owners = ImportOwners(
            owner, creates=creates, dry_run=dry_run, report=self.lines.append, engine=db.engine
        )
        importer = Importer(
            owners=owners,
            dry_run=dry_run,
            engine=db.engine,
            storage=current_storage(),
            processing=current_processing(),
        )
        return importer.import_files(files)


@pytest.fixture
def run(app: Flask) -> Iterator[Run]:
    with app.app_context():
        yield Run(app)


def test_each_record_keeps_its_own_words_though_the_bytes_are_the_same(
    run: Run, client: FlaskClient
) -> None:
    moment = datetime(2017, 3, 4, 5, 6, 7, 8, UTC)
    files = [
        foreign("1", values={"alt": "The stage", "filename": "a.png", "caption": None}),
        foreign("2", values={"alt": "The crowd", "filename": "b.png"}, created_at=moment),
    ]
    found = run(*files)
    assert [each.outcome for each in found] == ["done", "done"]
    assert [each.outcome for each in run(*files)] == ["there", "there"]
    second = client.get(f"/v1/uploads/{files[1].upload_id}").get_json()["data"]["attributes"]
    assert second["alt"] == "The crowd"
    assert second["created-at"] == "2017-03-04T05:06:07.000008Z"


def test_a_file_that_is_here_is_not_opened_again(run: Run) -> None:
    def refuse() -> IncomingFile:
        raise AssertionError

    run(foreign("1"))
    assert [each.outcome for each in run(foreign("1", open=refuse))] == ["there"]


def test_two_runs_at_once_import_a_file_once(run: Run, client: FlaskClient) -> None:
    def open_after_another_run() -> IncomingFile:
        run(foreign("1"))
        return IncomingFile(picture())

    (found,) = run(foreign("1", open=open_after_another_run))
    assert found.outcome == "there"
    assert client.get("/v1/uploads").get_json()["meta"]["count"] == 1


def test_ids_of_several_systems_differ() -> None:
    made = {
        derive_upload_id(source, instance, key)
        for source in ("directus", "strapi")
        for instance in ("https://a.example.org", "https://b.example.org")
        for key in ("1", "2")
    }
    assert len(made) == 8
    assert derive_upload_id("a", "b", "c") == "bca112b3-0921-5c45-a4ce-88dc1b40b483"


def test_owners_are_found_by_email(run: Run) -> None:
    ada = account(run.app)
    (found,) = run(foreign("1", owner=" ADA@Example.org"))
    assert found.upload is not None
    assert found.upload.owner_id == ada


def test_an_unknown_owner_is_refused_or_replaced(run: Run) -> None:
    ada = account(run.app)
    files = [foreign(key, owner="eve@example.org") for key in ("1", "2")]
    assert [each.outcome for each in run(*files)] == ["refused", "refused"]
    assert {each.upload and each.upload.owner_id for each in run(*files, owner=ada)} == {ada}
    assert run.lines == ["eve@example.org has no account: the files go to the one of --owner"]


def test_accounts_are_created_for_unknown_owners(run: Run) -> None:
    files = [
        foreign("1", owner="Eve@Example.org", owner_name="Eve\nAdams"),
        foreign("2", owner="eve@example.org", owner_name="Eve\nAdams"),
        foreign("3", owner="zoe@example.org"),
        foreign("4", owner="no address@", owner_name="Nobody"),
    ]
    found = run(*files, creates=True)
    assert [each.outcome for each in found] == ["done", "done", "done", "refused"]
    eve = find_user("eve@example.org", engine=db.engine)
    assert (eve.name, eve.role, eve.password_hash) == ("EveAdams", "member", None)
    assert find_user("zoe@example.org", engine=db.engine).name == "zoe"
    assert {each.upload and each.upload.owner_id for each in found[:2]} == {eve.id}
    assert len(run.lines) == 2


def test_two_imports_at_once_create_one_account(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def create_twice(*values: Any, **options: Any) -> object:  # noqa: ANN401 - as of `create_user`
        create_user(*values, **options)  # the other import is faster
        return create_user(*values, **options)

    monkeypatch.setattr(import_owners, "create_user", create_twice)
    (found,) = run(foreign("1", owner="Eve@example.org"), creates=True)
    assert found.upload
    assert found.upload.owner_id == find_user("eve@example.org", engine=db.engine).id


def test_a_database_that_fails_refuses_no_owner(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_values: object, **_options: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(import_owners, "create_user", fail)
    with pytest.raises(DatabaseUnavailable):
        run(foreign("1", owner="eve@example.org"), creates=True)


def test_a_dry_run_creates_no_account(run: Run, client: FlaskClient) -> None:
    run(foreign("1", owner="eve@example.org"), creates=True, dry_run=True)
    assert "one would be created" in run.lines[0]
    users = client.get("/v1/users").get_json()["data"]
    assert "Eve" not in {each["attributes"]["name"] for each in users}


def test_a_dry_run_refuses_emails_of_which_no_account_can_be_made(run: Run) -> None:
    (found,) = run(foreign("1", owner="no address@"), creates=True, dry_run=True)
    assert found.outcome == "refused"
    assert run.lines == []


def test_a_file_that_changes_meanwhile_is_stored_as_it_was_checked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stage.png"
    path.write_bytes(picture())

    def change_and_create(**values: Any) -> object:  # noqa: ANN401 - as of `create_upload`
        path.write_bytes(b"no picture any more")
        return create_upload(**values)

    monkeypatch.setattr(import_module, "create_upload", change_and_create)
    (found,) = run(foreign("1", open=lambda: IncomingFile(path.open("rb"))))
    assert found.upload is not None
    with current_storage().open(found.upload.key) as stored:
        assert stored.read() == picture()


def test_a_disk_that_cannot_be_read_refuses_one_file(run: Run) -> None:
    def fail() -> IncomingFile:
        raise OSError(5, "Input/output error")

    found = run(foreign("1", open=fail), foreign("2"))
    assert [each.outcome for each in found] == ["refused", "done"]
    assert "Input/output error" in found[0].reason


def test_what_is_wrong_is_named_and_the_rest_goes_on(run: Run) -> None:
    def fail() -> IncomingFile:
        raise UnreadableFile("gone")

    found = run(
        InvalidEntry("0", "it has no file"),
        foreign("1", open=fail),
        foreign("2", values={"alt": "x" * 2001}),
        foreign("3", values={"visibility": "secret"}),
        foreign("4", values={"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}),
        foreign("5", open=lambda: IncomingFile(b"no picture")),
        foreign("6"),
    )
    assert [each.outcome for each in found] == ["refused"] * 6 + ["done"]
    assert [each.reason.partition(":")[0] for each in found[:6]] == [
        "it has no file",
        "gone",
        "`alt`",
        "`visibility`",
        "invalid-attribute",
        "unsupported-file-type",
    ]
