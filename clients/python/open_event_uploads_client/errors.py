"""What the clients raise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class UploadsClientError(Exception):
    """Base of all errors of this package."""


class ConnectionLost(UploadsClientError):
    """Raised when a request got no answer: nobody knows whether it was carried out."""


class UploadInterrupted(UploadsClientError):
    """Raised when an upload could not go on, after all attempts; its bytes so far are kept.

    Args:
        address: pass it to `upload` as `resume` to go on later.
        sent: the bytes that the server is known to have.
        why: what happened at the last attempt.
    """

    def __init__(self, address: str, sent: int, why: str) -> None:
        super().__init__(f"The upload stopped after {sent} bytes: {why}. Resume it: {address}")
        self.address = address
        self.sent = sent


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One error of a JSON:API document; a member that the server left out is empty.

    Args:
        status: of HTTP, as text.
        code: stable, such as `unsupported-file-type`.
        title: the kind of error, for people.
        detail: this error, for people.
        id: of the request, also in the server's log.
        pointer: to the member of the document that is at fault.
        parameter: of the query that is at fault.
        header: the field of the head that is at fault.
        meta: more, such as `limit` and `actual`.
    """

    status: str = ""
    code: str = ""
    title: str = ""
    detail: str = ""
    id: str = ""
    pointer: str = ""
    parameter: str = ""
    header: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, error: Mapping[str, Any]) -> "ErrorDetail":
        """Read an error object, and pass over members that are not known."""
        source = error.get("source") or {}
        return cls(
            **{name: str(error.get(name) or "") for name in _OF_ERROR},
            **{name: str(source.get(name) or "") for name in _OF_SOURCE},
            meta=error.get("meta") or {},
        )


_OF_ERROR = ("status", "code", "title", "detail", "id")
_OF_SOURCE = ("pointer", "parameter", "header")


class UploadsError(UploadsClientError):
    """Raised when the server refuses a request.

    Args:
        status: of HTTP.
        errors: of the document; none where the answer has no document.
        retry_after: the seconds that the server asks to wait, if it does.
    """

    def __init__(
        self, status: int, errors: tuple[ErrorDetail, ...], retry_after: float | None = None
    ) -> None:
        details = [f"{each.detail or each.title} ({each.code})" for each in errors]
        super().__init__(f"{status}: {' '.join(details) or 'the server gave no reason'}")
        self.status = status
        self.errors = errors
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """The code of the first error, or an empty text."""
        return self.errors[0].code if self.errors else ""
