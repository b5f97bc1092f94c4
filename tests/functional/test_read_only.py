"""`UPLOADS_READ_ONLY`: nothing is written, and everything can be read."""

import logging
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from open_event_uploads.accounts.token import Token
from open_event_uploads.cli import cli
from open_event_uploads.context import db
from open_event_uploads.errors import ReadOnly
from open_event_uploads.server.policy import Who
from open_event_uploads.server.routes import policies_of
from tests.accounts import PASSWORD, account
from tests.admins import EMAIL, Visitor
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, path_of, upload
from tests.images import picture
from tests.stored import StoredFiles

# The routes that make something out of a secret, and write nothing.
WRITE_NOTHING = {("POST", "session"), ("POST", "upload_download_link")}


@pytest.fixture
def before(make_app: AppFactory) -> Flask:
    """The same application, while it wrote."""
    return make_app()


@pytest.fixture
def stored(before: Flask) -> dict[str, str]:
    """An upload's id and address, from before."""
    account(before, "Grace", "admin")
    found = upload(before.test_client(), picture(), filename="sea.png")
    private = upload(before.test_client(), picture(), visibility="private")
    return {"id": found["id"], "url": found["attributes"]["url"], "private": private["id"]}


@pytest.fixture
def headers(before: Flask) -> dict[str, str]:
    return {"Authorization": before.test_client().environ_base["HTTP_AUTHORIZATION"]}


@pytest.fixture
def app(make_app: AppFactory, headers: dict[str, str], stored: dict[str, str]) -> Flask:
    assert stored
    app = make_app(read_only=True)
    app.config["TEST_HEADERS"] = headers
    return app


def test_every_write_is_refused_for_now(app: Flask, client: FlaskClient) -> None:
    refused = set()
    for rule in app.url_map.iter_rules():
        url = rule.rule.replace("<id:id>", "0d2cbb4e-3cfa-4b7a-a2f4-6a3b3f6d8c55")
        for method, policy in policies_of(app, rule.endpoint).items():
            if policy.has_own_guard:
                continue  # the pages for admins: below
            if policy.writes:
                response = client.open(url, method=method, data=b"not even read")
                assert response.status_code == 503, rule
                assert response.headers["Retry-After"] == "60"
                is_plain = rule.endpoint.startswith("open_event") or method == "HEAD"
                assert is_plain or "read-only" in response.text
                refused.add((method, rule.endpoint))
            elif method not in {"GET", "HEAD", "OPTIONS"}:
                writes_nothing = policy.who is Who.NOBODY
                assert writes_nothing or (method, rule.endpoint) in WRITE_NOTHING
    assert len(refused) > 10


def test_the_error_is_a_document_with_a_code(client: FlaskClient) -> None:
    sent = document({"data": data_uri(picture())})
    response = client.post(COLLECTION, json=sent, content_type=JSON_API)
    assert only_error(response)["code"] == "read-only"


def test_reading_goes_on(client: FlaskClient, stored: dict[str, str]) -> None:
    assert client.get(COLLECTION).json["meta"]["count"] == 2  # type: ignore[index]  # it has a body
    assert client.get(f"{COLLECTION}?filter[q]=sea").json["meta"]["count"] == 1  # type: ignore[index]  # it has a body
    assert client.get(path_of(stored["url"])).data == picture()
    for path in ("/v1", "/v1/presets", "/v1/users", "/v1/tokens", "/v1/openapi.json"):
        assert client.get(path).status_code == 200
    policy = client.get("/v1/policies/current").json
    assert policy["data"]["attributes"]["read-only"] is True  # type: ignore[index]  # it has a body


def test_a_size_that_was_never_asked_for_is_made(
    client: FlaskClient, stored: dict[str, str], stored_files: StoredFiles
) -> None:
    there = len(stored_files())
    related = client.get(f"{COLLECTION}/{stored['id']}/variants").json["data"]  # type: ignore[index]  # it has a body
    assert client.get(path_of(related[0]["attributes"]["url"])).status_code == 200
    assert len(stored_files()) == there + 1


def test_people_sign_in_and_links_are_made(client: FlaskClient, stored: dict[str, str]) -> None:
    credentials = {"email": EMAIL, "password": PASSWORD}
    assert client.post("/auth/session", json=credentials).status_code == 200
    link = client.post(f"{COLLECTION}/{stored['private']}/download-link")
    assert link.status_code == 200


def test_the_use_of_a_token_is_not_recorded_and_nobody_complains(
    app: Flask,
    before: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(logging.getLogger("open_event_uploads"), "propagate", True)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with before.app_context():
        db.session.execute(update(Token).values(last_used_at=long_ago))
        db.session.commit()
    assert client.get("/v1/users").status_code == 200
    with app.app_context():
        assert set(db.session.scalars(select(Token.last_used_at))) == {long_ago}
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


# These change a cookie, and no row.
COOKIE_PAGES = {"admin.sign_in", "admin.sign_out", "admin.choose_language"}


def test_the_pages_for_admins_can_be_read(app: Flask, stored: dict[str, str]) -> None:
    visitor = Visitor(app)
    assert visitor.enter().status_code == 303
    assert visitor.get("/admin/uploads/").status_code == 200
    page = f"/admin/uploads/{stored['id']}"
    assert visitor.get(page).status_code == 200
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<id:id>", stored["id"])
        for method, policy in policies_of(app, rule.endpoint).items():
            if policy.has_own_guard and method not in {"GET", "HEAD", "OPTIONS"}:
                assert policy.writes == (rule.endpoint not in COOKIE_PAGES), rule
                if policy.writes:
                    token = {"X-CSRF-Token": visitor.token}
                    answer = visitor.open(path, method=method, headers=token)
                    assert answer.status_code == 503, rule
    response = visitor.send(page, filename="other.png", alt="", visibility="public")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "The server is read-only at the moment" in response.text
    assert visitor.send("/admin/sign-out").status_code == 303
    assert visitor.get("/admin/").status_code == 303


@pytest.mark.parametrize(
    "command",
    [
        ["sweep", "--force"],
        ["variants", "warm"],
        ["import", "."],
        ["token", "create", "--role", "admin"],
        ["users", "create", "ada@example.org", "--generate-password"],
        ["presets", "create", "tiny", "--width", "10"],
        ["presets", "delete", "icon", "--yes"],
    ],
    ids=" ".join,
)
def test_commands_that_write_refuse(app: Flask, command: list[str]) -> None:
    result = app.test_cli_runner().invoke(cli, command)
    assert isinstance(result.exception, ReadOnly)
    assert result.stdout == ""


@pytest.mark.parametrize("command", [["verify"], ["presets", "list"], ["sweep", "--dry-run"]])
def test_commands_that_read_go_on(app: Flask, command: list[str]) -> None:
    result = app.test_cli_runner().invoke(cli, command)
    assert result.exit_code == 0, result.output


def test_migrations_are_refused_by_the_database(app: Flask) -> None:
    result = app.test_cli_runner().invoke(cli, ["db", "downgrade", "20261123_private"])
    assert isinstance(result.exception, DBAPIError)
    assert app.test_cli_runner().invoke(cli, ["db", "current"]).exit_code == 0


def test_the_database_refuses_what_everything_else_would_forget(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError, match=r"read.?only"):
        db.session.execute(text("DELETE FROM uploads"))
