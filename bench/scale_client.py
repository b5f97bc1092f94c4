"""Send requests of an admin, in a browser and with a token, and of a member."""

import re
from http import HTTPStatus

from flask import Flask
from flask.testing import FlaskClient

from bench.scale_rows import user_id
from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.context import db

_EMAIL, _PASSWORD = "admin@example.org", "correct horse battery staple"
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class ScaleClient:
    """A client with all three identities.

    Args:
        app: with users, but no admin.
    """

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            new = NewUser("Admin", role="admin", email=_EMAIL, password=_PASSWORD)
            admin = create_user(new, engine=db.engine)
            self._admin, self._member = (_bearer(each) for each in (admin.id, user_id(0)))
        self._client = app.test_client()
        _sign_in(self._client)

    def get(self, address: str, headers: dict[str, str], *, by_member: bool) -> None:
        """Send a request, and read the whole answer."""
        if not address.startswith("/admin/"):
            headers = {**headers, **(self._member if by_member else self._admin)}
        response = self._client.get(address, headers=headers, buffered=True)
        assert response.status_code == HTTPStatus.OK, f"{address}: {response.text[:500]}"


def _bearer(user: str) -> dict[str, str]:
    secret = create_token(NewToken(user), engine=db.engine).secret
    return {"Authorization": f"Bearer {secret}"}


def _sign_in(client: FlaskClient) -> None:
    token = _FORM_TOKEN.search(client.get("/admin/sign-in").text)
    assert token, "there is no form to sign in with"
    form = {"csrf_token": token[1], "email": _EMAIL, "password": _PASSWORD}
    assert client.post("/admin/sign-in", data=form).status_code == HTTPStatus.SEE_OTHER
