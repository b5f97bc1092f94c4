"""Downloads from real servers that are slow, endless, hostile or gone."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from open_event_uploads.maintenance.fetch.connection import Resolve
from open_event_uploads.maintenance.fetch.connection import resolve as ask_the_system
from open_event_uploads.maintenance.fetch.download import FetchLimits, download
from open_event_uploads.maintenance.fetch.errors import FetchRefused
from open_event_uploads.maintenance.fetch.networks import Permissions, read_network
from tests.scripted_server import ScriptedServer, certificate, ok, redirect, scripted

CONTENT = bytes(range(256)) * 500
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def fetch(
    server: ScriptedServer, url: str = "", resolve: Resolve = ask_the_system, **limits: float
) -> bytes:
    """Fetch from a server, which alone is allowed."""
    permissions = Permissions((read_network("127.0.0.1"),), (server.port,))
    facts = {"max_bytes": 200_000, "total_seconds": 20.0, "idle_seconds": 10.0, **limits}
    found = FetchLimits(permissions=permissions, **facts)  # type: ignore[arg-type]  # numbers
    url = url or f"http://127.0.0.1:{server.port}/a.png?b=%20"
    return b"".join(download(url, found, resolve=resolve))


def test_a_file_comes_whole() -> None:
    with scripted(ok(CONTENT)) as server:
        assert fetch(server) == CONTENT
    (request,) = server.requests
    assert request.startswith(b"GET /a.png?b=%20 HTTP/1.1\r\n")
    assert b"\r\nAccept-Encoding: identity\r\n" in request
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n".encode() in request


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        CHUNKED + b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        ok(b"hello", "Content-Encoding: identity"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"hello"),
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 2 + ok(b"hello"),
    ],
)
def test_every_framing_is_understood(answer: bytes) -> None:
    with scripted(answer) as server:
        assert fetch(server) == b"hello"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ok(CONTENT, length=len(CONTENT) + 1), "bytes came"),
        (CHUNKED + b"5\r\nhel", "broke"),
        (CHUNKED + b"5\r\nhello\r\n", "broke"),
        (CHUNKED + b"zz\r\nhello\r\n", "broke"),
        (ok(b"", length=200_001), "more than 200000 bytes"),
        (ok(b"", length=-1), "no valid Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx", "no valid"),
        (ok(b"hello", "Content-Length: 4"), "no valid Content-Length"),
        (ok(b"hello", "Content-Encoding: gzip"), "Content-Encoding 'gzip'"),
        (ok(b"hello", "Transfer-Encoding: gzip, chunked"), "Transfer-Encoding"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "answered 404"),
        (b"HTTP/1.1 206 Partial\r\nContent-Length: 1\r\n\r\nx", "answered 206"),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "answered 304"),
        (b"\x1b[2Jno HTTP\r\n\r\n", "broke"),
        (b"", "broke"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "broke"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "too long"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 5000, "too long"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000, "too long"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + ok(b"hello"), "answered 101"),
        (redirect(""), "more than 5 times"),
        (redirect("/b"), "more than 5 times"),
        (redirect("ftp://127.0.0.1/"), "no valid address"),
        (redirect("http://a\\@127.0.0.1/"), "no valid address"),
        (redirect("http://127.0.0.1:1/"), "port 1 is not allowed"),
        (redirect("http://127.0.0.2/"), "127.0.0.2 is not on the public Internet"),
        (redirect("http://[::1]/"), "::1 is not on the public Internet"),
        (redirect("http://[::ffff:7f00:1]/"), "is not on the public Internet"),
        (redirect("http://169.254.169.254/latest/meta-data/", 307), "not on the public Internet"),
        (redirect("//10.0.0.1/", 308), "10.0.0.1 is not on the public Internet"),
    ],
)
def test_what_is_no_file_is_refused(answer: bytes, reason: str) -> None:
    with scripted(answer) as server, pytest.raises(FetchRefused, match=reason) as refusal:
        fetch(server)
    assert str(refusal.value).isprintable()


def test_an_endless_file_is_cut_off() -> None:
    def send_for_ever(head: bytes, part: bytes) -> Callable[[socket.socket], None]:
        def send(connection: socket.socket) -> None:
            connection.sendall(head)
            with suppress(OSError):
                while True:
                    connection.sendall(part)

        return send

    for head, part in (
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000),
        (CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n"),
        # Chunks with long extensions, and trailers without end: few bytes of a file.
        (CHUNKED, b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
        (CHUNKED + b"0\r\n", b"X: y\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000),
    ):
        with (
            scripted(send_for_ever(head, part)) as server,
            pytest.raises(FetchRefused, match=r"more than|too long|broke"),
        ):
            fetch(server)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with (
        scripted(lambda _: time.sleep(2)) as server,
        pytest.raises(FetchRefused, match="too slow"),
    ):
        fetch(server, idle_seconds=1)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_a_server_that_says_little_again_and_again_is_given_up(head: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(head)
            for _ in range(40):
                connection.sendall(b"H")
                time.sleep(0.1)

    with scripted(drip) as server, pytest.raises(FetchRefused, match=r"too long|too slow"):
        fetch(server, total_seconds=1.5, idle_seconds=1)


def test_nobody_is_there() -> None:
    with scripted(b"") as server:
        pass
    with pytest.raises(FetchRefused, match="cannot connect"):
        fetch(server)
    with pytest.raises(FetchRefused, match="cannot be resolved"):
        fetch(server, f"http://nobody.invalid:{server.port}/")


def test_redirects_are_followed_five_times() -> None:
    with scripted(*[redirect("/next")] * 5, ok(b"hello")) as server:
        assert fetch(server) == b"hello"
    assert len(server.requests) == 6


def test_the_address_that_was_checked_is_the_one_that_is_asked() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]])
    asked = list[tuple[str, int]]()

    def changing(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return next(answers)

    with scripted(redirect("/b"), redirect("/c"), ok(b"secret")) as server:
        url = f"http://files.example.org:{server.port}/a"
        with pytest.raises(FetchRefused, match=r"10\.0\.0\.1"):
            fetch(server, url, changing)
    assert asked == [("files.example.org", server.port)] * 3
    assert len(server.requests) == 2


def test_a_host_with_one_private_address_is_not_asked() -> None:
    with scripted(ok(b"x")) as server:
        with pytest.raises(FetchRefused, match=r"192\.168\.0\.1"):
            fetch(
                server,
                f"http://files.example.org:{server.port}/",
                lambda *_: ["127.0.0.1", "192.168.0.1"],
            )
        assert server.requests == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(ok(b"direct")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert fetch(server) == b"direct"


# --- TLS ---------------------------------------------------------------------------------------

NAME = "files.example.org"


def fetch_over_tls(server: ScriptedServer, name: str) -> bytes:
    url = f"https://{name}:{server.port}/"
    return fetch(server, url, lambda *_: ["127.0.0.1"])


def test_the_certificate_must_name_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certificate(tmp_path, f"DNS:{NAME},IP:127.0.0.1")
    seen = list[object]()
    context.sni_callback = lambda _, name, __: seen.append(name)
    with scripted(ok(b"hello"), context=context) as server:
        with pytest.raises(FetchRefused, match="certificate verify failed"):
            fetch_over_tls(server, NAME)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        assert fetch_over_tls(server, NAME) == b"hello"
        assert fetch_over_tls(server, "127.0.0.1") == b"hello"
        with pytest.raises(FetchRefused, match="certificate verify failed"):
            fetch_over_tls(server, "other.example.org")
    assert seen == [NAME, NAME, None, "other.example.org"]


def test_an_end_that_nobody_signed_is_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certificate(tmp_path, f"DNS:{NAME}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))

    def cut(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf a file")
        connection.shutdown(socket.SHUT_RDWR)

    with scripted(cut, context=context) as server, pytest.raises(FetchRefused, match="broke"):
        fetch_over_tls(server, NAME)


def test_it_does_not_lead_to_a_server_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certificate(tmp_path, f"DNS:{NAME}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with (
        scripted(redirect("http://127.0.0.1/"), context=context) as server,
        pytest.raises(FetchRefused, match="from HTTPS to HTTP"),
    ):
        fetch_over_tls(server, NAME)
