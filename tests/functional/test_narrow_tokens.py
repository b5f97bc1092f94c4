"""A token that is limited stays so."""

from typing import Any

from flask import Flask

from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.context import db
from tests.accounts import account
from tests.conftest import Client
from tests.documents import JSON_API, data_uri, document
from tests.images import picture


def limited(app: Flask, user_id: str, *scopes: str) -> Client:
    client = Client(app)
    with app.app_context():
        made = create_token(NewToken(user_id, scopes=frozenset(scopes)), engine=db.engine)
    client.sign_in({"Authorization": f"Bearer {made.secret}"})
    return client


def change(client: Client, user_id: str, **attributes: Any) -> int:  # noqa: ANN401 - JSON
    data = {"type": "users", "id": user_id, "attributes": attributes}
    path = f"/v1/users/{user_id}"
    return client.patch(path, json={"data": data}, content_type=JSON_API).status_code


def test_it_changes_nothing_that_its_user_signs_in_with(app: Flask) -> None:
    ada = account(app)
    client = limited(app, ada, "users:write", "users:read")
    assert change(client, ada, password="another horse, another battery") == 403  # noqa: S106 - a test's
    assert change(client, ada, email="eve@example.org") == 403
    assert change(client, ada, email="ada@example.org", name="Ada L.") == 200


def test_it_makes_nobody_who_could_do_more(app: Flask) -> None:
    """An admin's token for accounts is not one for everything that admins may do."""
    client = limited(app, account(app, "Grace", "admin"), "users:write")
    ada, hal = account(app), account(app, "Hal", "admin")
    for user_id in (ada, hal):
        assert change(client, user_id, password="another horse, another battery") == 403  # noqa: S106 - a test's
        assert change(client, user_id, email="eve@example.org") == 403
    assert change(client, ada, role="admin") == 403
    assert change(client, hal, role="admin", name="Hal 9") == 200
    for role, status in (("admin", 403), ("member", 201), (None, 201)):
        sent = document({"name": "Eve", "role": role}, type="users")
        assert client.post("/v1/users", json=sent, content_type=JSON_API).status_code == status
    assert change(client, hal, role="member") == 200


def test_who_may_read_may_share(app: Flask) -> None:
    ada = account(app)
    writer = limited(app, ada, "uploads:write", "uploads:read")
    sent = document({"data": data_uri(picture()), "visibility": "private"})
    made = writer.post("/v1/uploads", json=sent, content_type=JSON_API).get_json()["data"]
    path = f"/v1/uploads/{made['id']}/download-link"
    assert limited(app, ada, "uploads:read").post(path).status_code == 200
    assert limited(app, ada, "tokens:read").post(path).status_code == 403
    stranger = limited(app, account(app, "Eve"), "uploads:read")
    assert stranger.post(path).status_code == 404
