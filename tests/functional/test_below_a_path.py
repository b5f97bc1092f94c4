"""Behind a proxy with TLS, below a path: a crawl finds no address that leads elsewhere."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

import pytest

from tests.below_a_path import PATH, Deployed, deployed_below_a_path
from tests.documents import JSON_API, data_uri, document
from tests.images import picture

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("about addresses, which every stack makes alike"),
]

# Names of specifications, which are no addresses of ours.
CURSORS = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
ELSEWHERE = ("https://jsonapi.org/", "https://json-schema.org/", "https://spec.openapis.org/")
_ABSOLUTE = re.compile("https?://[^{}]+$")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Answer:
    """What came back, whole."""

    def __init__(self, response: Any) -> None:  # noqa: ANN401 - urllib's
        self.status: int = response.status
        self.headers = response.headers
        self.body: bytes = response.read()


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Leave the redirect to the caller."""


class Client:
    """A browser's cookies and an admin's token, over TLS."""

    def __init__(self, deployed: Deployed) -> None:
        self.base, self._token = deployed.base, deployed.server.token
        self.cookies = CookieJar()
        self._opener = build_opener(
            HTTPSHandler(context=deployed.tls), HTTPCookieProcessor(self.cookies), _NoRedirect
        )

    def ask(self, url: str, body: bytes | None = None, method: str = "", **headers: str) -> Answer:
        """Send a request; pages get no token, as from a browser."""
        request = Request(url, body, method=method or None)  # noqa: S310 - https
        if not url.startswith(f"{self.base}/admin"):
            request.add_header("Authorization", f"Bearer {self._token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with self._opener.open(request, timeout=30) as response:
                return Answer(response)
        except HTTPError as refused:
            with refused:
                return Answer(refused)

    def post(self, path: str, sent: object, **headers: str) -> Answer:
        text = json.dumps(sent).encode()
        return self.ask(f"{self.base}{path}", text, Content_Type=JSON_API, **headers)

    def sign_in(self, password: str) -> Answer:
        address = f"{self.base}/admin/sign-in"
        found = _TOKEN.search(self.ask(address).body.decode())
        assert found
        fields = {"csrf_token": found[1], "email": "admin@localhost", "password": password}
        return self.ask(address, urlencode(fields).encode(), Referer=address)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed_below_a_path(tmp_path_factory.mktemp("deployed")) as running:
        client = Client(running)
        for number in range(3):
            sent = document({"data": data_uri(picture()), "filename": f"{number}.png"})
            assert client.post("/v1/uploads", sent).status == 201
        hidden = document({"data": data_uri(picture()), "visibility": "private"})
        assert client.post("/v1/uploads", hidden).status == 201
        yield running


@pytest.fixture
def client(deployed: Deployed) -> Client:
    return Client(deployed)


class _Addresses(HTMLParser):
    """Collect the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.sent_to: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        followed = [given.get(name) for name in ("href", "src", "poster")]
        if tag == "form" and given.get("method") != "post":
            followed.append(given.get("action"))
        sent = [
            given.get(name) for name in ("action", "formaction", "data-send-to", "data-previews")
        ]
        if given.get("data-copy", "").startswith("http"):
            followed.append(given["data-copy"])
        self.found |= {each for each in followed if each}
        self.sent_to |= {each for each in sent if each}


def addresses_in(answer: Answer, url: str) -> set[str]:
    """Return the addresses of a page or a document, as a client resolves them."""
    media_type = answer.headers.get_content_type()
    if media_type == "text/html":
        reader = _Addresses()
        reader.feed(answer.body.decode())
        for each in reader.sent_to:
            assert urljoin(url, each).startswith(url[: url.index(PATH)] + PATH + "/"), (url, each)
        return {urljoin(url, each) for each in reader.found}
    if media_type in {JSON_API, "application/openapi+json"}:
        return {each for each in _strings(json.loads(answer.body)) if _ABSOLUTE.match(each)}
    return set()


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for each in node.values():
            yield from _strings(each)
    elif isinstance(node, list):
        for each in node:
            yield from _strings(each)


def crawl(client: Client, *begin: str) -> set[str]:
    """Follow every address from the first ones on, and return those that were found."""
    only_for_posts = {f"{client.base}/v1/{each}" for each in ("operations", "uploads/resumable")}
    waiting, seen = [f"{client.base}{path}" for path in begin], set[str]()
    while waiting:
        url = waiting.pop().partition("#")[0]
        if url in seen or url == client.base or url.startswith(ELSEWHERE):
            continue
        assert url.startswith(f"{client.base}/"), url
        seen.add(url)
        answer = client.ask(url)
        expected = 405 if url in only_for_posts else 200
        assert answer.status in {expected, 303}, (url, answer.status, answer.body[:300])
        if location := answer.headers.get("Location"):
            waiting.append(urljoin(url, location))
        waiting += addresses_in(answer, url)
    return seen


def next_by_cursor(client: Client) -> str:
    accept = f'{JSON_API};profile="{CURSORS}"'
    first = client.ask(f"{client.base}/v1/uploads?page[size]=2", Accept=accept)
    address = json.loads(first.body)["links"]["next"]
    assert "page[after]=" in unquote(address)
    return str(address)


def test_every_address_in_the_documents_begins_with_the_path_and_answers(client: Client) -> None:
    lists = [f"/v1/{each}" for each in ("users", "tokens", "presets")]
    seen = crawl(
        client,
        "/v1",
        *lists,
        "/v1/uploads?include=variants,owner&page[size]=2",
        next_by_cursor(client).removeprefix(client.base),
        f"/v1/uploads?filter[media-type]=image/png&page[size]=1&sort={quote('-size')}",
    )
    paths = {urlsplit(each).path.removeprefix(PATH) for each in seen}
    assert {"/v1/openapi.json", "/v1/docs", "/v1/docs/start.js"} <= paths
    assert sum(each.startswith("/media/variants/") for each in paths) >= 3
    assert sum("page%5Bnumber%5D=" in each or "page[number]=" in each for each in seen) >= 3


def test_every_address_in_the_pages_for_admins_begins_with_the_path(
    client: Client, deployed: Deployed
) -> None:
    refused = client.ask(f"{client.base}/admin/uploads/")
    assert refused.status == 303
    assert refused.headers["Location"].startswith(f"{PATH}/admin/sign-in?next={quote(PATH)}")
    signed_in = client.sign_in(deployed.server.password)
    assert (signed_in.status, signed_in.headers["Location"]) == (303, f"{PATH}/admin/")
    seen = crawl(client, "/admin/")
    paths = {urlsplit(each).path.removeprefix(PATH) for each in seen}
    assert {"/admin/uploads/", "/admin/users/", "/admin/presets/", "/admin/tokens/"} <= paths
    assert {"/admin/static/admin.js", "/admin/static/admin.css"} <= paths
    assert sum(each.startswith("/admin/uploads/") for each in paths) >= 5
    assert sum(each.startswith("/media/") for each in paths) >= 5


def test_cookies_are_for_this_path_and_for_tls_alone(client: Client, deployed: Deployed) -> None:
    client.sign_in(deployed.server.password)
    assert "uploads_admin" in {each.name for each in client.cookies}
    for cookie in client.cookies:
        assert (cookie.path or "").startswith(f"{PATH}/admin"), cookie
        assert cookie.secure, cookie
        assert cookie.has_nonstandard_attr("HttpOnly"), cookie


def test_what_is_created_says_where_it_is(client: Client) -> None:
    made = client.post("/v1/uploads", document({"data": data_uri(picture())}))
    created = json.loads(made.body)["data"]
    assert made.headers["Location"] == f"{client.base}/v1/uploads/{created['id']}"
    assert created["links"]["self"] == made.headers["Location"]
    for href in (made.headers["Location"], f"{PATH}/v1/uploads/{created['id']}"):
        operations = {
            "atomic:operations": [
                {
                    "op": "update",
                    "href": href,
                    "data": {"type": "uploads", "id": created["id"], "attributes": {"alt": href}},
                }
            ]
        }
        profile = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
        answer = client.ask(
            f"{client.base}/v1/operations", json.dumps(operations).encode(), Content_Type=profile
        )
        assert answer.status == 200, answer.body
    described = json.loads(client.ask(f"{client.base}/v1/openapi.json").body)
    assert described["servers"] == [{"url": client.base}]


def test_a_link_to_a_private_file_opens_it(client: Client) -> None:
    private = json.loads(client.ask(f"{client.base}/v1/uploads?filter[visibility]=private").body)
    answer = client.ask(f"{private['data'][0]['links']['self']}/download-link", method="POST")
    link = json.loads(answer.body)["meta"]["url"]
    assert link.startswith(f"{client.base}/media/")
    assert client.ask(link).body == picture()


def test_no_header_of_a_request_changes_an_address(client: Client) -> None:
    plain = client.ask(f"{client.base}/v1")
    lies = client.ask(
        f"{client.base}/v1",
        Host="evil.example",
        Forwarded="proto=http;host=evil.example",
        X_Forwarded_Proto="http",
        X_Forwarded_Host="evil.example",
        X_Forwarded_Prefix="/evil",
        X_Script_Name="/evil",
    )
    assert (lies.status, lies.body) == (200, plain.body)
