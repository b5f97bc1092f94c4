"""The operations of the JSON:API, as steps."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from open_event_uploads_client.attributes import to_members
from open_event_uploads_client.errors import ErrorDetail, UploadsError
from open_event_uploads_client.files import Part
from open_event_uploads_client.models import DownloadLink, Policies, Session, Upload, Variant
from open_event_uploads_client.steps import Request, Response, Steps, ask

JSON_API = "application/vnd.api+json"
_CURSORS = f'{JSON_API};profile="https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"'
_FIRST_ERROR = 400
_SUCCESS = 2  # hundred and more
_MAX_DIGITS = 18

# By attribute: a value, a list of which any may be, or bounds by `gt`, `gte`, `lt` and `lte`.
Filters = Mapping[str, object]
Result = TypeVar("Result")
NO_FILTERS: Filters = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Args:
        uploads: on it.
        following: the query of the next page; None at the end.
    """

    uploads: Sequence[Upload]
    following: Mapping[str, str] | None


@dataclass(slots=True)
class Api:
    """What one may ask a server.

    Every address is made from `base_url`, never taken from an answer: a token goes nowhere else.

    Args:
        base_url: of the server, without `/v1`.
        token: sent with each request, if there is one.
    """

    base_url: str
    token: str | None = field(default=None, repr=False)

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | Part = b"",
    ) -> Request:
        """Return a request of this client."""
        sent = {"Accept": JSON_API, **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return Request(method, f"{self.base_url.rstrip('/')}/v1/{path}", sent, content)

    def call(self, request: Request) -> Steps[Response]:
        """Send a request and return its answer.

        Raises:
            UploadsError: the server refuses it, or redirects, which would do nothing.
        """
        response = yield from ask(request)
        if response.status >= _FIRST_ERROR:
            raise error_of(response)
        if response.status // 100 != _SUCCESS:
            raise unexpected(response)
        return response

    def get(self, upload_id: str) -> Steps[Upload]:
        """Return an upload."""
        return upload_of((yield from self.call(self.request("GET", _path(upload_id)))))

    def page(self, query: Mapping[str, str]) -> Steps[Page]:
        """Return a page of uploads."""
        path = f"uploads?{urlencode(query)}"
        response = yield from self.call(self.request("GET", path, {"Accept": _CURSORS}))
        return read_document(response, _page)

    def update(
        self, upload_id: str, attributes: Mapping[str, Any], if_match: str | None
    ) -> Steps[Upload]:
        """Change attributes of an upload, and return it."""
        resource = {"type": "uploads", "id": upload_id, "attributes": to_members(attributes)}
        headers = {"Content-Type": JSON_API, **_condition(if_match)}
        content = json.dumps({"data": resource}).encode()
        request = self.request("PATCH", _path(upload_id), headers, content)
        return upload_of((yield from self.call(request)))

    def replace(
        self, upload_id: str, part: Part, filename: str | None, if_match: str | None
    ) -> Steps[Upload]:
        """Replace the bytes of an upload, and return it."""
        headers = {"Content-Type": "application/octet-stream", **_condition(if_match)}
        headers["Content-Length"] = str(len(part))
        if filename is not None:
            headers["Content-Disposition"] = f"file; filename*=UTF-8''{quote(filename, safe='')}"
        request = self.request("PUT", f"{_path(upload_id)}/content", headers, part)
        return upload_of((yield from self.call(request)))

    def delete(self, upload_id: str, if_match: str | None) -> Steps[None]:
        """Delete an upload."""
        yield from self.call(self.request("DELETE", _path(upload_id), _condition(if_match)))

    def variants(self, upload_id: str) -> Steps[list[Variant]]:
        """Return the variants of an upload."""
        response = yield from self.call(self.request("GET", f"{_path(upload_id)}/variants"))
        return read_document(
            response, lambda found: [Variant.from_json(each) for each in found["data"]]
        )

    def download_link(self, upload_id: str, expires_in: int | None) -> Steps[DownloadLink]:
        """Return an address of a private file that ends."""
        headers, content = {}, b""
        if expires_in is not None:
            headers["Content-Type"] = JSON_API
            content = json.dumps({"meta": {"expires-in": expires_in}}).encode()
        request = self.request("POST", f"{_path(upload_id)}/download-link", headers, content)
        response = yield from self.call(request)
        return read_document(response, lambda found: DownloadLink.from_json(found["meta"]))

    def policies(self) -> Steps[Policies]:
        """Return the limits of the server."""
        response = yield from self.call(self.request("GET", "policies/current"))
        return read_document(response, lambda found: Policies.from_json(found["data"]))

    def sign_in(self, email: str, password: str, device_token: str | None) -> Steps[Session]:
        """Sign in, and use the session from now on."""
        sent = {"email": email, "password": password}
        if device_token:
            sent["device_token"] = device_token
        headers = {"Content-Type": "application/json"}
        request = self.request("POST", "auth/session", headers, json.dumps(sent).encode())
        response = yield from self.call(request)
        session = read_document(
            response, lambda found: Session(found["access_token"], found.get("device_token"))
        )
        self.token = session.token
        return session


def first_page(filters: Filters, sort: str | None, page_size: int) -> Mapping[str, str]:
    """Return the query of the first page of a list."""
    query = {"page[size]": str(page_size)}
    if sort:
        query["sort"] = sort
    return query | dict(_filters(filters))


def upload_of(response: Response) -> Upload:
    """Return the upload in a document."""
    etag = response.headers.get("etag")
    return read_document(response, lambda found: Upload.from_json(found["data"], etag))


def read_document(response: Response, read: Callable[[Any], Result]) -> Result:
    """Return what is needed of a document.

    Raises:
        UploadsError: the answer is not of this API, such as a page of a proxy.
    """
    try:
        return read(json.loads(response.content))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise unexpected(response) from error


def unexpected(response: Response) -> UploadsError:
    """Return the error for an answer that is not of this API."""
    detail = "The server did not answer as an upload server does."
    if location := response.headers.get("location"):
        detail += f" It names the address {location}: is that the one to use?"
    error = ErrorDetail(
        status=str(response.status),
        code="unexpected-answer",
        title="Unexpected answer",
        detail=detail,
    )
    return UploadsError(response.status, (error,))


def error_of(response: Response) -> UploadsError:
    """Return the error that an answer stands for."""
    try:
        found = json.loads(response.content)["errors"]
        errors = tuple(ErrorDetail.from_json(each) for each in found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        errors = ()  # of a proxy, or to a HEAD
    return UploadsError(response.status, errors, number_in(response, "retry-after"))


def number_in(response: Response, field: str) -> int | None:
    """Return the number in a field of the head; None where there is none."""
    text = response.headers.get(field, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def address_in(response: Response, field: str) -> str:
    """Return the address of a resource in a field of the head.

    Raises:
        UploadsError: there is none.
    """
    address = response.headers.get(field, "")
    try:
        if last_segment(address):
            return address
    except ValueError:
        pass
    raise unexpected(response)


def last_segment(address: str) -> str:
    """Return the id in the address of a resource."""
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])


def _path(upload_id: str) -> str:
    return f"uploads/{quote(upload_id, safe='')}"


def _condition(if_match: str | None) -> dict[str, str]:
    return {} if if_match is None else {"If-Match": if_match}


def _following(document: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return the query of the link to the next page."""
    link = (document.get("links") or {}).get("next")
    address = link["href"] if isinstance(link, dict) else link
    return dict(parse_qsl(urlsplit(address).query)) if address else None


def _page(document: Mapping[str, Any]) -> Page:
    return Page([Upload.from_json(each) for each in document["data"]], _following(document))


def _filters(filters: Filters) -> Iterator[tuple[str, str]]:
    for name, value in filters.items():
        if isinstance(value, Mapping):
            for operator, bound in value.items():
                yield f"filter[{name}][{operator}]", _text(bound)
        else:
            yield f"filter[{name}]", _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return ",".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
