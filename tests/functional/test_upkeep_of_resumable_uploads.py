"""What has arrived of uploads is removed in time, checked, counted and given up with its owner."""

import json
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, update

from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.cli import cli
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import new_id, now
from open_event_uploads.maintenance import verify_pieces
from open_event_uploads.maintenance.objects import size_of
from open_event_uploads.maintenance.remove_abandoned import remove_abandoned
from open_event_uploads.maintenance.unfinished_figures import UnfinishedFigures
from open_event_uploads.storage import Storage
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.reassign import reassign_uploads
from open_event_uploads.uploads.recount_usage import find_drift
from open_event_uploads.uploads.resumable.model import ResumablePiece, ResumableUpload
from open_event_uploads.uploads.usage import Usage
from tests.accounts import account, bearer
from tests.admins import admin_in
from tests.conftest import AppFactory, Stranger
from tests.documents import path_of, upload
from tests.functional.test_leases import plans
from tests.functional.test_sweep_and_verify import run
from tests.images import picture
from tests.resumable import VERSION, append, begun, offset_of, send
from tests.stored import StoredFiles

PNG = picture()
TOKEN = "t" * 40


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    """A client of a member."""
    client = Stranger(app)
    client.sign_in(bearer(app, account(app)))
    return client


def unfinished(client: FlaskClient, sent: bytes = PNG[:10]) -> str:
    """Begin an upload, send a part of it, and return its path."""
    path = begun(client, len(PNG))
    assert append(client, path, 0, sent).status_code == 204
    return path


def let_all_expire(app: Flask) -> None:
    with app.app_context():
        over = now() - timedelta(seconds=1)
        db.session.execute(update(ResumableUpload).values(expires_at=over))
        db.session.commit()


def swept(app: Flask, *options: str) -> dict[str, int]:
    """Sweep as if the grace period were over for every object."""
    arguments = ["sweep", "--json", "--grace-hours", "0", *options]
    found: dict[str, int] = json.loads(run(app, *arguments)[1])
    return found


def count(app: Flask, table: type[Any]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def stored_bytes(app: Flask) -> dict[str, int]:
    """What counts for each user who has an email."""
    with app.app_context():
        assert find_drift(engine=db.engine) == []
        return dict(db.session.execute(select(Usage.user_id, Usage.stored_bytes)).all())


# --- Sweep ------------------------------------------------------------------------------------


def test_what_has_arrived_is_kept_however_old_it_is(
    app: Flask, ada: FlaskClient, stored_files: StoredFiles
) -> None:
    path = unfinished(ada)
    found = swept(app)
    assert (found["objects"], found["orphans"], found["stale"], found["removed"]) == (1, 0, 0, 0)
    assert len(stored_files()) == 1
    assert append(ada, path, 10, PNG[10:]).status_code == 204


def test_what_nobody_finishes_is_removed_in_time_and_counts_no_more(
    app: Flask, ada: FlaskClient, stored_files: StoredFiles
) -> None:
    paths = [unfinished(ada), unfinished(ada), begun(ada, len(PNG))]
    assert set(stored_bytes(app).values()) == {3 * len(PNG)}
    let_all_expire(app)
    expected = {"abandoned": 3, "abandoned_bytes": 20, "expired": 0, "orphans": 0, "stale": 0}
    assert {**expected, "removed": 0}.items() <= swept(app, "--dry-run").items()
    assert (count(app, ResumableUpload), len(stored_files())) == (3, 2)
    assert {**expected, "removed": 3, "objects": 0}.items() <= swept(app).items()
    assert (count(app, ResumableUpload), count(app, ResumablePiece)) == (0, 0)
    assert list(stored_files()) == []
    assert set(stored_bytes(app).values()) == {0}
    assert [ada.head(path, headers=VERSION).status_code for path in paths] == [404] * 3
    assert swept(app)["abandoned"] == 0


def test_of_a_finished_one_only_the_row_is_removed(app: Flask, ada: FlaskClient) -> None:
    made = ada.get(path_of(send(ada, PNG).headers["Content-Location"])).json["data"]  # type: ignore[index]  # it has a body
    let_all_expire(app)
    assert swept(app, "--dry-run")["abandoned"] == 0
    found = swept(app)
    assert (found["abandoned"], found["removed"], count(app, ResumableUpload)) == (0, 0, 0)
    assert ada.get(path_of(made["attributes"]["url"])).data == PNG
    assert set(stored_bytes(app).values()) == {len(PNG)}


def test_a_piece_that_no_row_names_is_no_sign_of_an_error(
    app: Flask, ada: FlaskClient, stored_files: StoredFiles
) -> None:
    unfinished(ada)
    with app.app_context():
        current_storage().put(new_partial_key(), b"left by a crash")
    # Without --force, although it is half of all objects.
    found = swept(app)
    assert {"orphans": 0, "stale": 1, "stale_bytes": 15, "removed": 1}.items() <= found.items()
    assert [each.read_bytes() for each in stored_files()] == [PNG[:10]]


def test_a_young_piece_may_be_about_to_count(app: Flask, stored_files: StoredFiles) -> None:
    with app.app_context():
        current_storage().put(new_partial_key(), b"on its way")
    assert json.loads(run(app, "sweep", "--json")[1])["stale"] == 0
    assert len(stored_files()) == 1


@pytest.mark.slow
def test_ten_thousand_abandoned_uploads_are_removed_in_batches(app: Flask) -> None:
    ids = [new_id() for _ in range(10_000)]
    at = now() - timedelta(hours=1)
    columns = {"sender": "s", "length": 100, "received": 50, "expires_at": at}
    batches: list[int] = []
    with app.app_context():
        db.session.execute(insert(ResumableUpload), [{"id": each, **columns} for each in ids])
        pieces = [{"resumable_id": id_, "start": 0, "key": new_partial_key()} for id_ in ids]
        db.session.execute(insert(ResumablePiece), pieces)
        db.session.commit()
        db.session.remove()
        del pieces
        tracemalloc.start()
        removed = remove_abandoned(
            engine=db.engine, storage=MemoryStorage(), progress=batches.append
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (removed.uploads, removed.size) == (10_000, 500_000)
    assert batches == list(range(100, 10_001, 100))
    # All rows together have more than 5 MB.
    assert peak < 2_000_000
    assert (count(app, ResumableUpload), count(app, ResumablePiece)) == (0, 0)


# --- Verify -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lose", ["missing", "short"])
def test_an_unfinished_upload_that_has_lost_bytes_is_reported(
    app: Flask, ada: FlaskClient, stored_files: StoredFiles, lose: str
) -> None:
    unfinished(ada)
    (whole,) = stored_files()
    path = unfinished(ada, PNG[:20])
    assert run(app, "verify")[0] == 0
    (piece,) = (each for each in stored_files() if each.name != whole.name)
    if lose == "missing":
        piece.unlink()
    else:
        piece.write_bytes(PNG[:19])
    status, output = run(app, "verify", "--json", "--quick")
    assert status == 1
    found, summary = map(json.loads, output.splitlines())
    id_ = path.rpartition("/")[2]
    assert found == {"id": id_, "key": f"partial/{piece.name}", "problem": "lost-bytes"}
    assert (summary["problems"], summary["lost-bytes"]) == (1, 1)


def test_more_bytes_than_count_are_no_problem(
    app: Flask, ada: FlaskClient, stored_files: StoredFiles
) -> None:
    unfinished(ada)
    (piece,) = stored_files()
    piece.write_bytes(PNG[:10] + b"of a request that was cut off")
    assert run(app, "verify")[0] == 0


def test_what_is_finished_meanwhile_has_lost_nothing(
    app: Flask, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unfinished(ada)

    def finish_first(storage: Storage, key: str) -> int | None:
        assert append(ada, path, 10, PNG[10:]).status_code == 204
        return size_of(storage, key)

    monkeypatch.setattr(verify_pieces, "size_of", finish_first)
    assert run(app, "verify") == (0, "0 uploads checked, 0 problems\n")


# --- Count ------------------------------------------------------------------------------------


def test_a_wrong_count_is_found_and_corrected_by_what_is_reserved(
    app: Flask, ada: FlaskClient
) -> None:
    upload(ada, PNG)
    unfinished(ada)
    deferred = begun(ada, None)
    append(ada, deferred, 0, PNG[:7])
    assert run(app, "verify")[0] == 0
    with app.app_context():
        db.session.execute(update(Usage).values(stored_bytes=Usage.stored_bytes + 5))
        db.session.commit()
    expected = 2 * len(PNG) + 7
    status, output = run(app, "verify", "--recount")
    assert status == 1
    assert f"{expected + 5} bytes counted, {expected} stored" in output
    assert run(app, "verify")[0] == 0
    assert set(stored_bytes(app).values()) == {expected}


def test_operators_see_how_many_are_unfinished_and_what_they_reserve(
    make_app: AppFactory,
) -> None:
    client = make_app(metrics_token=TOKEN).test_client()
    send(client, PNG)
    unfinished(client)
    append(client, begun(client, None), 0, PNG[:7])
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "uploads_unfinished 2.0" in text
    assert f"uploads_unfinished_bytes {len(PNG) + 7}.0" in text


@pytest.mark.default_stack("explains a plan of SQLite")
def test_finished_ones_are_not_looked_at_one_by_one(app: Flask) -> None:
    with plans(app) as found:
        list(UnfinishedFigures(db.engine).collect())
    assert found == ["SCAN resumable_uploads USING INDEX ix_resumable_uploads_unfinished"]


# --- Users ------------------------------------------------------------------------------------


def _by_api(app: Flask, user_id: str) -> None:
    assert app.test_client().delete(f"/v1/users/{user_id}").status_code == 204


def _by_command(app: Flask, user_id: str) -> None:
    result = app.test_cli_runner().invoke(cli, ["users", "delete", user_id, "--yes"])
    assert result.exit_code == 0, result.output


def _on_a_page(app: Flask, user_id: str) -> None:
    assert admin_in(app).send(f"/admin/users/{user_id}/delete").status_code == 303


@pytest.mark.parametrize("delete", [_by_api, _by_command, _on_a_page])
def test_what_a_deleted_user_has_not_finished_goes_too(
    app: Flask, stored_files: StoredFiles, delete: Callable[[Flask, str], None]
) -> None:
    user_id = account(app)
    client = Stranger(app)
    client.sign_in(bearer(app, user_id))
    path = unfinished(client)
    delete(app, user_id)
    assert (count(app, ResumableUpload), count(app, ResumablePiece)) == (0, 0)
    assert client.head(path, headers=VERSION).status_code == 401
    assert app.test_client().head(path, headers=VERSION).status_code == 404
    found = swept(app)
    assert (found["orphans"], found["stale"], list(stored_files())) == (0, 1, [])


def test_an_heir_gets_the_uploads_and_not_what_is_unfinished(app: Flask) -> None:
    clients, ids = [], []
    for name in ("Ada", "Bob"):
        ids.append(account(app, name))
        clients.append(Stranger(app))
        clients[-1].sign_in(bearer(app, ids[-1]))
    ada, bob = clients
    made = upload(ada, PNG)
    send(ada, PNG)
    unfinished(ada)
    path = unfinished(bob)
    arguments = ["users", "delete", ids[0], "--reassign", ids[1], "--yes"]
    result = app.test_cli_runner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    # Two uploads, and what Bob himself has reserved.
    assert stored_bytes(app)[ids[1]] == 3 * len(PNG)
    assert offset_of(bob, path) == 10
    assert append(bob, path, 10, PNG[10:]).status_code == 204
    assert stored_bytes(app)[ids[1]] == 3 * len(PNG)
    assert bob.get(f"/v1/uploads/{made['id']}").status_code == 200
    assert count(app, Upload) == 3


def test_users_who_are_deleted_while_their_uploads_expire_are_in_nobodys_way(app: Flask) -> None:
    for number in range(3):
        users = [account(app, f"User{number}{each}") for each in range(4)]
        heir = account(app, f"Heir{number}")
        for user_id in [*users, heir]:
            client = Stranger(app)
            client.sign_in(bearer(app, user_id))
            for _ in range(10):
                begun(client, 100)
        let_all_expire(app)
        everybody = Barrier(5)

        def end(user_id: str | None, heir: str = heir, ready: Barrier = everybody) -> None:
            with app.app_context():
                ready.wait()
                if user_id is None:
                    remove_abandoned(engine=db.engine, storage=MemoryStorage())
                else:
                    heirs = {"reassign_to": heir, "reassign": reassign_uploads}
                    delete_user(user_id, **heirs, engine=db.engine)  # type: ignore[arg-type]  # by name

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(end, [None, *users]))
        assert stored_bytes(app)[heir] == 0
