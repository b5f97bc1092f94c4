"""A real nginx with the configuration that we ship, in proxy of the real server process."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.documents import JSON_API, encode_upload
from tests.images import picture
from tests.nginx import Answer, Nginx
from tests.resumable import COLLECTION, MEDIA_TYPE
from tests.server import Server

pytestmark = pytest.mark.server

SHIPPED = Path(__file__).parents[2] / "deploy/nginx"
PAGE = "https://app.example.org"
CONTENT = picture(size=(640, 480))


def shipped(server: Server) -> str:
    """Our configuration, for a server of the tests."""
    text = "".join((SHIPPED / name).read_text() for name in ("upstream.conf", "uploads.conf"))
    for ours, theirs in (
        ("server 127.0.0.1:8000;", f"server {server.address};"),
        ("listen 80;", "listen {address};"),
        ("alias /srv/uploads/storage/;", f'alias "{server.storage}/";'),
    ):
        assert ours in text
        text = text.replace(ours, theirs)
    return text


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {
        "x_accel_prefix": "/stored/",
        "trusted_proxies": "127.0.0.1",
        "cors_origins": PAGE,
        "sign_in_rate_limits": "off",
    }
    folder = tmp_path_factory.mktemp("server") / "a b #1 100% 50%25 ?x=y"
    folder.mkdir()
    server = Server(folder, **settings)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    proxy = Nginx(tmp_path_factory.mktemp("nginx"), shipped(server))
    yield proxy
    proxy.stop()


def upload(proxy: Nginx, server: Server, **attributes: str) -> dict[str, Any]:
    sent = encode_upload(CONTENT, **attributes)
    admin = f"Bearer {server.token}"
    answer = proxy.ask("POST", "/v1/uploads", sent, Content_Type=JSON_API, Authorization=admin)
    assert answer.status == 201, answer.body
    return dict(json.loads(answer.body)["data"])


@pytest.fixture(scope="module")
def url(proxy: Nginx, server: Server) -> str:
    made = upload(proxy, server, filename='Die "Bühne".png')
    return str(made["attributes"]["url"])


KEPT = (
    "Content-Type",
    "Content-Disposition",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Cross-Origin-Resource-Policy",
    "Cache-Control",
    "Last-Modified",
    "Accept-Ranges",
)


def test_nginx_sends_the_bytes_with_every_header_of_ours(proxy: Nginx, url: str) -> None:
    answer = proxy.ask("GET", url, Origin=PAGE)
    assert (answer.status, answer.body) == (200, CONTENT)
    assert str(answer["Server"]).startswith("nginx/")
    assert answer["X-Accel-Redirect"] is None
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "image/png"
    assert answer["Access-Control-Allow-Origin"] == PAGE
    assert str(answer["ETag"]).startswith('"sha256:')
    assert answer["Content-Disposition"] == (
        "inline; filename=\"Die _B_hne_.png\"; filename*=UTF-8''Die%20%22B%C3%BChne%22.png"
    )
    for name in (*KEPT, "ETag", "X-Request-Id"):
        assert len(answer.response.headers.get_all(name, [])) == 1, name


def test_head_has_the_same_headers(proxy: Nginx, url: str) -> None:
    got, head = proxy.ask("GET", url), proxy.ask("HEAD", url)
    assert (head.status, head.body, head["Content-Length"]) == (200, b"", str(len(CONTENT)))
    assert [head[name] for name in (*KEPT, "ETag")] == [got[name] for name in (*KEPT, "ETag")]


def test_a_copy_that_is_still_good_is_not_sent_again(proxy: Nginx, url: str) -> None:
    etag = str(proxy.ask("GET", url)["ETag"])
    answer = proxy.ask("GET", url, If_None_Match=etag)
    assert (answer.status, answer.body, answer["ETag"]) == (304, b"", etag)
    assert proxy.ask("GET", url, If_Match='"another"').status == 412


def test_parts_are_sent_and_only_of_what_the_client_has(proxy: Nginx, url: str) -> None:
    etag = str(proxy.ask("GET", url)["ETag"])
    part = proxy.ask("GET", url, Range="bytes=10-19")
    assert (part.status, part.body, part["ETag"]) == (206, CONTENT[10:20], etag)
    assert part["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"
    assert part["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert proxy.ask("GET", url, Range="bytes=10-19", If_Range=etag).status == 206
    whole = proxy.ask("GET", url, Range="bytes=10-19", If_Range='"another"')
    assert (whole.status, whole.body) == (200, CONTENT)
    outside = proxy.ask("GET", url, Range=f"bytes={len(CONTENT)}-")
    assert (outside.status, outside["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")


def test_a_variant_is_made_and_sent(proxy: Nginx, server: Server, url: str) -> None:
    listed = proxy.ask(
        "GET", "/v1/uploads?include=variants", Authorization=f"Bearer {server.token}"
    )
    variant = json.loads(listed.body)["included"][0]["attributes"]
    for _ in range(2):
        answer = proxy.ask("GET", variant["url"])
        assert (answer.status, answer["Content-Type"]) == (200, variant["media-type"])
        assert len(answer.body) > 0
    assert url


def test_a_private_file_is_for_whoever_may_see_it(proxy: Nginx, server: Server) -> None:
    attributes = upload(proxy, server, visibility="private")["attributes"]
    url = str(attributes["url"])
    stored = (
        f"/stored/{next(server.storage.glob('objects/private/*/*')).relative_to(server.storage)}"
    )
    assert proxy.ask("GET", url).status == 404
    assert proxy.ask("GET", stored).status == 404
    answer = proxy.ask("GET", url, Authorization=f"Bearer {server.token}")
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer["Cache-Control"] == "private, no-cache"


def test_what_is_deleted_is_gone(proxy: Nginx, server: Server) -> None:
    made = upload(proxy, server)
    admin = f"Bearer {server.token}"
    assert proxy.ask("DELETE", f"/v1/uploads/{made['id']}", Authorization=admin).status == 204
    answer = proxy.ask("GET", str(made["attributes"]["url"]))
    assert (answer.status, answer["Content-Type"]) == (404, JSON_API)


def test_what_nginx_refuses_is_a_document_too(proxy: Nginx) -> None:
    answer = proxy.ask("POST", "/v1/uploads", b"", Content_Length=str(10**9))
    (error,) = json.loads(answer.body)["errors"]
    assert (answer.status, error["code"]) == (413, "request-too-large")
    assert answer["Content-Type"] == JSON_API


def test_what_came_of_a_resumable_upload_before_the_connection_broke_is_kept(
    proxy: Nginx, server: Server
) -> None:
    admin = f"Bearer {server.token}"

    def ask(method: str, path: str, **headers: str) -> Answer:
        headers |= {"Tus_Resumable": "1.0.0", "Authorization": admin}
        return proxy.ask(method, path, None, **headers)

    begun = ask("POST", COLLECTION, Upload_Length=str(len(CONTENT)))
    path = urlsplit(str(begun["Location"])).path
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: {proxy.address}\r\nTus-Resumable: 1.0.0\r\n"
        f"Authorization: {admin}\r\nUpload-Offset: 0\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(CONTENT)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        connection.sendall(head.encode() + CONTENT[:1000])
        time.sleep(0.5)  # else nginx reads the end of the connection with the bytes
    assert ask("HEAD", path)["Upload-Offset"] == "1000"
