"""Use the pages for admins as a browser does, without one."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.accounts import PASSWORD, account
from tests.conftest import Stranger
from tests.documents import path_of
from tests.resumable import MEDIA_TYPE, VERSION, metadata

EMAIL = "grace@example.org"
FORM = "application/x-www-form-urlencoded"
FILES = "/admin/files/resumable"
_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')


class Visitor(Stranger):
    """A client that sends the CSRF token of the last page."""

    token = ""

    def open(self, *args: Any, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
        response = super().open(*args, **options)
        if found := _TOKEN.search(response.text if response.mimetype == "text/html" else ""):
            self.token = found[1]
        return response

    def send(self, path: str, **fields: object) -> TestResponse:
        """Submit a form."""
        return self.post(path, data={"csrf_token": self.token, **fields})

    def begin_file(self, length: int, **texts: str) -> TestResponse:
        """Begin to send a new file, as the page's script does."""
        sent = {"Upload-Length": str(length), "Upload-Metadata": metadata(**texts)}
        return self.post(FILES, headers={**self.signed, **sent})

    def append_file(self, path: str, offset: int, content: bytes) -> TestResponse:
        """Send more of a file that was begun."""
        sent = {**self.signed, "Upload-Offset": str(offset)}
        return self.patch(path, data=content, content_type=MEDIA_TYPE, headers=sent)

    def send_file(self, content: bytes, **texts: str) -> TestResponse:
        """Send a new file, and return the last answer."""
        begun = self.begin_file(len(content), **texts)
        if begun.status_code != 201:
            return begun
        return self.append_file(path_of(begun.headers["Location"]), 0, content)

    @property
    def signed(self) -> dict[str, str]:
        """Return what the page's script sends with each request."""
        return {**VERSION, "Accept": "application/json", "X-CSRF-Token": self.token}

    def enter(self, email: str = EMAIL, password: str = PASSWORD, query: str = "") -> TestResponse:
        """Sign in."""
        self.get("/admin/sign-in")
        response = self.send(f"/admin/sign-in{query}", email=email, password=password)
        if response.status_code == 303:
            self.get("/admin/")
        return response


def admin_in(app: Flask) -> Visitor:
    """Return the client of an admin who has just signed in."""
    account(app, "Grace", "admin")
    visitor = Visitor(app)
    assert visitor.enter().status_code == 303
    return visitor
