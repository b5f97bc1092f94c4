"""An exchange to judge with `tests/jsonapi_document`, and the documents most of them need."""

import json
from typing import Any, NamedTuple

from tests.jsonapi_document import check_response

JSON_API = "application/vnd.api+json"
ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'


class Case(NamedTuple):
    """An answer to judge, with the place of its fault where it has one."""

    sentence: str
    document: Any
    at: str = ""
    url: str = "/articles/1"
    status: int = 200
    method: str = "GET"
    content_type: str | None = JSON_API
    location: str | None = None
    vary: str | None = "Accept"
    sent: bytes | None = None

    def check(self) -> None:
        fields = {
            "Content-Type": self.content_type,
            "Location": self.location,
            "Vary": self.vary,
        }
        is_text = isinstance(self.document, bytes)
        check_response(
            self.method,
            self.url,
            self.status,
            {name: value for name, value in fields.items() if value is not None},
            self.document if is_text else json.dumps(self.document).encode(),
            sent=self.sent,
        )


def resource(**members: object) -> dict[str, Any]:
    return {"data": {"type": "articles", "id": "1", **members}}


def relationship(**members: object) -> dict[str, Any]:
    return resource(relationships={"author": members})


def link(value: object) -> dict[str, Any]:
    return {"meta": {}, "links": {"describedby": value}}


def error(**members: object) -> dict[str, Any]:
    return {"errors": [members]}
