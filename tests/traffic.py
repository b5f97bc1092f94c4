"""Send requests whatever happens, and know afterwards what the server must have."""

import io
import json
import os
import random
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from types import MappingProxyType
from typing import Self
from urllib.parse import urlsplit

from PIL import Image

from tests.documents import COLLECTION

# How long a request is repeated while the server answers 503.
_PATIENCE_SECONDS = 240.0
_PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class Kept:
    """An upload that was acknowledged.

    Args:
        path: of its bytes.
        content: what they must be.
    """

    path: str
    content: bytes


@dataclass(slots=True)
class Record:
    """One client's requests and their results.

    Args:
        kept: by id.
        deleted: ids of what is gone.
        wrong: what should not have happened.
        done: how many requests were answered.
        acknowledged: how many of these changed something.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    acknowledged: int = 0


class Traffic:
    """Several clients, each with uploads of its own, so that each knows the right state.

    After a broken connection or a 503 they send the request again: a POST with the same
    `Idempotency-Key`; of everything else the second time changes nothing.

    Args:
        address: of the server, host and port; may become another one.
        token: of somebody who may do all this.
        clients: how many.
    """

    def __init__(self, address: str, token: str, clients: int = 4) -> None:
        self.address = address
        self.records = [Record() for _ in range(clients)]
        self._token = token
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def fill(self, uploads: int) -> None:
        """Create this many uploads in all."""
        share = uploads // len(self.records)

        def create(record: Record) -> None:
            client = _Client(self, self._token, record)
            for _ in range(share):
                client.create()

        threads = [threading.Thread(target=create, args=[each]) for each in self.records]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def __enter__(self) -> Self:
        """Begin to create, replace, delete and read."""
        self._threads = [threading.Thread(target=self._run, args=[each]) for each in self.records]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop each client after its request."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def done(self) -> int:
        """Return how many requests were answered."""
        return sum(each.done for each in self.records)

    @property
    def acknowledged(self) -> int:
        """Return how many changes were acknowledged."""
        return sum(each.acknowledged for each in self.records)

    @property
    def wrong(self) -> list[str]:
        """Return what should not have happened."""
        return [text for each in self.records for text in each.wrong]

    def lost(self) -> list[str]:
        """Return the uploads that differ from what the server acknowledged."""
        found = []
        for record in self.records:
            client = _Client(self, self._token, record)
            found += [id_ for id_, each in record.kept.items() if client.read(each) is not None]
            found += [id_ for id_ in record.deleted if client.is_there(id_)]
        return found

    def _run(self, record: Record) -> None:
        client = _Client(self, self._token, record)
        work = [client.create] * 4 + [client.replace] * 2 + [client.delete] * 2 + [client.look] * 4
        while not self._over.is_set() and not record.wrong:
            random.choice(work)()  # noqa: S311 - no secret


class _Client:
    def __init__(self, traffic: Traffic, token: str, record: Record) -> None:
        self._traffic = traffic
        self._record = record
        self._headers = {"Authorization": f"Bearer {token}"}

    def create(self) -> None:
        content, key = fresh_picture(), str(uuid.uuid4())
        headers = {"Content-Type": "image/png", "Idempotency-Key": key}
        status, body = self._ask("POST", COLLECTION, content, headers)
        if status == 409:
            return  # the first attempt died, and for five minutes nobody may know
        if self._expect("create", status, 201, body):
            made = json.loads(body)["data"]
            self._record.kept[made["id"]] = Kept(_path(made), content)

    def replace(self) -> None:
        if (id_ := self._any()) is None:
            return
        content = fresh_picture()
        address = f"{COLLECTION}/{id_}/content"
        status, body = self._ask("PUT", address, content, {"Content-Type": "image/png"})
        if self._expect("replace", status, 200, body):
            self._record.kept[id_] = Kept(_path(json.loads(body)["data"]), content)

    def delete(self) -> None:
        if (id_ := self._any()) is None:
            return
        status, body = self._ask("DELETE", f"{COLLECTION}/{id_}")
        # 404 where the first answer was lost.
        if status == 404 or self._expect("delete", status, 204, body):
            del self._record.kept[id_]
            self._record.deleted.add(id_)

    def look(self) -> None:
        if (id_ := self._any()) is not None and (text := self.read(self._record.kept[id_])):
            self._record.wrong.append(text)

    def read(self, kept: Kept) -> str | None:
        """Return what is wrong with an upload's bytes, or None."""
        status, body = self._ask("GET", kept.path)
        return None if (status, body) == (200, kept.content) else f"{kept.path}: {status}"

    def is_there(self, id_: str) -> bool:
        return self._ask("GET", f"{COLLECTION}/{id_}")[0] != 404

    def _any(self) -> str | None:
        return random.choice(list(self._record.kept)) if self._record.kept else None  # noqa: S311 - no secret

    def _expect(self, what: str, status: int, right: int, body: bytes) -> bool:
        if status != right:
            self._record.wrong.append(f"{what}: {status} {body[:300]!r}")
        self._record.acknowledged += status == right
        return status == right

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[int, bytes]:
        until = time.monotonic() + _PATIENCE_SECONDS
        status, answer = 0, b"no answer"
        while time.monotonic() < until:
            with suppress(OSError, HTTPException):
                status, answer = self._try(method, path, body, {**self._headers, **headers})
                if status != 503:
                    self._record.done += 1
                    break
            time.sleep(_PAUSE_SECONDS)
        return status, answer

    def _try(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = HTTPConnection(self._traffic.address, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def fresh_picture() -> bytes:
    """Make a picture of some hundred bytes that nobody has sent before."""
    held = io.BytesIO()
    Image.frombytes("RGB", (4, 4), os.urandom(48)).save(held, "PNG")
    return held.getvalue()


def _path(resource: dict[str, dict[str, str]]) -> str:
    return urlsplit(resource["attributes"]["url"]).path
