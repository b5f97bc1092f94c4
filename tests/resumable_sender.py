"""Send a file in pieces whatever happens, and notice what the server forgets of it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from urllib.parse import urlsplit

from tests.fetch import Fetched
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION
from tests.schedule import Step

# Sends a request: method, path, body and header fields.
Send = Callable[[str, str, bytes | None, Mapping[str, str]], Fetched]

# Of those that a client sends, so many break off in their first request.
_CUT_SHARE = 0.3


class ResumableSender:
    """A client of tus that sends one file.

    Args:
        repeat: sends a request until it is answered.
        send_once: sends a request; of a body that is shorter than its Content-Length all there is,
            and then raises OSError.
        step: has the file, and how long its pieces are.

    Attributes:
        offsets: how many were acknowledged.
        wrong: what should not have happened.
    """

    def __init__(self, repeat: Send, send_once: Send, step: Step) -> None:
        self._repeat = repeat
        self._send_once = send_once
        self._content = step.content
        self._piece = max(10, int(step.choice * len(step.content)))
        self._is_cut = step.choice < _CUT_SHARE
        self._acknowledged = self._sent = 0
        self.offsets = 0
        self.wrong: list[str] = []

    def send(self) -> str | None:
        """Send the file; return the address of the upload, or None if there is none."""
        size = {"Upload-Length": str(len(self._content))}
        begun = self._repeat("POST", COLLECTION, b"", {**VERSION, **size})
        if begun.status == 403:
            return None  # answers that were lost left too many that nobody goes on with
        if begun.status != 201:
            self.wrong.append(f"begin: {begun.status} {begun.content[:300]!r}")
            return None
        path, location = urlsplit(begun.headers["location"]).path, None
        while location is None and not self.wrong:
            answer = self._append(path)
            if answer is None:
                answer = self._ask(path)
            location = answer.headers.get("content-location")
        return location

    def _append(self, path: str) -> Fetched | None:
        """Send a piece, and return the answer; None if it is no acknowledgement."""
        start = self._acknowledged
        end = min(start + self._piece, len(self._content))
        fields = {**VERSION, "Content-Type": MEDIA_TYPE, "Upload-Offset": str(start)}
        if self._is_cut:
            self._is_cut = False
            fields["Content-Length"] = str(len(self._content) - start)
        self._sent = end
        with suppress(OSError, HTTPException):
            answer = self._send_once("PATCH", path, self._content[start:end], fields)
            if answer.status == 204:
                self._note(answer)
                return answer
        return None

    def _ask(self, path: str) -> Fetched:
        """Ask how much has been received."""
        answer = self._repeat("HEAD", path, None, VERSION)
        if answer.status == 204:
            self._note(answer)
        else:
            self.wrong.append(f"HEAD: {answer.status}, {self._acknowledged} acknowledged")
        return answer

    def _note(self, answer: Fetched) -> None:
        offset = int(answer.headers["upload-offset"])
        if not self._acknowledged <= offset <= self._sent:
            self.wrong.append(f"{self._acknowledged} to {self._sent} sent: {offset} received")
        self._acknowledged = offset
        self.offsets += 1
