""" "Error Objects"."""

import json
import re
from typing import Any

from tests.jsonapi_document.answer import Answer
from tests.jsonapi_document.links import check_links
from tests.jsonapi_document.node import Node, check_meta

_ERROR_STATUS = re.compile("[45][0-9]{2}")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_errors(node: Node, answer: Answer) -> None:
    """ "Errors": an array of error objects."""
    errors = node.items()
    if not errors:
        node.refuse("an errors document names at least one error")
    for error in errors:
        _check_error(error, answer)
    first = errors[0].value.get("status")
    if len(errors) == 1 and first not in {None, str(answer.status)}:
        errors[0].child("status").refuse(f"the only error is not the response's {answer.status}")


def _check_error(node: Node, answer: Answer) -> None:
    known = ("id", "links", "status", "code", "title", "detail", "source", "meta")
    members = node.members(*known)
    node.one_of(*known)
    for name in ("id", "status", "code", "title", "detail"):
        if name in members:
            members[name].text()
    if "status" in members and not _ERROR_STATUS.fullmatch(members["status"].text()):
        members["status"].refuse("this is not the status code of an error")
    if "links" in members:
        check_links(members["links"], "about", "type")
    if "source" in members:
        _check_source(members["source"], answer)
    check_meta(members)


def _check_source(node: Node, answer: Answer) -> None:
    """`source`: "SHOULD include one of the following members or be omitted"."""
    members = node.members("pointer", "parameter", "header")
    node.one_of("pointer", "parameter", "header")
    for member in members.values():
        member.text()
    if "pointer" in members:
        _check_pointer(members["pointer"], answer.sent)
    if "header" in members and not _HEADER_NAME.fullmatch(members["header"].text()):
        members["header"].refuse("this is not a header's name")


def _check_pointer(node: Node, sent: bytes | None) -> None:
    """`pointer`: "MUST point to a value in the request document that exists"."""
    pointer = node.text()
    if not _POINTER.fullmatch(pointer):
        node.refuse(f"`{pointer}` is not a JSON Pointer (RFC 6901, section 3)")
    if sent is None:
        return
    try:
        value = json.loads(sent)
    except (ValueError, RecursionError):
        node.refuse("there is no request document to point into")
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not _has(value, name):
            node.refuse(f"`{pointer}` points to nothing in the request document")
        value = value[int(name)] if isinstance(value, list) else value[name]


def _has(value: Any, name: str) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return re.fullmatch("0|[1-9][0-9]*", name) is not None and int(name) < len(value)
    return isinstance(value, dict) and name in value
