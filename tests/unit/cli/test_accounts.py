"""Test `manage.py users` and `manage.py token`: results alone are on standard output."""

import json

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.accounts import create_token
from open_event_uploads.cli.tokens import token_command
from open_event_uploads.cli.users import users_command
from tests.accounts import account
from tests.documents import COLLECTION, JSON_API, document

COMMANDS = {"users": users_command, "token": token_command}


def run(app: Flask, group: str, *arguments: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(COMMANDS[group], arguments, input=typed)


def lines(app: Flask, group: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(app, group, "list", "--json").stdout.splitlines()]


def sign_in(client: FlaskClient, password: str) -> int:
    body = {"email": "ada@example.org", "password": password}
    return client.post("/auth/session", json=body).status_code


def test_a_password_comes_from_standard_input(app: Flask, stranger: FlaskClient) -> None:
    typed = "correct horse battery\n"
    made = run(app, "users", "create", "Ada@example.org", "--password-stdin", typed=typed)
    assert made.exit_code == 0, made.output
    assert made.stdout == ""
    assert sign_in(stranger, "correct horse battery") == 200
    (one,) = lines(app, "users")
    assert (one["email"], one["name"], one["role"]) == ("ada@example.org", "Ada", "member")


def test_a_password_is_made_up_and_printed_alone(app: Flask, stranger: FlaskClient) -> None:
    made = run(app, "users", "create", "ada@example.org", "--role=admin", "--generate-password")
    (password,) = made.stdout.splitlines()
    assert sign_in(stranger, password) == 200
    assert "(admin)" in run(app, "users", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["create", "ada@example.org"], "no terminal for a prompt"),
        (["create", "ada", "--generate-password"], "not an email"),
        (["create", "bob@example.org", "--generate-password"], "Another user has this email"),
        (["create", "ada@example.org", "--password-stdin"], "12 to 1024 characters"),
        (["disable", "nobody@example.org"], "no user has this email or id"),
        (["disable", "nobody"], "no user has this email or id"),
        (["delete", "bob@example.org", "--reassign=nobody@example.org", "--yes"], "no user has"),
    ],
)
def test_an_account_that_cannot_be(app: Flask, arguments: list[str], reason: str) -> None:
    account(app, "Bob")
    result = run(app, "users", *arguments)
    assert reason in str(result.exception)
    assert len(lines(app, "users")) == 1


def test_an_account_is_disabled_and_deleted(app: Flask, stranger: FlaskClient) -> None:
    id_ = account(app)
    assert run(app, "users", "disable", "ADA@example.org").exit_code == 0
    assert sign_in(stranger, "correct horse battery staple") == 401
    assert "disabled" in run(app, "users", "list").stdout
    assert run(app, "users", "delete", id_, typed="n\n").exit_code == 1
    assert run(app, "users", "delete", id_, "--yes").exit_code == 0
    assert lines(app, "users") == []


def test_the_last_admin_may_go_and_that_is_said(app: Flask) -> None:
    for arguments in (["disable"], ["delete", "--yes"]):
        account(app, "Grace", "admin")
        account(app, "Hal", "admin")
        assert run(app, "users", *arguments, "grace@example.org").stderr == ""
        last = run(app, "users", *arguments, "hal@example.org")
        assert last.exit_code == 0
        assert "no active admin is left" in last.stderr
        for name in ("grace", "hal"):
            run(app, "users", "delete", f"{name}@example.org", "--yes")
    assert lines(app, "users") == []


def test_a_token_stands_alone_on_standard_output(app: Flask, stranger: FlaskClient) -> None:
    account(app)
    made = run(app, "token", "create", "--user=ada@example.org", "--name=CI", "--days=30")
    assert made.exit_code == 0, made.output
    (token,) = made.stdout.splitlines()
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.get(COLLECTION, headers=headers).status_code == 200
    (one,) = lines(app, "token")
    assert (one["email"], one["name"], one["scopes"]) == ("ada@example.org", "CI", None)
    assert one["last-used-at"]
    assert one["expires-at"]
    assert run(app, "token", "revoke", str(one["id"])).exit_code == 0
    assert stranger.get(COLLECTION, headers=headers).status_code == 401
    assert "no such token" in str(run(app, "token", "revoke", str(one["id"])).exception)


def test_a_token_is_revoked_with_those_that_it_created(app: Flask, stranger: FlaskClient) -> None:
    account(app)
    made = run(app, "token", "create", "--user=ada@example.org")
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    sent = document({}, type="tokens")
    stranger.post("/v1/tokens", json=sent, content_type=JSON_API, headers=headers)
    parent, child = lines(app, "token")
    assert child["parent"] == parent["id"]
    assert "revoked 2" in run(app, "token", "revoke", str(parent["id"])).stderr
    assert lines(app, "token") == []


def test_the_command_line_keeps_to_the_number_of_tokens(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create_token, "MAX_TOKENS", 1)
    account(app)
    answers = [run(app, "token", "create", "--user=ada@example.org") for _ in range(2)]
    assert answers[0].exit_code == 0
    assert "revoke one first" in str(answers[1].exception)
    assert len(lines(app, "token")) == 1


def test_a_role_alone_makes_a_service_account(app: Flask, stranger: FlaskClient) -> None:
    made = run(app, "token", "create", "--role=admin", "--scope=users:read", "--name=Report")
    headers = {"Authorization": f"JWT {made.stdout.strip()}"}
    assert stranger.get("/v1/users", headers=headers).status_code == 200
    assert stranger.get("/v1/tokens", headers=headers).status_code == 403
    (one,) = lines(app, "users")
    assert (one["email"], one["name"], one["role"]) == (None, "Report", "admin")
    listed = run(app, "token", "list").stdout
    assert "Report" in listed
    assert "users:read" in listed
    assert made.stdout.strip() not in listed


@pytest.mark.parametrize(
    "arguments",
    [
        ["create"],
        ["create", "--user=ada@example.org", "--role=admin"],
        ["create", "--role=root"],
        ["create", "--role=member", "--scope=everything"],
        ["create", "--role=member", "--days=0"],
        ["create", "--user=nobody@example.org"],
        ["revoke", "nonsense"],
    ],
)
def test_a_token_that_cannot_be(app: Flask, arguments: list[str]) -> None:
    assert run(app, "token", *arguments).exit_code != 0
    assert lines(app, "token") == lines(app, "users") == []
