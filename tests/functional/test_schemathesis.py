"""Schemathesis reads the description and tries to catch the server contradicting it."""

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from werkzeug.wsgi import ClosingIterator

from open_event_uploads.openapi.attributes import ONE_PIXEL
from tests.accounts import account, bearer
from tests.conftest import AppFactory, Client
from tests.documents import path_of, upload
from tests.examples import examples
from tests.images import picture
from tests.resumable import COLLECTION as RESUMABLE
from tests.resumable import MEDIA_TYPE, VERSION, begun

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]

schemathesis.serializer.alias(MEDIA_TYPE, "application/octet-stream")

ADMIN: dict[str, str] = {}

Operation = APIOperation[Any, Any, Any, Any]

# The same requests every time: what it finds today, it finds on another machine.
bounded = settings(
    max_examples=examples(12),
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def app(make_app: AppFactory) -> Flask:
    return make_app(rate_limits="off", sign_in_rate_limits="off")


@pytest.fixture
def api(app: Flask) -> BaseSchema:
    # Whoever may do everything is told most.
    ADMIN.update(bearer(app, account(app, "Grace", "admin")))

    def closing(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Its client does not close an answer that it has not read to the end; servers do."""
        answer = app.wsgi_app(environ, start_response)
        with contextlib.closing(ClosingIterator(answer, getattr(answer, "close", None))) as parts:
            return list(parts)

    return schemathesis.openapi.from_wsgi("/v1/openapi.json", closing)


def operations(api: BaseSchema) -> list[Operation]:
    found = [result.ok() for result in api.get_all_operations() if isinstance(result, Ok)]
    assert len(found) > 20
    return found


def try_out(case: Case[Any]) -> None:
    case.headers["Authorization"] = ADMIN["Authorization"]
    assert case.call_and_validate(checks=CHECKS).headers["x-request-id"]


def try_each(api: BaseSchema, mode: GenerationMode, attempt: Callable[[Case[Any]], None]) -> None:
    """Every operation, to the end, so that one run shows all that is wrong."""
    found: list[Exception] = []
    for operation in operations(api):
        invented = operation.as_strategy(generation_mode=mode)
        try:
            bounded(given(case=invented)(attempt))()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label
        except Exception as error:  # noqa: BLE001 - whatever it finds
            error.add_note(operation.label)
            found.append(error)
    if found:
        raise ExceptionGroup("the server contradicts its description", found)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_invented_requests_are_answered_as_described(api: BaseSchema, mode: GenerationMode) -> None:
    try_each(api, mode, try_out)


def test_requests_about_what_is_there_are_answered_as_described(
    api: BaseSchema, app: Flask
) -> None:
    client = Client(app)
    client.sign_in(ADMIN)

    def try_out_there(case: Case[Any]) -> None:
        aim(case, upload(client, picture()))
        path = begun(client, 10)
        if case.path.startswith(f"{RESUMABLE}/"):
            case.path_parameters["id"] = path.rpartition("/")[2]
        try_out(case)
        client.delete(path, headers=VERSION)

    try_each(api, GenerationMode.POSITIVE, try_out_there)


def aim(case: Case[Any], resource: dict[str, Any]) -> None:
    """Turn an invented request into one about this upload, or one that can make another."""
    (variant, *_) = resource["relationships"]["variants"]["data"]
    ids = {"uploads": resource["id"], "variants": variant["id"]}
    for type_, id_ in ids.items():
        if case.path.startswith(f"/v1/{type_}/"):
            case.path_parameters["id"] = id_
    if "key" in case.path_parameters:
        case.path_parameters["key"] = path_of(resource["attributes"]["url"])[len("/media/") :]
    body: Any = case.body
    if isinstance(body, dict) and isinstance(body.get("data"), dict):
        body["data"].setdefault("attributes", {})["data"] = ONE_PIXEL
        if case.method == "PATCH":
            body["data"]["id"] = resource["id"]
