"""What the Python client does next, without a network."""

import inspect
import io
import json
import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import httpx
import pytest
from open_event_uploads_client import (
    AsyncUploadsClient,
    ConnectionLost,
    ErrorDetail,
    Upload,
    UploadInterrupted,
    UploadsClient,
    UploadsError,
)
from open_event_uploads_client.api import Api, first_page
from open_event_uploads_client.attributes import to_members
from open_event_uploads_client.files import Source, open_source
from open_event_uploads_client.steps import Conversation, Pause, Request, Response, Step, Steps
from open_event_uploads_client.tus import Sending

T = TypeVar("T")

CONTENT = b"0123456789"
API = Api("https://uploads.example.org/events/", "oeu_secret")
# Another host than the client's, as behind a proxy that nobody told the server about.
ADDRESS = "http://internal:8000/v1/uploads/resumable/77"
BEGUN = Response(201, {"location": ADDRESS}, b"")
RESOURCE = {"id": "88", "type": "uploads", "attributes": {"filename": "a.png", "size": 10}}
FINISHED = Response(200, {"etag": '"1-a"'}, json.dumps({"data": RESOURCE}).encode())
LOST = OSError("the cable was pulled")


def at(offset: int) -> Response:
    return Response(204, {"upload-offset": str(offset), "upload-length": "10"}, b"")


def refusal(status: int, **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, fields, b"<html>a proxy</html>")


def sending(delays: Sequence[float] = (1, 2, 4)) -> Sending:
    return Sending(API, Source(io.BytesIO(CONTENT), 10, None), {}, retry_delays=delays)


def play(steps: Steps[T], answers: Sequence[Response | OSError]) -> tuple[T, list[Step]]:
    """Answer each request with the next answer, and return the result and the steps."""
    talk, taken, waiting = Conversation(steps), list[Step](), list(answers)
    while step := talk.step:
        taken.append(step)
        if isinstance(step, Pause):
            talk.answer(None)
        elif isinstance(answer := waiting.pop(0), OSError):
            talk.lose(answer)
        else:
            talk.answer(answer)
    assert waiting == []
    return talk.result, taken


def shown(steps: Sequence[Step]) -> list[str | float]:
    return [each.method if isinstance(each, Request) else each.seconds for each in steps]


def test_the_token_goes_to_the_address_of_the_client_alone() -> None:
    located = Response(204, {"content-location": "http://internal:8000/v1/uploads/88"}, b"")
    upload, steps = play(sending().steps(), [BEGUN, LOST, located, FINISHED])
    assert (upload.id, upload.etag) == ("88", '"1-a"')
    requests = [each for each in steps if isinstance(each, Request)]
    base = "https://uploads.example.org/events/v1/uploads"
    assert [each.url for each in requests] == [
        f"{base}/resumable",
        f"{base}/resumable/77",
        f"{base}/resumable/77",
        f"{base}/88",
    ]
    assert {each.headers["Authorization"] for each in requests} == {"Bearer oeu_secret"}


def test_a_server_that_asks_to_wait_is_given_the_time() -> None:
    answers = [BEGUN, refusal(423, retry_after="7"), at(10 - 1), FINISHED]
    _, steps = play(sending().steps(), answers)
    assert shown(steps) == ["POST", "PATCH", 7, "HEAD", "PATCH"]


def test_bytes_that_arrived_earn_new_attempts() -> None:
    answers: list[Response | OSError]
    answers = [BEGUN, LOST, LOST, at(3), LOST, LOST, at(3), LOST, at(3), FINISHED]
    _, steps = play(sending().steps(), answers)
    waits = [each.seconds for each in steps if isinstance(each, Pause)]
    assert waits == [1, 2, 1, 2, 4]


def test_after_the_last_attempt_the_address_is_told() -> None:
    with pytest.raises(UploadInterrupted) as raised:
        play(sending((1,)).steps(), [BEGUN, LOST, at(3), LOST, refusal(502)])
    assert (raised.value.address, raised.value.sent) == (ADDRESS, 3)
    with pytest.raises(ConnectionLost) as lost:
        play(sending((1,)).steps(), [LOST, LOST])
    assert lost.value.__cause__ is LOST


def test_a_server_that_keeps_nothing_is_not_asked_for_ever() -> None:
    with pytest.raises(UploadInterrupted, match="kept none"):
        play(sending((1,)).steps(), [BEGUN, at(0), at(0)])


@pytest.mark.parametrize("status", [401, 403, 404, 413, 422])
def test_a_refusal_is_final(status: int) -> None:
    with pytest.raises(UploadsError) as raised:
        play(sending().steps(), [BEGUN, refusal(status)])
    assert (raised.value.status, raised.value.errors, raised.value.code) == (status, (), "")


def test_members_that_are_newer_than_the_client_are_kept_and_older_ones_may_be_missing() -> None:
    upload = Upload.from_json({"id": "88", "attributes": {"alt": "A", "mood": "calm"}, "x": 1})
    assert (upload.alt, upload.caption, upload.size) == ("A", "", None)
    assert upload.attributes["mood"] == "calm"
    detail = ErrorDetail.from_json({"code": "new", "mood": "calm", "source": {"star": "x"}})
    assert (detail.code, detail.pointer, detail.detail) == ("new", "", "")


@pytest.mark.parametrize(
    "link", ["http://internal:8000/v1/uploads?page[after]=x%2By&sort=size", {"href": "?sort=size"}]
)
def test_the_next_page_is_found_by_its_query(link: object) -> None:
    body = json.dumps({"data": [RESOURCE], "links": {"next": link}}).encode()
    page, _ = play(API.page(first_page({}, "size", 5)), [Response(200, {}, body)])
    assert page.following
    assert page.following["sort"] == "size"


def test_filters_are_written_as_the_server_reads_them() -> None:
    filters = {"media-type": ["image/png", "image/gif"], "size": {"gte": 5}}
    assert first_page(filters, None, 9) == {
        "page[size]": "9",
        "filter[media-type]": "image/png,image/gif",
        "filter[size][gte]": "5",
    }


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_members({"expires_at": datetime(2030, 1, 1)})  # noqa: DTZ001 - that is the point


def test_a_pipe_is_refused() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    with (
        os.fdopen(reading, "rb") as pipe,
        pytest.raises(ValueError, match="seekable"),
        open_source(pipe),
    ):
        pass


def test_a_file_that_becomes_shorter_is_noticed() -> None:
    with pytest.raises(ValueError, match="became shorter"):
        Source(io.BytesIO(CONTENT), 20, None).read(10, 10)


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    def methods(client: type) -> dict[str, object]:
        found = inspect.getmembers(client, inspect.isfunction)
        return {
            name: inspect.signature(each).replace(return_annotation=None)
            for name, each in found
            if not name.startswith("_")
        }

    synchronous, asynchronous = methods(UploadsClient), methods(AsyncUploadsClient)
    synchronous["aclose"] = synchronous.pop("close")
    assert synchronous == asynchronous


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><title>Sign in</title>",
        b'{"data": {"id": "1", "attri',
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"{}",
        b'{"data": 1, "meta": 1}',
        b'{"data": {"type": "uploads"}, "meta": {}}',
    ],
)
@pytest.mark.parametrize(
    "operation",
    [
        lambda: API.get("88"),
        lambda: API.page({}),
        lambda: API.variants("88"),
        lambda: API.download_link("88", None),
        API.policies,
        lambda: API.sign_in("grace@example.org", "secret", None),
    ],
)
def test_an_answer_that_is_not_of_this_api_is_an_error_of_the_client(
    operation: Callable[[], Steps[object]], body: bytes
) -> None:
    with pytest.raises(UploadsError) as raised:
        play(operation(), [Response(200, {}, body)])
    assert (raised.value.status, raised.value.code) == (200, "unexpected-answer")


@pytest.mark.parametrize(
    "answers",
    [
        [Response(200, {}, b"<html>a proxy</html>")],
        [Response(201, {"location": "http://["}, b"")],
        [Response(301, {"location": "https://uploads.example.org/v1/uploads/resumable"}, b"")],
        [BEGUN, Response(204, {}, b"")],
        [BEGUN, Response(308, {"location": "https://uploads.example.org/"}, b"")],
        *(
            [BEGUN, Response(204, {"upload-offset": each}, b"")]
            for each in ("-1", "11", "\xb2", "x")
        ),
        [BEGUN, LOST, Response(200, {"upload-offset": "9" * 5000}, b"")],
        [BEGUN, LOST, Response(200, {"content-location": "/"}, b"")],
    ],
)
def test_an_odd_answer_to_a_resumable_upload_is_an_error_of_the_client(
    answers: Sequence[Response | OSError],
) -> None:
    with pytest.raises(UploadsError) as raised:
        play(sending().steps(), answers)
    assert raised.value.code == "unexpected-answer"


def test_a_redirect_deletes_nothing_and_says_so() -> None:
    moved = Response(301, {"location": "https://uploads.example.org/"}, b"")
    with pytest.raises(UploadsError, match=re.escape("https://uploads.example.org/")):
        play(API.delete("88", None), [moved])


def test_an_offset_that_goes_back_is_no_progress() -> None:
    with pytest.raises(UploadInterrupted, match="kept none"):
        play(sending((1,)).steps(), [BEGUN, at(5), at(0), at(4), at(0)])


@pytest.mark.parametrize("seconds", ["3601", "9" * 18])
def test_nobody_waits_for_days_without_being_told(seconds: str) -> None:
    with pytest.raises(UploadInterrupted):
        play(sending().steps(), [BEGUN, refusal(429, retry_after=seconds)])


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 999]
)
def test_a_wait_that_cannot_be_read_is_not_heeded(text: str) -> None:
    _, steps = play(sending().steps(), [BEGUN, refusal(503, retry_after=text), at(9), FINISHED])
    assert shown(steps) == ["POST", "PATCH", 1, "HEAD", "PATCH"]


def test_a_body_that_cannot_be_decoded_is_a_lost_connection() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        head = {"Content-Encoding": "gzip"}
        return httpx.Response(200, headers=head, stream=httpx.ByteStream(b"no gzip"))

    http = httpx.Client(transport=httpx.MockTransport(answer))
    with (
        http,
        UploadsClient("http://127.0.0.1", http=http) as client,
        pytest.raises(ConnectionLost, match="DecodingError"),
    ):
        client.get("88")
