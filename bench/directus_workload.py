"""Prepare the requests that load Directus, and check an answer of each kind once."""

from typing import Any

import msgspec

from bench.answer import WrongAnswer
from bench.ask import ask
from bench.form import FORM, around
from bench.process import Server
from bench.workload import PAGE_SIZE, SEEDED, Exchange, message

# As many members as our resources have, and the count that our lists have.
_FIELDS = (
    "id,storage,filename_disk,filename_download,title,description,type,filesize,width,height,"
    "uploaded_by,uploaded_on,modified_on"
)
_LIST = f"/files?limit={PAGE_SIZE}&fields={_FIELDS}&meta=total_count"
_COUNT = "/files?limit=1&fields=id&meta=total_count"
# Those that the figures are compared for.
_SIZES = ("20 KB", "330 KB")


class DirectusWorkload:
    """The requests of Directus: the same files as forms, and a list of files.

    Args:
        server: that was started, and may not answer yet.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def wait(self) -> None:
        """Wait for the first right answer."""
        self._server.wait_for(self.count)

    def count(self) -> int:
        """Return the number of files."""
        count: int = msgspec.json.decode(self._get(_COUNT))["meta"]["total_count"]
        return count

    def exchanges(self, files: dict[str, bytes]) -> dict[str, Exchange]:
        """Fill the server, check an answer of each kind, and return the exchanges by name.

        Args:
            files: JPEGs, by the name of their size.

        Raises:
            WrongAnswer: an answer is wrong.
        """
        found = {}
        for size in _SIZES:
            body = _form(files[size])
            self._check(self._create(body), files[size])
            request = message(self._server, "POST", "/files", body, media_type=FORM)
            found[f"upload, {size}"] = Exchange(request, 200, None)
        smallest = _form(files[_SIZES[0]])
        for _ in range(SEEDED):
            self._create(smallest)
        answer = self._get(_LIST)
        if len(msgspec.json.decode(answer)["data"]) != PAGE_SIZE:
            raise WrongAnswer("the list has another length")
        found[f"list of {PAGE_SIZE}"] = Exchange(
            message(self._server, "GET", _LIST), 200, len(answer)
        )
        return found

    def _check(self, found: dict[str, Any], file: bytes) -> None:
        facts = (found["type"], found["filesize"])
        if facts != ("image/jpeg", len(file)) or not found["width"]:
            raise WrongAnswer(f"{found} is not what was sent")
        if self._get(f"/assets/{found['id']}") != file:
            raise WrongAnswer("the bytes are not those that were sent")

    def _create(self, body: bytes) -> dict[str, Any]:
        answer = self._request("POST", "/files", body)
        resource: dict[str, Any] = msgspec.json.decode(answer)["data"]
        return resource

    def _get(self, path: str) -> bytes:
        return self._request("GET", path, None)

    def _request(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": FORM, "Authorization": f"Bearer {self._server.token()}"}
        return ask(self._server, method, path, 200, body=body, headers=headers)


def _form(file: bytes) -> bytes:
    return file.join(around("photo.jpg", "image/jpeg"))
