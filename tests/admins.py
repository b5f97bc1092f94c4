"""Use the pages for admins as a browser does, without one."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.accounts import PASSWORD, account
from tests.conftest import Stranger

EMAIL = "grace@example.org"
FORM = "application/x-www-form-urlencoded"
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
