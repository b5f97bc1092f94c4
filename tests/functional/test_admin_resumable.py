"""The pages for admins send new files by tus, with a cookie and a token instead of a bearer."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts import PASSWORD, account
from tests.admins import FILES, Visitor, admin_in
from tests.conftest import AppFactory
from tests.documents import path_of
from tests.images import picture
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION

PNG = picture()


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


def begun(visitor: Visitor, *received: bytes) -> str:
    """Begin an upload that some bytes have arrived of, and return its path."""
    response = visitor.begin_file(len(PNG), filename="stage.png")
    assert response.status_code == 201, response.text
    path = path_of(response.headers["Location"])
    for content in received:
        assert visitor.append_file(path, 0, content).status_code == 204
    return path


def test_a_file_goes_on_where_it_stopped(admin: Visitor, client: FlaskClient) -> None:
    path = begun(admin, PNG[:20])
    found = admin.head(path, headers=admin.signed)
    assert (found.status_code, found.headers["Upload-Offset"]) == (204, "20")
    response = admin.append_file(path, 20, PNG[20:])
    assert response.status_code == 204, response.text
    made = client.get(path_of(response.headers["Content-Location"])).get_json()["data"]
    assert made["attributes"]["filename"] == "stage.png"


@pytest.mark.parametrize("public", ["http://127.0.0.1:8000", "https://media.example/up"])
def test_the_address_of_an_upload_is_one_of_the_pages(make_app: AppFactory, public: str) -> None:
    app = make_app(public_url=public)
    admin = Visitor(app)
    account(app, "Grace", "admin")
    admin.get("/admin/sign-in", base_url=public)
    signed_in = admin.post(
        "/admin/sign-in",
        base_url=public,
        data={"csrf_token": admin.token, "email": "grace@example.org", "password": PASSWORD},
    )
    assert signed_in.status_code == 303
    admin.get("/admin/", base_url=public)
    response = admin.post(
        FILES, base_url=public, headers={**admin.signed, "Upload-Length": str(len(PNG))}
    )
    assert response.headers["Location"].startswith(f"{public}{FILES}/")


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("token", ["", "made-up", None])
def test_without_the_token_of_a_page_nobody_touches_an_upload(
    admin: Visitor, method: str, token: str | None
) -> None:
    path = begun(admin, PNG[:20])
    headers = {**VERSION, "Upload-Offset": "20"}
    if token is not None:
        headers["X-CSRF-Token"] = token
    response = admin.open(
        path, method=method, headers=headers, data=PNG[20:], content_type=MEDIA_TYPE
    )
    assert response.status_code == 403
    assert admin.head(path, headers=admin.signed).headers["Upload-Offset"] == "20"


def test_without_the_token_of_a_page_nobody_begins_one(admin: Visitor) -> None:
    response = admin.post(FILES, headers={**VERSION, "Upload-Length": "9"})
    assert response.status_code == 403


def test_a_request_without_the_token_does_not_take_the_turn(admin: Visitor) -> None:
    """Whoever is sending is not interrupted by a page of another site."""
    path = begun(admin)
    stranger = Visitor(admin.application)
    assert stranger.head(path, headers=VERSION).status_code == 403
    assert admin.head(path, headers=VERSION).status_code == 403
    assert admin.append_file(path, 0, PNG).status_code == 204


def test_a_session_that_ends_in_the_middle_sends_nothing_more(admin: Visitor) -> None:
    path = begun(admin, PNG[:20])
    token = admin.signed
    assert admin.send("/admin/sign-out").status_code == 303
    # Not led to the page where one signs in: a script would take that for success.
    for method in ("HEAD", "PATCH", "DELETE"):
        assert admin.open(path, method=method, headers=token).status_code == 403
    admin.enter()
    assert admin.head(path, headers=admin.signed).headers["Upload-Offset"] == "20"
    assert admin.append_file(path, 20, PNG[20:]).status_code == 204


def test_another_admin_does_not_find_it(app: Flask, admin: Visitor) -> None:
    path = begun(admin)
    account(app, "Hal", "admin")
    other = Visitor(app)
    other.enter("hal@example.org")
    assert other.head(path, headers=other.signed).status_code == 404
    assert other.append_file(path, 0, PNG).status_code == 404
    assert other.delete(path, headers=other.signed).status_code == 404


def test_what_is_given_up_leaves_nothing(admin: Visitor) -> None:
    path = begun(admin, PNG[:20])
    assert admin.delete(path, headers=admin.signed).status_code == 204
    assert admin.head(path, headers=admin.signed).status_code == 404


def test_the_cookie_of_the_pages_is_none_for_the_api(admin: Visitor) -> None:
    path = begun(admin).replace(FILES, COLLECTION)
    assert admin.head(path, headers=admin.signed).status_code == 401


def test_an_error_is_told_in_words_and_with_its_fields(admin: Visitor) -> None:
    path = begun(admin, PNG[:20])
    response = admin.append_file(path, 0, PNG)
    assert response.status_code == 409
    assert response.json == {"detail": "20 bytes have been received."}
    assert (response.headers["Upload-Offset"], response.headers["Tus-Resumable"]) == ("20", "1.0.0")
