"""Send requests whatever happens, and know afterwards what the server must have."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from types import MappingProxyType
from typing import Self
from urllib.parse import urlsplit

from tests.documents import COLLECTION
from tests.fetch import Fetched
from tests.resumable_sender import ResumableSender
from tests.schedule import Step, new_seed, picture_of, steps

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
        offsets: how many of these acknowledged bytes of a resumable upload.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    acknowledged: int = 0
    offsets: int = 0


class Traffic:
    """Several clients, each with uploads of its own, so that each knows the right state.

    After a broken connection or a 503 they send the request again: a POST with the same
    `Idempotency-Key`; of everything else the second time changes nothing. What they send in pieces
    goes on where the server says that it ends.

    Args:
        address: of the server, host and port; may become another one.
        token: of somebody who may do all this.
        clients: how many.
        seed: of what each of them sends (`tests/schedule.py`); a new one unless it is given.
    """

    def __init__(self, address: str, token: str, clients: int = 4, seed: int | None = None) -> None:
        self.address = address
        self.records = [Record() for _ in range(clients)]
        seed = new_seed() if seed is None else seed
        self._steps = [steps(seed, client) for client in range(clients)]
        self._token = token
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def fill(self, uploads: int) -> None:
        """Create this many uploads in all."""
        share = uploads // len(self.records)

        def create(record: Record, planned: Iterator[Step]) -> None:
            client = _Client(self, self._token, record)
            for _ in range(share):
                client.create(next(planned))

        threads = self._start(create)
        for thread in threads:
            thread.join()

    def __enter__(self) -> Self:
        """Begin to create, replace, delete and read."""
        self._threads = self._start(self._run)
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
    def offsets(self) -> int:
        """Return how many offsets of resumable uploads were acknowledged."""
        return sum(each.offsets for each in self.records)

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

    def _start(self, work: Callable[[Record, Iterator[Step]], None]) -> list[threading.Thread]:
        each = zip(self.records, self._steps, strict=True)
        threads = [threading.Thread(target=work, args=arguments) for arguments in each]
        for thread in threads:
            thread.start()
        return threads

    def _run(self, record: Record, planned: Iterator[Step]) -> None:
        client = _Client(self, self._token, record)
        while not self._over.is_set() and not record.wrong:
            client.take(next(planned))


class _Client:
    def __init__(self, traffic: Traffic, token: str, record: Record) -> None:
        self._traffic = traffic
        self._record = record
        self._headers = {"Authorization": f"Bearer {token}"}

    def take(self, step: Step) -> None:
        """Take a step; of those that need an upload, none while there is no upload."""
        if step.verb == "create":
            self.create(step)
        elif step.verb == "send":
            self._send(step)
        elif kept := list(self._record.kept):
            id_ = kept[int(step.choice * len(kept))]
            if step.verb == "replace":
                self._replace(id_, step.content)
            elif step.verb == "delete":
                self._delete(id_)
            else:
                self._look(id_)

    def create(self, step: Step) -> None:
        headers = {"Content-Type": "image/png", "Idempotency-Key": step.key}
        status, body = self._ask("POST", COLLECTION, step.content, headers)
        if status == 409:
            return  # the first attempt died, and for five minutes nobody may know
        if self._expect("create", status, 201, body):
            made = json.loads(body)["data"]
            self._record.kept[made["id"]] = Kept(path_of(made), step.content)

    def _send(self, step: Step) -> None:
        sender = ResumableSender(self._repeat, self._try, step)
        location = sender.send()
        self._record.wrong += sender.wrong
        self._record.offsets += sender.offsets
        self._record.acknowledged += sender.offsets
        if location is not None:
            made = json.loads(self._ask("GET", urlsplit(location).path)[1])["data"]
            self._record.kept[made["id"]] = Kept(path_of(made), step.content)

    def _replace(self, id_: str, content: bytes) -> None:
        address = f"{COLLECTION}/{id_}/content"
        status, body = self._ask("PUT", address, content, {"Content-Type": "image/png"})
        if self._expect("replace", status, 200, body):
            self._record.kept[id_] = Kept(path_of(json.loads(body)["data"]), content)

    def _delete(self, id_: str) -> None:
        status, body = self._ask("DELETE", f"{COLLECTION}/{id_}")
        # 404 where the first answer was lost.
        if status == 404 or self._expect("delete", status, 204, body):
            del self._record.kept[id_]
            self._record.deleted.add(id_)

    def _look(self, id_: str) -> None:
        if text := self.read(self._record.kept[id_]):
            self._record.wrong.append(text)

    def read(self, kept: Kept) -> str | None:
        """Return what is wrong with an upload's bytes, or None."""
        status, body = self._ask("GET", kept.path)
        return None if (status, body) == (200, kept.content) else f"{kept.path}: {status}"

    def is_there(self, id_: str) -> bool:
        return self._ask("GET", f"{COLLECTION}/{id_}")[0] != 404

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
        answer = self._repeat(method, path, body, headers)
        return answer.status, answer.content

    def _repeat(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Fetched:
        """Send a request until it is answered, and not with "later"."""
        until = time.monotonic() + _PATIENCE_SECONDS
        answer = Fetched(0, {}, b"no answer")
        while time.monotonic() < until:
            with suppress(OSError, HTTPException):
                answer = self._try(method, path, body, headers)
                if answer.status not in {423, 503}:
                    self._record.done += 1
                    break
            time.sleep(_PAUSE_SECONDS)
        return answer

    def _try(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Fetched:
        """Send a request once; of a body that is shorter than its Content-Length, all there is."""
        connection = HTTPConnection(self._traffic.address, timeout=30)
        try:
            connection.request(method, path, body, {**self._headers, **headers})
            if body and int(headers.get("Content-Length", len(body))) > len(body):
                raise ConnectionAbortedError
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Fetched(response.status, fields, response.read())
        finally:
            connection.close()


def fresh_picture() -> bytes:
    """Make a picture of some hundred bytes that nobody has sent before."""
    return picture_of(os.urandom(48))


def path_of(resource: dict[str, dict[str, str]]) -> str:
    """Return the path of a resource's bytes."""
    return urlsplit(resource["attributes"]["url"]).path
