"""Two workers on a machine whose clock jumps, or is set back."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.documents import COLLECTION, JSON_API
from tests.faults.deployment import Deployment
from tests.faults.operations import ask, change, content_of, upload
from tests.machine import libfaketime
from tests.traffic import fresh_picture

pytestmark = [pytest.mark.server, pytest.mark.default_stack("has a stack of its own")]

EMAIL, PASSWORD = "ada@example.org", "a horse, a battery"

SetClock = Callable[[int], object]
# Status, headers and body.
Answer = tuple[int, HTTPMessage, bytes]


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock of what is started from now on, in seconds from the true time."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    monkeypatch.setenv("LD_PRELOAD", libfaketime())
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    # That one never jumps (clock_gettime(2), CLOCK_MONOTONIC).
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    return lambda seconds: clock.write_text(f"{seconds:+}")


@pytest.fixture
def deployment(tmp_path: Path, set_clock: SetClock) -> Iterator[Deployment]:
    set_clock(0)
    found = Deployment(tmp_path, {"rate_limits": "1000/minute"})
    yield found
    found.close()


def test_a_clock_that_jumps_an_hour_back_and_forth(
    deployment: Deployment, set_clock: SetClock
) -> None:
    made = []
    for hours in (0, 1, -1, 0, -1, 1):
        set_clock(hours * 3600)
        made += [upload(deployment) for _ in range(3)]
        assert change(deployment, made[-1].id, alt=f"at {hours}") == 200
    assert pages(deployment) == {each.id for each in made}
    stamps = [created_at(deployment, each.id) for each in made]
    assert stamps != sorted(stamps), "the clock did not jump"
    set_clock(0)
    assert all(content_of(deployment, each.id) == each.content for each in made)
    assert deployment.manage("sweep") == 0
    assert deployment.problems() == []
    assert len(deployment.keys()) == len(made)


class Person:
    """Somebody who signed in to the pages and to the API, and keeps both."""

    def __init__(self, deployment: Deployment) -> None:
        self._address = deployment.server.address
        self._sent: dict[str, str] = {}
        attributes = {"name": "Ada", "email": EMAIL, "role": "admin", "password": PASSWORD}
        sent = {"data": {"type": "users", "attributes": attributes}}
        assert ask(deployment, "POST", "/v1/users", sent, JSON_API)[0] == 201
        credentials = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
        answer = self.send("POST", "/auth/session", credentials, Content_Type="application/json")
        token = json.loads(answer[2])["access_token"]
        self._sent = {"Authorization": f"Bearer {token}"}
        page = self.send("GET", "/admin/sign-in")
        csrf = re.search(rb'name="csrf_token" value="([^"]+)"', page[2])
        assert csrf
        fields = {"csrf_token": csrf[1].decode(), "email": EMAIL, "password": PASSWORD}
        form = "application/x-www-form-urlencoded"
        came = self.send(
            "POST",
            "/admin/sign-in",
            urlencode(fields).encode(),
            Cookie=_cookie(page),
            Content_Type=form,
        )
        assert came[0] == 303
        self._sent["Cookie"] = _cookie(came)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = HTTPConnection(self._address, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, self._sent | named)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def _cookie(answer: Answer) -> str:
    found = [each for each in answer[1].get_all("Set-Cookie", []) if "uploads_admin=" in each]
    return found[0].partition(";")[0]


def test_a_clock_that_is_set_back_ends_no_session_and_deletes_nothing(
    deployment: Deployment, set_clock: SetClock
) -> None:
    person = Person(deployment)
    made, leased = upload(deployment), upload(deployment)
    ends = datetime.now(UTC) + timedelta(minutes=40)
    assert change(deployment, leased.id, **{"expires-at": ends.isoformat()}) == 200
    once: dict[str, Any] = {"Idempotency_Key": "once", "Content_Type": "image/png"}
    content = fresh_picture()
    first = person.send("POST", COLLECTION, content, **once)
    tag = person.send("GET", f"{COLLECTION}/{made.id}")[1]["ETag"]
    set_clock(-3000)
    for _ in range(8):
        assert person.send("GET", COLLECTION)[0] == 200
        assert person.send("GET", "/admin/uploads/")[0] == 200
        assert person.send("GET", f"{COLLECTION}/{made.id}", If_None_Match=tag)[0] == 304
    again = person.send("POST", COLLECTION, content, **once)
    assert (first[0], again[0], json.loads(again[2])) == (201, 201, json.loads(first[2]))
    media = person.send("GET", made.path)
    modified, date = (parsedate_to_datetime(media[1][name]) for name in ("Last-Modified", "Date"))
    assert modified <= date
    body = {"data": {"type": "uploads", "id": made.id, "attributes": {"alt": "later"}}}
    changed = person.send(
        "PATCH",
        f"{COLLECTION}/{made.id}",
        json.dumps(body).encode(),
        If_Match=tag,
        Content_Type=JSON_API,
    )
    assert changed[0] == 200
    assert len(pages(deployment)) == 3
    assert deployment.manage("sweep") == 0
    assert all(content_of(deployment, each.id) == each.content for each in (made, leased))
    assert deployment.problems() == []
    assert len(deployment.keys()) == 3


def created_at(deployment: Deployment, id_: str) -> str:
    body = json.loads(ask(deployment, "GET", f"{COLLECTION}/{id_}")[1])
    return str(body["data"]["attributes"]["created-at"])


def pages(deployment: Deployment) -> set[str]:
    """Return the ids of all uploads, page by page."""
    found, url = set[str](), f"{COLLECTION}?page[size]=4&sort=-created-at"
    while url:
        body = json.loads(ask(deployment, "GET", url)[1])
        ids = {each["id"] for each in body["data"]}
        assert not ids & found
        found |= ids
        url = (body["links"]["next"] or "").removeprefix(deployment.server.url)
    return found
