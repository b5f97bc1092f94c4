"""Who may do what: every route, by everybody, with what is their own and what is not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from open_event_uploads.server.policy import Policy, Who
from open_event_uploads.server.routes import check_every_route, policies_of
from tests.accounts import bearer, service_account
from tests.conftest import Stranger
from tests.documents import COLLECTION, JSON_API, data_uri, document
from tests.images import picture
from tests.resumable import COLLECTION as RESUMABLE
from tests.resumable import MEDIA_TYPE, VERSION

ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
FORM = 'multipart/form-data; boundary="b"'
PNG = picture()
URI = data_uri(PNG)
A_FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + PNG
A_FORM += b"\r\n--b--\r\n"

# Nobody; a member; whose it is; an admin.
WHO = ("stranger", "other", "owner", "admin")
Statuses = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent to a route, and what each of `WHO` is answered.

    Args:
        path: with `{upload}`, `{user}`, `{token}`, `{preset}`, `{resumable}` for ids, `{key}` for a
            storage key.
        public: statuses where the upload is public.
        private: statuses where it is private; as `public` where nothing is said.
        body: JSON with the same names, or bytes.
        media_type: of the body.
        headers: further ones.
    """

    path: str
    public: Statuses
    private: Statuses | None = None
    body: object = None
    media_type: str = JSON_API
    headers: dict[str, str] = field(default_factory=dict)


def change(type_: str, id_: str, **attributes: object) -> dict[str, Any]:
    return {"data": {"type": type_, "id": id_, "attributes": attributes}}


EVERYBODY = (200, 200, 200, 200)
HIDDEN = (404, 404, 200, 200)
ONE = f"{COLLECTION}/{{upload}}"
BEGINNING = {**VERSION, "Upload-Length": str(len(PNG))}
PRESET = {"name": "new", "width": 9}
REMOVAL = {"atomic:operations": [{"op": "remove", "ref": {"type": "uploads", "id": "{upload}"}}]}

CASES = {
    "GET live": Case("/health/live", EVERYBODY),
    "GET ready": Case("/health/ready", EVERYBODY),
    "GET metrics": Case("/metrics", (404, 404, 404, 404)),
    "GET entry_point": Case("/v1", EVERYBODY),
    "GET openapi": Case("/v1/openapi.json", EVERYBODY),
    "GET docs": Case("/v1/docs", EVERYBODY),
    "GET docs_asset": Case("/v1/docs/start.js", EVERYBODY),
    "GET policy_detail": Case("/v1/policies/current", EVERYBODY),
    "POST session": Case("/v1/auth/session", (401,) * 4, body={"email": "x@y", "password": "z"}),
    "GET file": Case("/media/{key}", EVERYBODY, HIDDEN),
    "GET upload_list": Case(COLLECTION, (401, 200, 200, 200)),
    "POST upload_list": Case(COLLECTION, (401, 201, 201, 201), body=document({"data": URI})),
    "GET upload_detail": Case(ONE, EVERYBODY, HIDDEN),
    "PATCH upload_detail": Case(
        ONE, (401, 403, 200, 200), (401, 404, 200, 200), change("uploads", "{upload}", alt="New")
    ),
    "DELETE upload_detail": Case(ONE, (401, 403, 204, 204), (401, 404, 204, 204)),
    "PUT upload_content": Case(
        f"{ONE}/content", (401, 403, 200, 200), (401, 404, 200, 200), picture("GIF"), "image/gif"
    ),
    "POST upload_download_link": Case(
        f"{ONE}/download-link", (401, 403, 200, 200), (401, 404, 200, 200)
    ),
    "POST resumable_list": Case(RESUMABLE, (401, 201, 201, 201), headers=BEGINNING),
    # Nobody but the sender goes on with a file, not even an admin.
    "HEAD resumable_detail": Case(f"{RESUMABLE}/{{resumable}}", (401, 404, 204, 404)),
    "PATCH resumable_append": Case(
        f"{RESUMABLE}/{{resumable}}",
        (401, 404, 204, 404),
        body=PNG,
        media_type=MEDIA_TYPE,
        headers={**VERSION, "Upload-Offset": "0"},
    ),
    "DELETE resumable_terminate": Case(
        f"{RESUMABLE}/{{resumable}}", (401, 404, 204, 404), headers=VERSION
    ),
    "POST resumable_override": Case(
        f"{RESUMABLE}/{{resumable}}",
        (401, 404, 204, 404),
        headers={"X-HTTP-Method-Override": "HEAD"},
    ),
    "GET upload_related": Case(f"{ONE}/variants", EVERYBODY, HIDDEN),
    "GET upload_relationship": Case(f"{ONE}/relationships/owner", EVERYBODY, HIDDEN),
    "POST operations": Case(
        "/v1/operations", (401, 403, 204, 204), (401, 404, 204, 204), REMOVAL, ATOMIC
    ),
    "POST open_event_image": Case("/v1/upload/image", (401, 200, 200, 200), body={"data": URI}),
    "POST open_event_files": Case(
        "/v1/upload/files", (401, 200, 200, 200), body=A_FORM, media_type=FORM
    ),
    "GET variant_detail": Case("/v1/variants/{upload}-icon", EVERYBODY, HIDDEN),
    "GET variant_related": Case("/v1/variants/{upload}-icon/upload", EVERYBODY, HIDDEN),
    "GET variant_relationship": Case(
        "/v1/variants/{upload}-icon/relationships/upload", EVERYBODY, HIDDEN
    ),
    "GET preset_list": Case("/v1/presets", EVERYBODY),
    "POST preset_list": Case(
        "/v1/presets",
        (401, 403, 403, 201),
        body={"data": {"type": "presets", "attributes": PRESET}},
    ),
    "GET preset_detail": Case("/v1/presets/{preset}", EVERYBODY),
    "PATCH preset_detail": Case(
        "/v1/presets/{preset}", (401, 403, 403, 200), body=change("presets", "{preset}", quality=9)
    ),
    "DELETE preset_detail": Case("/v1/presets/{preset}", (401, 403, 403, 204)),
    "GET user_list": Case("/v1/users", (401, 403, 403, 200)),
    "POST user_list": Case(
        "/v1/users",
        (401, 403, 403, 201),
        body={"data": {"type": "users", "attributes": {"name": "Eve"}}},
    ),
    "GET user_detail": Case("/v1/users/{user}", EVERYBODY),
    "PATCH user_detail": Case(
        "/v1/users/{user}", (401, 403, 200, 200), body=change("users", "{user}", name="New")
    ),
    "DELETE user_detail": Case("/v1/users/{user}", (401, 403, 403, 409)),
    "GET token_list": Case("/v1/tokens", (401, 200, 200, 200)),
    "POST token_list": Case("/v1/tokens", (401, 201, 201, 201), body={"data": {"type": "tokens"}}),
    "GET token_detail": Case("/v1/tokens/{token}", (401, 404, 200, 200)),
    "DELETE token_detail": Case("/v1/tokens/{token}", (401, 404, 204, 204)),
    "GET token_related": Case("/v1/tokens/{token}/owner", (401, 404, 200, 200)),
    "GET token_relationship": Case("/v1/tokens/{token}/relationships/owner", (401, 404, 200, 200)),
}


class World:
    """An application, and everybody who may ask it for something."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ada = service_account(app, "member", "Ada")
        self.headers = {
            "stranger": {},
            "other": bearer(app, service_account(app, "member", "Bob")),
            "owner": bearer(app, self.ada),
            "admin": bearer(app, service_account(app, "admin", "Grace")),
        }
        self.names: dict[str, str] = {}

    def furnish(self, visibility: str) -> None:
        """Give Ada a fresh upload, a fresh token, and an upload that she has only begun."""
        new = document({"data": URI, "visibility": visibility})
        made = self.ask("owner", "POST", COLLECTION, new).json["data"]  # type: ignore[index]  # it has a body
        token = self.ask("owner", "POST", "/v1/tokens", {"data": {"type": "tokens"}}).json["data"]  # type: ignore[index]  # it has a body
        presets = self.ask("owner", "GET", "/v1/presets").json["data"]  # type: ignore[index]  # it has a body
        begun = self.ask("owner", "POST", RESUMABLE, headers=BEGINNING).headers["Location"]
        self.names = {
            "upload": made["id"],
            "resumable": begun.rpartition("/")[2],
            "user": self.ada,
            "token": token["id"],
            "preset": presets[0]["id"],
            "key": made["attributes"]["url"].partition("/media/")[2],
        }

    def ask(  # noqa: PLR0913 - by whom, and the parts of a request
        self,
        who: str,
        method: str,
        path: str,
        body: object = None,
        media_type: str = JSON_API,
        *,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body)
        return Stranger(self.app).open(
            path,
            method=method,
            data=sent,
            content_type=media_type,
            headers={**self.headers[who], **(headers or {})},
        )

    def filled(self, value: object) -> Any:  # noqa: ANN401 - as it came
        if isinstance(value, str):
            for name, id_ in self.names.items():
                value = value.replace(f"{{{name}}}", id_)
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return [self.filled(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def routes(app: Flask) -> Iterator[tuple[str, str, Policy]]:
    """Each method of each route, and its policy."""
    for rule in app.url_map.iter_rules():
        for method, policy in policies_of(app, rule.endpoint).items():
            # The pages for admins have a guard of their own: `test_admin_access.py`.
            implied = {"OPTIONS"} if "GET" not in (rule.methods or ()) else {"OPTIONS", "HEAD"}
            if method not in implied and not policy.has_own_guard:
                yield method, rule.endpoint, policy


def test_every_route_has_a_case_and_every_case_a_route(app: Flask) -> None:
    found = {
        f"{method} {endpoint}"
        for method, endpoint, policy in routes(app)
        if policy.who is not Who.NOBODY
    }
    assert found == CASES.keys()


def test_a_route_without_a_policy_stops_the_start(app: Flask) -> None:
    app.url_map.add(Rule("/v1/new", endpoint="new", methods=["GET"]))
    with pytest.raises(RuntimeError, match=r"^new: no policy for GET, HEAD"):
        check_every_route(app)


def test_whatever_is_written_asks_for_its_body_and_nothing_else_does(app: Flask) -> None:
    """What is not asked for is not received, and only the real server would miss it."""
    for rule in app.url_map.iter_rules():
        for method, policy in policies_of(app, rule.endpoint).items():
            is_written = method in {"POST", "PUT", "PATCH"} and policy.who is not Who.NOBODY
            assert (policy.body is not None) is is_written, f"{method} {rule.endpoint}"


def test_a_head_has_the_policy_of_a_get(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        policies = policies_of(app, rule.endpoint)
        if "GET" in policies:
            assert policies["HEAD"] == policies["GET"]


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize("name", CASES)
def test_everybody_is_answered_as_the_rules_say(world: World, name: str, visibility: str) -> None:
    case = CASES[name]
    expected = case.private if visibility == "private" and case.private else case.public
    found = []
    for who in WHO:
        world.furnish(visibility)  # anew: some of them change it
        path, body = world.filled(case.path), world.filled(case.body)
        method = name.partition(" ")[0]
        answer = world.ask(who, method, path, body, case.media_type, headers=case.headers)
        found.append(answer.status_code)
    assert tuple(found) == expected


def test_nobody_writes_what_the_server_keeps(world: World) -> None:
    world.furnish("public")
    for method, endpoint, policy in routes(world.app):
        if policy.who is Who.NOBODY:
            path = world.filled(CASES[f"GET {endpoint}"].path)
            for who in WHO:
                status = world.ask(who, method, path, {}).status_code
                sees = who in {"owner", "admin"}
                assert status == 403 if sees else status in {403, 404}, (method, endpoint, who)
