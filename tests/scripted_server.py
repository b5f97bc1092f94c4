"""A server on loopback that sends what a test says, byte for byte, over TLS too."""

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from tests.machine import openssl

# What is sent: bytes, or a function that sends them.
Answer = bytes | Callable[[socket.socket], None]


class ScriptedServer:
    """Gives one answer after another, each to a connection of its own.

    Args:
        answers: in their order; the last one is repeated.
        context: for TLS.
        host: to listen on.
    """

    def __init__(
        self,
        answers: Sequence[Answer],
        context: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.requests = list[bytes]()
        self._answers = list(answers)
        self._context = context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port = int(self._listener.getsockname()[1])
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            with suppress(OSError, ValueError), connection:
                connection.settimeout(30)
                self._answer(connection, answer)

    def _answer(self, connection: socket.socket, answer: Answer) -> None:
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection:
            request = b""
            while b"\r\n\r\n" not in request and (part := connection.recv(4096)):
                request += part
            self.requests.append(request)
            if isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                answer(connection)
            # Whoever reads until the end of the connection is told that it was meant.
            if isinstance(connection, ssl.SSLSocket):
                connection.unwrap()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(30)


@contextmanager
def scripted(*answers: Answer, **options: object) -> Iterator[ScriptedServer]:
    """Start a server with these answers, and stop it at the end."""
    server = ScriptedServer(answers, **options)  # type: ignore[arg-type]  # as of ScriptedServer
    try:
        yield server
    finally:
        server.stop()


def ok(body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return an answer of HTTP/1.1 with a body."""
    size = len(body) if length is None else length
    head = ("HTTP/1.1 200 OK", f"Content-Length: {size}", *headers)
    return "".join(f"{line}\r\n" for line in (*head, "")).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return an answer that leads elsewhere."""
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\n\r\n".encode()


def certificate(folder: Path, names: str) -> ssl.SSLContext:
    """Make a certificate in `folder/certificate.pem`; return the context of its server.

    Args:
        folder: for the files.
        names: as OpenSSL writes them, such as `DNS:files.example.org,IP:127.0.0.1`.
    """
    command = (
        f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -addext subjectAltName={names}"
    )
    files = {"-keyout": folder / "key.pem", "-out": folder / "certificate.pem"}
    arguments = [each for pair in files.items() for each in pair]
    subprocess.run([openssl(), *command.split(), *arguments], check=True, capture_output=True)  # noqa: S603 - the machine's
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files["-out"], files["-keyout"])
    return context
