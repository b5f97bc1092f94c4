"""A plain GET of a public file is answered before Flask, and just as Flask would answer it."""

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.metrics.instruments import REGISTRY
from open_event_uploads.uploads.model import Upload
from tests.conftest import AppFactory
from tests.documents import only_error, patch, path_of, upload
from tests.images import animation, noise, picture
from tests.stored import StoredFiles

# It has no meaning without Range, and makes a request one that is not plain.
NOT_PLAIN = {"If-Range": '"x"'}
OF_EACH = frozenset({"X-Request-Id", "Date"})
IN_AN_HOUR = (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def in_all(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer but for what no two have in common."""
    fields = sorted(each for each in response.headers if each[0] not in OF_EACH)
    return response.status_code, fields, response.data


@pytest.fixture
def no_flask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever gets as far as to the view is a failure of the test."""

    def view(**_: object) -> Any:  # noqa: ANN401 - a view's
        raise AssertionError

    monkeypatch.setitem(app.view_functions, "file", view)


@pytest.mark.parametrize(
    ("content", "attributes"),
    [
        (noise((64, 64)), {"filename": "talk.jpg"}),
        (picture(), {"filename": 'fête; a="b".png', "alt": "x"}),
        (animation(3), {"filename": "evil.html"}),
        (noise((900, 900), quality=95), {}),
        (picture(), {"expires-at": IN_AN_HOUR}),
    ],
    ids=["a JPEG", "an odd name", "an animation", "a long one", "a lease"],
)
@pytest.mark.parametrize(
    "settings",
    [{}, {"cors_origins": "https://a.example,https://b.example"}, {"cors_origins": "*"}],
    ids=["no origin", "two origins", "any origin"],
)
@pytest.mark.parametrize("origin", [{}, {"Origin": "https://a.example"}], ids=["", "a page"])
def test_both_say_the_same(
    make_app: AppFactory,
    content: bytes,
    attributes: dict[str, object],
    settings: dict[str, object],
    origin: dict[str, str],
) -> None:
    app = make_app(**settings)
    client, stranger = app.test_client(), app.test_client()
    stranger.environ_base.pop("HTTP_AUTHORIZATION")
    url = path_of(upload(client, content, **attributes)["attributes"]["url"])
    plain = in_all(stranger.get(url, headers=origin))
    assert plain == in_all(stranger.get(url, headers=NOT_PLAIN | origin))
    assert plain[0] == 200
    assert plain[2]


@pytest.mark.usefixtures("no_flask")
def test_a_plain_one_never_gets_to_flask(client: FlaskClient, stranger: FlaskClient) -> None:
    url = path_of(upload(client, picture())["attributes"]["url"])
    assert stranger.get(url).status_code == 200
    assert stranger.get(url, headers=NOT_PLAIN).status_code == 500


@pytest.mark.parametrize(
    "headers",
    [
        NOT_PLAIN,
        {"Authorization": "Bearer nonsense"},
        {"Range": "bytes=0-1"},
        {"If-None-Match": "*"},
        {"If-Match": '"x"'},
    ],
    ids=lambda headers: next(iter(headers)),
)
@pytest.mark.usefixtures("no_flask")
def test_what_is_not_plain_does(
    client: FlaskClient, stranger: FlaskClient, headers: dict[str, str]
) -> None:
    url = path_of(upload(client, picture())["attributes"]["url"])
    assert stranger.get(url, headers=headers).status_code in {401, 500}


@pytest.mark.usefixtures("no_flask")
def test_nor_is_another_method_a_query_or_another_spelling(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    url = path_of(upload(client, picture())["attributes"]["url"])
    assert stranger.head(url).status_code == 500
    assert stranger.get(f"{url}?token=x").status_code == 500
    assert stranger.get(f"{url}/").status_code in {404, 500}


@pytest.mark.default_stack("nginx sends the files of a folder alone")
def test_where_nginx_sends_files_flask_tells_it_so(make_app: AppFactory) -> None:
    client = make_app(x_accel_prefix="/files/").test_client()
    url = path_of(upload(client, picture())["attributes"]["url"])
    client.environ_base.pop("HTTP_AUTHORIZATION")
    assert client.get(url).headers["X-Accel-Redirect"].startswith("/files/")


def test_a_log_that_is_full_costs_its_lines_and_no_request(
    client: FlaskClient, stranger: FlaskClient, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log, "write", full)
    url = path_of(upload(client, picture())["attributes"]["url"])
    assert stranger.get(url).status_code == 200
    assert stranger.get(url, headers=NOT_PLAIN).status_code == 200


def test_what_is_not_for_everybody_is_not_there(client: FlaskClient, stranger: FlaskClient) -> None:
    deleted = upload(client, picture())
    client.delete(f"/v1/uploads/{deleted['id']}")
    private = upload(client, picture(), visibility="private")
    for resource in (deleted, private):
        refused = stranger.get(path_of(resource["attributes"]["url"]))
        assert only_error(refused)["code"] == "not-found"


@pytest.mark.parametrize("over", [NOT_PLAIN, {}], ids=["Flask", "plain"])
@pytest.mark.parametrize(
    "change",
    [
        {"status": "quarantined"},
        {"visibility": "private", "key": f"private/{uuid.uuid4()}.png"},
        {"key": f"{uuid.uuid4()}.png"},
        {"expires_at": now() - timedelta(seconds=1)},
        None,
    ],
    ids=["quarantined", "private", "replaced", "expired", "deleted"],
)
def test_what_was_served_a_moment_ago_is_gone_at_once(
    app: Flask,
    client: FlaskClient,
    stranger: FlaskClient,
    change: dict[str, Any] | None,
    over: dict[str, str],
) -> None:
    resource = upload(client, picture())
    url = path_of(resource["attributes"]["url"])
    assert stranger.get(url, headers=over).status_code == 200
    with app.app_context():
        # As another worker does it, of which this one is told nothing.
        mine = Upload.id == resource["id"]
        db.session.execute(
            update(Upload).where(mine).values(change) if change else delete(Upload).where(mine)
        )
        db.session.commit()
    assert only_error(stranger.get(url, headers=over))["code"] == "not-found"


def test_a_new_name_is_told_at_once(client: FlaskClient, stranger: FlaskClient) -> None:
    resource = upload(client, picture(), filename="old.png")
    url = path_of(resource["attributes"]["url"])
    assert "old.png" in stranger.get(url).headers["Content-Disposition"]
    patch(client, resource["id"], filename="new.png")
    assert "new.png" in stranger.get(url).headers["Content-Disposition"]


def test_a_small_file_that_was_read_lately_needs_no_disk(
    client: FlaskClient, stranger: FlaskClient, stored_files: StoredFiles
) -> None:
    url = path_of(upload(client, picture())["attributes"]["url"])
    first = in_all(stranger.get(url))
    (file,) = stored_files()
    file.unlink()
    assert in_all(stranger.get(url)) == first
    assert stranger.get(url, headers={"Range": "bytes=1-3"}).data == first[2][1:4]


def test_what_is_lost_is_a_503(
    client: FlaskClient, stranger: FlaskClient, stored_files: StoredFiles
) -> None:
    url = path_of(upload(client, picture())["attributes"]["url"])
    (file,) = stored_files()
    file.unlink()
    assert only_error(stranger.get(url))["code"] == "storage-unavailable"


def test_it_is_logged_and_counted_like_any_other(
    client: FlaskClient, stranger: FlaskClient, log: io.StringIO
) -> None:
    url = path_of(upload(client, picture())["attributes"]["url"])
    said, counted = [], []
    for headers in ({}, NOT_PLAIN):
        log.truncate(log.seek(0))
        before = _count()
        answer = stranger.get(url, headers=headers)
        counted.append(_count() - before)
        (line,) = log.getvalue().splitlines()
        assert answer.headers["X-Request-Id"] in line
        said.append([each for each in line.split() if each.startswith(("me", "pa", "st", "by"))])
    assert said[0] == said[1]
    assert len(said[0]) == 4
    assert counted == [1, 1]


def _count() -> float:
    labels = {"method": "GET", "route": "/media/<path:key>", "status": "200"}
    return REGISTRY.get_sample_value("uploads_http_requests_total", labels) or 0
