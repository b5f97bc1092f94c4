"""What status and headers promise about the body."""

from tests.jsonapi_document.answer import Answer
from tests.jsonapi_document.node import Node, refuse

_STATUSES_WITHOUT_BODY = {204, 304}


def has_no_document(answer: Answer) -> bool:
    """Whether HTTP lets this answer go without a body (RFC 9110, sections 9.3.2, 9.3.7 and 15)."""
    if answer.method == "HEAD" or answer.status in _STATUSES_WITHOUT_BODY:
        return True
    return answer.method == "OPTIONS" and answer.success and not answer.body


def check_headers(answer: Answer) -> None:
    """Status, Vary, Location, Content-Type and Content-Length."""
    if not 200 <= answer.status < 600:
        refuse("", f"{answer.status} is not the status of a final answer")
    if answer.method == "OPTIONS" and has_no_document(answer):
        return
    _check_vary(answer)
    _check_empty_body(answer)
    if answer.status not in _STATUSES_WITHOUT_BODY:
        answer.check_content_type()
    if has_no_document(answer):
        return
    if not answer.body:
        refuse("", "there is no document")
    if answer.header("Content-Length") not in {None, str(len(answer.body))}:
        refuse("", "the Content-Length is not the body's length")
    _check_status(answer)


def _check_vary(answer: Answer) -> None:
    """ "Server Responsibilities": "SHOULD specify the `Vary` header with `Accept`"."""
    fields = (answer.header("Vary") or "").lower().split(",")
    if "accept" not in [each.strip() for each in fields]:
        refuse("", "the Vary header must name Accept")


def _check_empty_body(answer: Answer) -> None:
    """ "204 No Content": "with no response document"; RFC 9110, sections 8.6, 9.3.2 and 15.4.5."""
    if (answer.status in _STATUSES_WITHOUT_BODY or answer.method == "HEAD") and answer.body:
        refuse("", f"{answer.method} answered with {answer.status} has no body")
    if answer.status == 204:
        for name in ("Content-Type", "Content-Length"):
            if answer.header(name) is not None:
                refuse("", f"204 has no {name}")


def _check_status(answer: Answer) -> None:
    """ "Fetching Data", "200 OK": a successful fetch is a 200; "201 Created": with Location."""
    if answer.method == "GET" and answer.success and answer.status != 200:
        refuse("", f"a successful GET is answered with 200, not {answer.status}")
    if answer.status == 201 and not answer.header("Location"):
        refuse("", "201 needs a Location")


def check_primary_data_fits(data: Node, answer: Answer) -> None:
    """What the method and the status say about primary data."""
    if answer.status == 201:
        _check_created(data, answer)
    if answer.method == "DELETE" and not answer.about_relationship:
        data.refuse('"Deleting Resources": 200 comes with "no primary data"')
    if answer.method == "GET":
        _check_fetched(data, answer)


def _check_created(data: Node, answer: Answer) -> None:
    """ "201 Created": `self` "MUST match the value of the `Location` header"."""
    resource = data.members()
    link = data.value.get("links", {}).get("self")
    href = link.get("href") if isinstance(link, dict) else link
    if href is not None and href != answer.header("Location"):
        resource["links"].child("self").refuse("is not the Location")


def _check_fetched(data: Node, answer: Answer) -> None:
    """ "Top Level": an array for a collection, an object for a single resource.

    Which it is shows in addresses that follow "Recommendations", "URL Design": `/type` and
    `/type/id`. "404 Not Found": `null` is not for a single resource that does not exist.
    """
    if len(answer.path) == 1:
        data.items()
    if len(answer.path) == 2:
        data.members()
