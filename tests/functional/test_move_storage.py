"""`manage.py move-storage`: to another storage, beside live traffic and without losing a byte."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.cli import cli
from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import ForeignStorage, InvalidSettings, ObjectNotFound
from open_event_uploads.maintenance import move_storage, objects
from open_event_uploads.maintenance.move_storage import copy_objects
from open_event_uploads.storage import Storage
from open_event_uploads.storage.capabilities import grower_of
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.moving import MovingStorage
from tests.accounts import admin_headers
from tests.conftest import AppFactory, Client
from tests.documents import path_of, upload
from tests.images import picture
from tests.resumable import append, begun, offset_of

pytestmark = pytest.mark.default_stack("moves from folder to folder; test_move_house to a bucket")


def run(app: Flask, *arguments: str) -> tuple[int, dict[str, int], str]:
    result = app.test_cli_runner().invoke(cli, ["move-storage", "--json", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout), result.stderr


@pytest.fixture
def old(data_dir: Path) -> LocalStorage:
    return LocalStorage(data_dir / "storage")


@pytest.fixture
def new(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "new")


@pytest.fixture
def uploads(client: FlaskClient) -> list[dict[str, Any]]:
    """Five, in the old storage; one of them has a variant."""
    made = [upload(client, picture(colour=f"#{n:02x}0000"))["attributes"] for n in range(5)]
    return [each for each in made if client.get(path_of(each["url"])).status_code == 200]


@pytest.fixture
def moving(make_app: AppFactory, uploads: list[Any], old: LocalStorage, new: LocalStorage) -> Flask:
    """The application while it moves."""
    assert uploads
    return make_app(storage_url=new.root.as_uri(), storage_previous_url=old.root.as_uri())


def keys(storage: LocalStorage) -> set[str]:
    return {each.key for each in storage.objects()}


def everything_is_served(app: Flask, uploads: list[dict[str, Any]]) -> None:
    client = app.test_client()
    for each in uploads:
        answer = client.get(path_of(each["url"]))
        assert (answer.status_code, len(answer.data)) == (200, each["size"])


def test_everything_is_copied_and_then_the_old_one_emptied(
    moving: Flask,
    make_app: AppFactory,
    uploads: list[dict[str, Any]],
    old: LocalStorage,
    new: LocalStorage,
) -> None:
    before = keys(old)
    status, report, _ = run(moving)
    assert (status, report["copied"], report["problems"]) == (0, len(before), 0)
    assert report["bytes"] == sum(each.size for each in old.objects())
    assert keys(new) == keys(old) == before
    assert run(moving)[1]["there"] == len(before)
    status, report, _ = run(moving, "--empty-previous")
    assert (status, report["removed"]) == (0, len(before))
    assert keys(old) == set()
    everything_is_served(moving, uploads)
    everything_is_served(make_app(storage_url=new.root.as_uri()), uploads)


def test_before_and_half_way_everything_is_served(
    moving: Flask, uploads: list[dict[str, Any]]
) -> None:
    everything_is_served(moving, uploads)
    with moving.app_context():
        storage = current_storage()
        assert isinstance(storage, MovingStorage)
        copying = copy_objects(engine=db.engine, storage=storage)
        next(copying)
        everything_is_served(moving, uploads)
        copying.close()  # type: ignore[attr-defined]  # a generator, which somebody stops
    status, report, _ = run(moving)
    assert (status, report["problems"]) == (0, 0)
    assert report["there"] >= 1
    everything_is_served(moving, uploads)


def test_what_is_uploaded_meanwhile_goes_to_the_new_one(
    moving: Flask, old: LocalStorage, new: LocalStorage
) -> None:
    before = keys(old)
    url = upload(moving.test_client(), picture("GIF"))["attributes"]["url"]
    assert keys(old) == before
    assert keys(new) == {path_of(url).removeprefix("/media/")}


def test_what_grows_in_the_new_one_is_left_alone_and_its_older_pieces_are_moved(
    moving: Flask, old: LocalStorage
) -> None:
    piece, grows = new_partial_key(), new_partial_key()
    with old.grow(piece, lambda: None, begins=True) as growing:
        growing.write(0, [b"of the old one"])
        growing.flush()
    with moving.app_context():
        storage = current_storage()
    grower = grower_of(storage)
    assert grower is not None
    with pytest.raises(ObjectNotFound):
        grower.grow(piece, lambda: None, begins=False)
    with grower.grow(grows, lambda: None, begins=True) as growing:
        growing.write(0, [b"of the new "])
        for arguments in ([], ["--empty-previous"]):
            status, report, _ = run(moving, *arguments)
            assert (status, report["problems"]) == (0, 0)
        growing.write(11, [b"one"])
        growing.flush()
    assert keys(old) == set()
    contents = []
    for key in (piece, grows):
        with storage.open(key) as reader:
            contents.append(reader.read())
    assert contents == [b"of the old one", b"of the new one"]


@pytest.mark.parametrize("half_way", [True, False], ids=["half-way deleted", "deleted"])
def test_what_is_deleted_meanwhile_does_not_come_back(
    moving: Flask, uploads: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, *, half_way: bool
) -> None:
    with moving.app_context():
        storage = current_storage()
    assert isinstance(storage, MovingStorage)
    doomed = path_of(uploads[0]["url"]).removeprefix("/media/")
    put = LocalStorage.put

    def put_and_lose(self: LocalStorage, key: str, content: Any) -> None:  # noqa: ANN401 - as it is
        put(self, key, content)
        if key == doomed:
            (storage.previous if half_way else storage).delete(key)

    monkeypatch.setattr(LocalStorage, "put", put_and_lose)
    status, report, _ = run(moving)
    assert (status, report["gone"], report["problems"]) == (0, 1, 0)
    assert doomed not in {each.key for each in storage.current.objects()}


def test_what_is_deleted_while_the_old_storage_is_emptied_is_no_problem(
    moving: Flask, uploads: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(moving)
    with moving.app_context():
        storage = current_storage()
    doomed = path_of(uploads[0]["url"]).removeprefix("/media/")
    checksum = objects.checksum_of

    def read_and_lose(place: Storage, key: str) -> str | None:
        found = checksum(place, key)
        if key == doomed:
            storage.delete(key)
        return found

    monkeypatch.setattr(move_storage, "checksum_of", read_and_lose)
    status, report, _ = run(moving, "--empty-previous")
    assert (status, report["problems"], report["gone"]) == (0, 0, 1)


def test_bytes_that_are_not_those_of_their_upload_stay_and_are_named(
    moving: Flask, uploads: list[dict[str, Any]], old: LocalStorage, new: LocalStorage
) -> None:
    damaged = path_of(uploads[0]["url"]).removeprefix("/media/")
    old.put(damaged, b"x" * uploads[0]["size"])
    status, report, lines = run(moving)
    assert (status, report["problems"]) == (1, 1)
    assert f"{damaged}: wrong-checksum" in lines
    assert damaged not in keys(new)
    status, report, lines = run(moving, "--empty-previous")
    assert (status, report["problems"]) == (1, 1)
    assert f"{damaged}: not-copied" in lines
    assert keys(old) == {damaged}


def test_a_dry_run_changes_nothing(moving: Flask, old: LocalStorage, new: LocalStorage) -> None:
    before = keys(old)
    assert run(moving, "--dry-run")[1]["copied"] == len(before)
    assert keys(new) == set()
    run(moving)
    assert run(moving, "--empty-previous", "--dry-run")[1]["removed"] == len(before)
    assert keys(old) == before


def test_a_storage_of_somebody_else_is_not_moved(
    make_app: AppFactory, uploads: list[Any], old: LocalStorage, new: LocalStorage
) -> None:
    assert uploads
    new.write_marker("another")
    with pytest.raises(ForeignStorage):
        make_app(storage_url=new.root.as_uri(), storage_previous_url=old.root.as_uri())


def test_without_a_previous_storage_there_is_nothing_to_move(app: Flask) -> None:
    with pytest.raises(InvalidSettings, match="UPLOADS_STORAGE_PREVIOUS_URL"):
        run(app)


# --- What has arrived of files ----------------------------------------------------------------

CONTENT = picture(size=(40, 40))


@pytest.mark.parametrize("goes_on_before", range(4))
def test_an_upload_that_was_begun_before_the_move_goes_on_at_any_step_of_it(
    make_app: AppFactory,
    client: FlaskClient,
    old: LocalStorage,
    new: LocalStorage,
    goes_on_before: int,
) -> None:
    def by_sender(app: Flask) -> FlaskClient:
        sender = Client(app)
        sender.sign_in(admin_headers(client.application))
        return sender

    path = begun(client, len(CONTENT))
    append(client, path, 0, CONTENT[:10])
    moving = make_app(storage_url=new.root.as_uri(), storage_previous_url=old.root.as_uri())
    for step, options in enumerate([[], [], ["--empty-previous"], None]):
        if step == goes_on_before:
            assert append(by_sender(moving), path, 10, CONTENT[10:20]).status_code == 204
        if options is not None:
            assert run(moving, *options)[0] == 0
    assert keys(old) == set()
    after = by_sender(make_app(storage_url=new.root.as_uri()))
    assert offset_of(after, path) == 20
    made = append(after, path, 20, CONTENT[20:])
    attributes = after.get(path_of(made.headers["Content-Location"])).json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert after.get(path_of(attributes["url"])).data == CONTENT
    assert keys(new) == {path_of(attributes["url"]).removeprefix("/media/")}


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_BATCH", 5)


@pytest.mark.usefixtures("few_at_once")
def test_nothing_is_lost_beside_live_traffic(
    moving: Flask, uploads: list[dict[str, Any]], old: LocalStorage
) -> None:
    with moving.app_context():
        for _ in range(60):
            upload(moving.test_client(), picture())

    def live(n: int) -> Iterator[tuple[str, int]]:
        client = moving.test_client()
        for each in range(15):
            made = upload(client, picture(colour=f"#{n:02x}{each:02x}00"))
            address = f"/v1/uploads/{made['id']}"
            assert client.get(path_of(made["attributes"]["url"])).status_code == 200
            if each % 3:
                yield path_of(made["attributes"]["url"]), made["attributes"]["size"]
            else:
                assert client.delete(address).status_code == 204

    with ThreadPoolExecutor(4) as pool:
        lives = [pool.submit(lambda n: list(live(n)), n) for n in range(3)]
        reports = [run(moving), run(moving), run(moving, "--empty-previous")]
        kept = [each for life in lives for each in life.result()]
    assert [status for status, _, _ in reports] == [0, 0, 0]
    run(moving)
    run(moving, "--empty-previous")
    assert keys(old) == set()
    client = moving.test_client()
    for path, size in kept:
        assert len(client.get(path).data) == size
    everything_is_served(moving, uploads)
    result = moving.test_cli_runner().invoke(cli, ["verify"])
    assert result.exit_code == 0, result.output
