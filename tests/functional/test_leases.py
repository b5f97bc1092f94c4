"""`expires-at`: an upload is kept for a while, and then it is not there for anybody."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select, update

from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.maintenance import remove_expired as service
from open_event_uploads.maintenance import walk_expired
from open_event_uploads.maintenance.remove_expired import remove_expired
from open_event_uploads.maintenance.walk_expired import Expired
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.usage import Usage
from tests.admins import admin_in
from tests.conftest import AppFactory, Stranger
from tests.documents import (
    COLLECTION,
    JSON_API,
    data_uri,
    document,
    only_error,
    patch,
    path_of,
    post,
    upload,
)
from tests.functional.test_run_operations import add, errors, remove, results, run
from tests.functional.test_run_operations import update as change
from tests.images import picture
from tests.stored import StoredFiles
from tests.users import ADA, by, with_users

HOUR = timedelta(hours=1)


def in_(span: timedelta) -> str:
    found = timestamp(now() + span)
    assert found is not None
    return found


def expire(app: Flask, *ids: str) -> None:
    """The lease ends, as it does by itself in time."""
    with app.app_context():
        over = now() - timedelta(seconds=1)
        db.session.execute(update(Upload).where(Upload.id.in_(ids)).values(expires_at=over))
        db.session.commit()


def lease_of(client: FlaskClient, id_: str) -> str | None:
    found: str | None = client.get(f"{COLLECTION}/{id_}").json["data"]["attributes"]["expires-at"]  # type: ignore[index]  # it has a body
    return found


def sweep(app: Flask) -> Expired:
    with app.app_context():
        return remove_expired(engine=db.engine, storage=current_storage())


# --- What may be wished -----------------------------------------------------------------------


def test_an_upload_is_kept_for_good_unless_somebody_says_otherwise(client: FlaskClient) -> None:
    assert upload(client, picture())["attributes"]["expires-at"] is None
    assert upload(client, picture(), **{"expires-at": None})["attributes"]["expires-at"] is None
    at = in_(HOUR)
    made = upload(client, picture(), **{"expires-at": at})
    assert made["attributes"]["expires-at"] == lease_of(client, made["id"]) == at


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.000000Z"),
        ("2030-01-02t03:04:05.5z", "2030-01-02T03:04:05.500000Z"),
        ("2030-01-02T03:04:05.000001+05:30", "2030-01-01T21:34:05.000001Z"),
    ],
)
def test_it_is_a_time_of_rfc_3339_and_shown_in_utc(
    client: FlaskClient, sent: str, kept: str
) -> None:
    assert upload(client, picture(), **{"expires-at": sent})["attributes"]["expires-at"] == kept


@pytest.mark.parametrize(
    "wish",
    [
        "2020-01-01T00:00:00Z",
        "2030-01-01T00:00:00",
        "2030-01-01",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2030-02-30T00:00:00Z",
        "tomorrow",
        "",
        1893456000,
        True,
        [],
    ],
)
def test_what_is_over_far_away_or_no_time_is_refused(
    client: FlaskClient, stored_files: StoredFiles, wish: object
) -> None:
    response = post(client, document({"data": data_uri(picture()), "expires-at": wish}))
    error = only_error(response)
    assert response.status_code == 422
    assert error["code"] == "invalid-attribute"
    assert error["source"] == {"pointer": "/data/attributes/expires-at"}
    assert stored_files() == []
    made = upload(client, picture())
    assert only_error(patch(client, made["id"], **{"expires-at": wish}))["source"] == {
        "pointer": "/data/attributes/expires-at"
    }


def test_a_form_says_it_in_a_part(client: FlaskClient) -> None:
    at = in_(HOUR)
    for sent, status in ((at, 201), ("2020-01-01T00:00:00Z", 422), ("soon", 422)):
        form = {"file": (io.BytesIO(picture()), "a.png"), "expires-at": sent}
        response = client.post(COLLECTION, data=form, content_type="multipart/form-data")
        assert response.status_code == status
        if status == 201:
            assert response.json["data"]["attributes"]["expires-at"] == at  # type: ignore[index]  # it has a body
        else:
            assert only_error(response)["meta"]["attribute"] == "expires-at"


def test_a_request_sent_again_is_known_by_its_lease(client: FlaskClient) -> None:
    body = document({"data": data_uri(picture()), "expires-at": in_(HOUR)})
    headers = {"Idempotency-Key": "lease"}
    first, again = (post(client, body, headers=headers) for _ in range(2))
    assert first.json == again.json
    other = document({"data": data_uri(picture()), "expires-at": in_(2 * HOUR)})
    assert only_error(post(client, other, headers=headers))["code"] == "idempotency-key-reused"


def test_it_is_prolonged_left_alone_and_given_up(client: FlaskClient) -> None:
    made = upload(client, picture(), **{"expires-at": in_(HOUR)})
    for wish in (later := in_(2 * HOUR), in_(HOUR / 2), later):
        changed = patch(client, made["id"], **{"expires-at": wish})
        assert changed.json["data"]["attributes"]["expires-at"] == wish  # type: ignore[index]  # it has a body
    tag = changed.headers["ETag"]
    patch(client, made["id"], alt="A sun")
    assert lease_of(client, made["id"]) == later
    claimed = patch(client, made["id"], **{"expires-at": None})
    assert claimed.json["data"]["attributes"]["expires-at"] is None  # type: ignore[index]  # it has a body
    assert claimed.headers["ETag"] != tag
    assert path_of(made["attributes"]["url"]) == path_of(
        claimed.json["data"]["attributes"]["url"]  # type: ignore[index]  # it has a body
    )


def test_a_record_that_comes_back_whole_changes_nothing(client: FlaskClient) -> None:
    made = upload(client, picture(), **{"expires-at": in_(HOUR)})
    before = client.get(f"{COLLECTION}/{made['id']}").headers["ETag"]
    assert patch(client, made["id"], **made["attributes"]).headers["ETag"] == before


def test_null_in_a_new_record_is_the_default(make_app: AppFactory) -> None:
    client = make_app(expires_after="24 hours").test_client()
    made = upload(client, picture(), **{"expires-at": None})
    assert made["attributes"]["expires-at"] is not None


def test_who_may_not_change_an_upload_may_not_claim_it(app: Flask) -> None:
    client = with_users(app).test_client()
    made = upload(client, picture(), **{"expires-at": in_(HOUR)})
    body = document({"expires-at": None}, id=made["id"])
    response = client.patch(
        f"{COLLECTION}/{made['id']}", json=body, content_type=JSON_API, headers=by(ADA)
    )
    assert only_error(response)["code"] == "forbidden"
    assert lease_of(client, made["id"]) is not None


def test_operations_give_and_take_leases(client: FlaskClient) -> None:
    at = in_(HOUR)
    made, kept = (
        each["data"]
        for each in results(
            run(
                client,
                add(picture(), "one", **{"expires-at": at}),
                change({"lid": "one"}, **{"expires-at": None}),
            )
        )
    )
    assert (made["attributes"]["expires-at"], kept["attributes"]["expires-at"]) == (at, None)
    (error,) = errors(run(client, add(picture(), **{"expires-at": "2020-01-01T00:00:00Z"})))
    assert error["source"] == {"pointer": "/atomic:operations/0/data/attributes/expires-at"}


# --- By default -------------------------------------------------------------------------------


def test_a_setting_says_how_long_what_says_nothing_is_kept(make_app: AppFactory) -> None:
    app = make_app(expires_after="24 hours")
    client = app.test_client()
    upload(client, picture())
    client.post(COLLECTION, data=picture(), content_type="image/png")
    run(client, add(picture()))
    client.post("/v1/upload/image", json={"data": data_uri(picture())})
    with app.app_context():
        found = db.session.scalars(select(Upload)).all()
    assert len(found) == 4
    for each in found:
        assert each.expires_at == each.created_at + timedelta(hours=24)
    at = in_(HOUR)
    assert upload(client, picture(), **{"expires-at": at})["attributes"]["expires-at"] == at


def test_other_bytes_for_it_do_not_change_its_lease(make_app: AppFactory) -> None:
    client = make_app(expires_after="24 hours").test_client()
    made = upload(client, picture())
    before = lease_of(client, made["id"])
    assert patch(client, made["id"], data=data_uri(picture(colour="red"))).status_code == 200
    assert lease_of(client, made["id"]) == before
    patch(client, made["id"], **{"expires-at": None})
    patch(client, made["id"], data=data_uri(picture(colour="blue")))
    assert lease_of(client, made["id"]) is None


# --- When it is over --------------------------------------------------------------------------


@pytest.fixture
def expired(app: Flask, client: FlaskClient) -> dict[str, Any]:
    """An upload whose lease is over, as it was shown before."""
    made = upload(client, picture(), filename="over.png", **{"expires-at": in_(HOUR)})
    expire(app, made["id"])
    return made


def test_nobody_finds_it_any_more(client: FlaskClient, expired: dict[str, Any]) -> None:
    address = f"{COLLECTION}/{expired['id']}"
    variant = f"/v1/variants/{expired['id']}-icon"
    for path in (
        path_of(expired["attributes"]["url"]),
        address,
        f"{address}/variants",
        f"{address}/owner",
        f"{address}/relationships/variants",
        variant,
        f"{variant}/upload",
        f"{variant}/relationships/upload",
    ):
        assert client.get(path).status_code == 404, path
    assert client.head(path_of(expired["attributes"]["url"])).status_code == 404
    assert client.post(f"{address}/download-link").status_code == 404


def test_a_variant_that_was_made_is_not_there_either(app: Flask, client: FlaskClient) -> None:
    made = upload(client, picture(), **{"expires-at": in_(HOUR)})
    related: Any = client.get(f"{COLLECTION}/{made['id']}/variants").json
    url = path_of(related["data"][0]["attributes"]["url"])
    assert client.get(url).status_code == 200
    expire(app, made["id"])
    assert client.get(url).status_code == 404


def test_nobody_changes_claims_or_deletes_it(
    client: FlaskClient, expired: dict[str, Any], stored_files: StoredFiles
) -> None:
    id_ = expired["id"]
    before = stored_files()
    attempts = [
        patch(client, id_, alt="x"),
        patch(client, id_, **{"expires-at": None}),
        patch(client, id_, data=data_uri(picture(colour="red")), visibility="private"),
        client.put(f"{COLLECTION}/{id_}/content", data=picture("GIF"), content_type="image/gif"),
        client.delete(f"{COLLECTION}/{id_}"),
        run(client, change({"id": id_}, **{"expires-at": None})),
        run(client, change({"id": id_}, data=data_uri(picture("GIF")))),
        run(client, remove(id=id_)),
        post(
            client,
            document(
                {"data": data_uri(picture())},
                relationships={"variants": {"data": [{"type": "variants", "id": f"{id_}-icon"}]}},
            ),
        ),
    ]
    assert [each.status_code for each in attempts] == [404] * len(attempts)
    assert stored_files() == before


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?page[size]=1",
        "?sort=size",
        "?sort=filename",
        "?filter[q]=over",
        "?filter[media-type]=image/png",
        "?filter[status]=ready",
        "?include=variants,owner",
    ],
)
def test_no_list_holds_or_counts_it(
    client: FlaskClient, expired: dict[str, Any], query: str
) -> None:
    body: Any = client.get(COLLECTION + query).json
    assert expired["id"] not in str(body)
    assert (body["data"], body["meta"]["count"]) == ([], 0)
    kept = upload(client, picture(), filename="over too.png", **{"expires-at": in_(HOUR)})
    body = client.get(COLLECTION + query).json
    assert ([each["id"] for each in body["data"]], body["meta"]["count"]) == ([kept["id"]], 1)


def test_no_page_between_cursors_holds_it(client: FlaskClient, expired: dict[str, Any]) -> None:
    accept = f'{JSON_API};profile="https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"'
    kept = [upload(client, picture())["id"] for _ in range(3)]
    found, path = [], f"{COLLECTION}?page[size]=2&sort=created-at"
    while path:
        body: Any = client.get(path_of(path), headers={"Accept": accept}).json
        found += [each["id"] for each in body["data"]]
        path = body["links"]["next"]
    assert found == kept
    assert expired["id"] not in found


def test_the_pages_for_admins_do_not_show_it(app: Flask, client: FlaskClient) -> None:
    admin = admin_in(app)
    at = "2030-05-06T07:08:09.123456Z"
    made = upload(client, picture(), filename="over.png", **{"expires-at": at})
    page = f"/admin/uploads/{made['id']}"
    assert "Until 2030-05-06" in admin.get("/admin/uploads/").text
    assert 'value="2030-05-06T07:08:09"' in admin.get(page).text
    expire(app, made["id"])
    assert "There are no uploads yet" in admin.get("/admin/uploads/").text
    assert "There are no uploads yet" in admin.get("/admin/").text
    assert admin.get(page).status_code == 404
    assert admin.get("/admin/presets/new").status_code == 200


# --- Caches and links -------------------------------------------------------------------------


def max_age(client: FlaskClient, url: str) -> int:
    header = client.get(path_of(url)).headers["Cache-Control"]
    match = re.fullmatch(r"public, max-age=([0-9]+), immutable", header)
    assert match, header
    return int(match[1])


def test_no_cache_keeps_a_file_beyond_its_lease(client: FlaskClient) -> None:
    made = upload(client, picture(), **{"expires-at": in_(HOUR)})
    related: Any = client.get(f"{COLLECTION}/{made['id']}/variants").json
    for url in (made["attributes"]["url"], related["data"][0]["attributes"]["url"]):
        assert 3590 <= max_age(client, url) < 3600
    patch(client, made["id"], **{"expires-at": in_(timedelta(days=3000))})
    assert max_age(client, made["attributes"]["url"]) == 365 * 86400
    patch(client, made["id"], **{"expires-at": None})
    assert max_age(client, made["attributes"]["url"]) == 365 * 86400


def test_no_link_outlives_the_lease(app: Flask, client: FlaskClient) -> None:
    lease = in_(timedelta(minutes=5))
    for visibility in ("private", "public"):
        made = upload(client, picture(), visibility=visibility, **{"expires-at": lease})
        link: Any = client.post(
            f"{COLLECTION}/{made['id']}/download-link",
            json={"meta": {"expires-in": 86400}},
            content_type=JSON_API,
        ).json["meta"]  # type: ignore[index]  # it has a body
        assert now() < datetime.fromisoformat(link["expires-at"]) <= datetime.fromisoformat(lease)
        assert Stranger(app).get(path_of(link["url"])).status_code == 200
        expire(app, made["id"])
        assert Stranger(app).get(path_of(link["url"])).status_code == 404


# --- Removal ----------------------------------------------------------------------------------


def test_the_sweeper_removes_rows_bytes_and_variants(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    kept = upload(client, picture(), **{"expires-at": in_(HOUR)})
    over = [upload(client, picture(colour="red"), **{"expires-at": in_(HOUR)}) for _ in range(3)]
    related: Any = client.get(f"{COLLECTION}/{over[0]['id']}/variants").json
    client.get(path_of(related["data"][0]["attributes"]["url"]))
    expire(app, *(each["id"] for each in over))
    assert len(stored_files()) == 5
    assert sweep(app) == Expired(3, 3 * len(picture(colour="red")))
    assert len(stored_files()) == 1
    with app.app_context():
        assert db.session.scalars(select(Upload.id)).all() == [kept["id"]]
    assert sweep(app) == Expired()


@pytest.mark.parametrize("status", ["pending", "rejected", "quarantined"])
def test_whatever_its_status(app: Flask, client: FlaskClient, status: str) -> None:
    made = upload(client, picture())
    with app.app_context():
        db.session.execute(update(Upload).values(status=status))
        db.session.commit()
    expire(app, made["id"])
    assert sweep(app).uploads == 1


def test_more_than_one_batch(app: Flask, client: FlaskClient, stored_files: StoredFiles) -> None:
    made = [upload(client, picture(size=(1, 1)))["id"] for _ in range(7)]
    expire(app, *made)
    told: list[int] = []
    with pytest.MonkeyPatch.context() as monkeypatch, app.app_context():
        monkeypatch.setattr(walk_expired, "_BATCH", 3)
        found = remove_expired(engine=db.engine, storage=current_storage(), progress=told.append)
    assert (found.uploads, told, stored_files()) == (7, [3, 6, 7], [])


def test_its_bytes_count_for_the_owner_until_then(app: Flask) -> None:
    client = with_users(app).test_client()
    body = document({"data": data_uri(picture()), "expires-at": in_(HOUR)})
    made: Any = post(client, body, headers=by(ADA)).json
    expire(app, made["data"]["id"])

    def stored() -> int | None:
        with app.app_context():
            return db.session.scalar(select(Usage.stored_bytes).where(Usage.user_id == ADA))

    assert stored() == len(picture())
    sweep(app)
    assert stored() == 0


def test_who_prolongs_it_before_the_sweeper_comes_keeps_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = upload(client, picture())
    expire(app, made["id"])

    def late(engine: Engine, step: Callable[[UploadRows], Any]) -> Any:  # noqa: ANN401 - what the step returns
        # A machine whose clock is behind has prolonged it since the sweeper listed it.
        write(engine, lambda execute: execute(update(Upload).values(expires_at=now() + HOUR)))
        return write_uploads(engine, step)

    monkeypatch.setattr(service, "write_uploads", late)
    assert sweep(app) == Expired()
    assert client.get(path_of(made["attributes"]["url"])).data == picture()


def test_a_claim_wins_or_finds_nothing_and_never_half(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    made = [upload(client, picture(size=(2, 2))) for _ in range(16)]
    with app.app_context():
        # All at once, however long it took to make them.
        at = now() + timedelta(seconds=0.3)
        db.session.execute(update(Upload).values(expires_at=at))
        db.session.commit()
    answers: dict[str, int] = {}
    over = threading.Event()

    def sweeps() -> None:
        while not over.is_set():
            sweep(app)

    def claims() -> None:
        for number, each in enumerate(made):
            due = at + timedelta(milliseconds=4 * (number - 8))
            over.wait(max(0.0, (due - now()).total_seconds()))
            answers[each["id"]] = patch(client, each["id"], **{"expires-at": None}).status_code

    threads = [threading.Thread(target=each) for each in (sweeps, sweeps, claims)]
    for thread in threads:
        thread.start()
    threads[-1].join()
    over.set()
    for thread in threads:
        thread.join()
    sweep(app)
    kept = [each for each in made if answers[each["id"]] == 200]
    assert set(answers.values()) <= {200, 404}
    for each in made:
        expected = 200 if each in kept else 404
        assert client.get(f"{COLLECTION}/{each['id']}").status_code == expected
        assert client.get(path_of(each["attributes"]["url"])).status_code == expected
    assert len(stored_files()) == len(kept)


# --- By an index ------------------------------------------------------------------------------


@contextmanager
def plans(app: Flask) -> Iterator[list[str]]:
    """How SQLite reads the uploads, in every query there is meanwhile."""
    found: list[str] = []

    def explain(_: object, cursor: Any, statement: str, values: Any, *__: object) -> None:  # noqa: ANN401 - the driver's
        if statement.startswith("SELECT") and "uploads" in statement:
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found.extend(str(row[3]) for row in rows)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", explain)
        try:
            yield found
        finally:
            event.remove(db.engine, "before_cursor_execute", explain)


@pytest.mark.default_stack("reads SQLite's plans")
@pytest.mark.parametrize(
    ("member", "query", "page", "count"),
    [
        (False, "", "created_at_id_expires_at", "_expires_at"),
        (False, "?sort=size", "size_id_expires_at", "_expires_at"),
        (False, "?sort=filename", "filename_id", "_expires_at"),
        (
            False,
            "?filter[media-type]=image/png",
            "media_type_created_at_id_expires_at",
            "media_type_created_at_id_expires_at",
        ),
        (True, "", "owner_id_created_at_id_expires_at", "owner_id_created_at_id_expires_at"),
    ],
)
def test_a_list_is_read_and_counted_from_indexes(
    app: Flask, *, member: bool, query: str, page: str, count: str
) -> None:
    client = with_users(app).test_client()
    headers = by(ADA) if member else {}
    with plans(app) as found:
        assert client.get(COLLECTION + query, headers=headers).status_code == 200
    # One statement has the count behind the page, two have it before.
    counted, listed = sorted(
        (each for each in found if " uploads " in each), key=lambda each: "COVERING" not in each
    )
    assert "COVERING INDEX ix_uploads_" in counted
    assert count in counted
    assert f"INDEX ix_uploads_{page}" in listed
    assert not [each for each in found if "TEMP B-TREE" in each]


@pytest.mark.default_stack("reads SQLite's plans")
def test_the_sweeper_and_the_overview_read_indexes(app: Flask) -> None:
    with plans(app) as found:
        sweep(app)
    assert found == [
        "SEARCH uploads USING COVERING INDEX ix_uploads_leased (expires_at<?)",
    ]
    admin = admin_in(app)
    with plans(app) as found:
        admin.get("/admin/")
    assert "SCAN uploads USING COVERING INDEX ix_uploads_size_id_expires_at" in found
    assert "SCAN uploads USING INDEX ix_uploads_without_alt" in found
    with plans(app) as found:
        admin.get("/admin/uploads/?status=quarantined")
    assert all("INDEX ix_uploads_not_ready" in each for each in found if " uploads " in each)
