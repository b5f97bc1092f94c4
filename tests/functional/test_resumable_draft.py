"""What "Resumable Uploads for HTTP" asks of a server (draft-ietf-httpbis-resumable-upload-11).

Each test names the section, by its title, whose sentences it holds the server to.
"""

import hashlib
import json
from base64 import b64encode
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from tests.accounts import account, bearer
from tests.conftest import AppFactory
from tests.documents import COLLECTION as UPLOADS
from tests.documents import only_error, path_of
from tests.images import picture
from tests.resumable import COLLECTION, metadata
from tests.stored import StoredFiles

PNG = picture()
PART = "application/partial-upload"
PROBLEM = "https://iana.org/assignments/http-problem-types#"

# At its own address, and at that of the resource that is meant.
TARGETS = pytest.mark.parametrize("target", [COLLECTION, UPLOADS])


@pytest.fixture
def client(make_app: AppFactory) -> FlaskClient:
    return make_app(resumable_draft=True).test_client()


def begin(
    client: FlaskClient,
    content: bytes = b"",
    *,
    complete: str = "?0",
    target: str = COLLECTION,
    **fields: str,
) -> TestResponse:
    headers = {"Upload-Complete": complete, "Upload-Draft-Interop-Version": "8"}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    return client.post(target, data=content, headers=headers)


def begun(client: FlaskClient, content: bytes = b"", **options: Any) -> str:  # noqa: ANN401 - as of `begin`
    response = begin(client, content, **options)
    assert response.status_code == 201, response.text
    return path_of(response.headers["Location"])


def append(
    client: FlaskClient, path: str, offset: int, content: bytes, *, complete: str, **fields: str
) -> TestResponse:
    headers = {"Upload-Complete": complete, "Upload-Offset": str(offset)}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    return client.patch(path, data=content, content_type=PART, headers=headers)


def state(client: FlaskClient, path: str) -> dict[str, str]:
    response = client.head(path)
    assert response.status_code == 204, response.status_code
    return dict(response.headers)


def limits(response: TestResponse) -> dict[str, int]:
    found = response.headers["Upload-Limit"]
    return {
        key: int(value) for key, _, value in (each.partition("=") for each in found.split(", "))
    }


def made_by(response: TestResponse) -> Any:  # noqa: ANN401 - as JSON is
    """Return the resource, or the list, of an answer."""
    return json.loads(response.data)["data"]


def digest_of(content: bytes, name: str = "sha-256") -> str:
    digest = hashlib.new(name.replace("-", ""), content).digest()
    return f"{name}=:{b64encode(digest).decode()}:"


# --- Upload Creation --------------------------------------------------------------------------


@TARGETS
def test_a_part_is_answered_with_the_address_to_go_on_and_the_limits(
    client: FlaskClient, target: str
) -> None:
    response = begin(client, PNG[:10], target=target, Content_Type="image/png")
    assert response.status_code == 201, response.text
    assert path_of(response.headers["Location"]).startswith(f"{COLLECTION}/")
    assert response.headers["Upload-Complete"] == "?0"
    assert response.headers["Upload-Offset"] == "10"
    assert limits(response).keys() == {"max-size", "max-age"}
    assert "Tus-Resumable" not in response.headers


@TARGETS
def test_an_upload_may_begin_without_bytes(client: FlaskClient, target: str) -> None:
    path = begun(client, target=target)
    assert state(client, path)["Upload-Offset"] == "0"


@TARGETS
def test_a_whole_file_is_answered_as_any_other(client: FlaskClient, target: str) -> None:
    plain = client.post(UPLOADS, data=PNG, content_type="image/png")
    response = begin(client, PNG, complete="?1", target=target, Content_Type="image/png")
    assert response.status_code == 201, response.text
    assert response.headers["Upload-Complete"] == "?1"
    upload = made_by(response)
    assert response.headers["Location"] == upload["links"]["self"]
    ours = {"url": "", "created-at": "", "updated-at": ""}
    assert {**upload["attributes"], **ours} == {**made_by(plain)["attributes"], **ours}


@TARGETS
def test_a_whole_file_that_is_refused_is_complete(
    client: FlaskClient, stored_files: StoredFiles, target: str
) -> None:
    response = begin(client, b"no image!", complete="?1", target=target, Content_Type="image/png")
    assert (response.status_code, only_error(response)["code"]) == (422, "unsupported-file-type")
    assert response.headers["Upload-Complete"] == "?1"
    assert not stored_files()


def test_an_empty_file_may_be_meant(client: FlaskClient) -> None:
    response = begin(client, complete="?1")
    assert (response.status_code, only_error(response)["code"]) == (422, "empty-file")
    assert response.headers["Upload-Complete"] == "?1"


def test_the_name_stands_in_content_disposition(client: FlaskClient) -> None:
    disposition = "inline; filename=\"x.png\"; filename*=UTF-8''B%C3%BChne.png"
    path = begun(client, PNG[:10], Content_Disposition=disposition, Content_Type="image/png")
    response = append(client, path, 10, PNG[10:], complete="?1")
    assert made_by(response)["attributes"]["filename"] == "Bühne.png"


def test_other_fields_stand_where_tus_has_them(client: FlaskClient) -> None:
    path = begun(client, Upload_Metadata=metadata(alt="The stage", filename="stage.png"))
    attributes = made_by(append(client, path, 0, PNG, complete="?1"))["attributes"]
    assert (attributes["alt"], attributes["filename"]) == ("The stage", "stage.png")


def test_a_request_of_neither_protocol_is_refused(client: FlaskClient) -> None:
    for complete in ("", "1", "?2"):
        response = begin(client, PNG, complete=complete)
        assert only_error(response)["code"] == "unsupported-tus-version"


@pytest.mark.parametrize(
    "media_type", ["application/vnd.api+json", "multipart/form-data;boundary=b"]
)
def test_only_files_come_in_pieces(client: FlaskClient, media_type: str) -> None:
    response = begin(client, PNG, target=UPLOADS, Content_Type=media_type)
    assert (response.status_code, only_error(response)["code"]) == (400, "invalid-request")


def test_a_coded_file_is_refused(client: FlaskClient) -> None:
    response = begin(client, PNG[:10], Content_Encoding="gzip")
    assert (response.status_code, only_error(response)["code"]) == (
        415,
        "unsupported-content-encoding",
    )


def test_tus_is_spoken_as_before(client: FlaskClient) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(PNG)), "Upload-Complete": "?0"}
    response = client.post(COLLECTION, headers=headers)
    assert response.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Limit" not in response.headers
    path = path_of(response.headers["Location"])
    assert "Upload-Expires" in client.head(path, headers={"Tus-Resumable": "1.0.0"}).headers


# --- Length -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "complete", "declared", "length"),
    [
        (PNG[:10], "?0", "100", "100"),
        (PNG[:10], "?0", None, None),
        (PNG[:10], "?0", "-5", None),
        (PNG[:10], "?0", "1.0", None),
        (PNG[:10], "?0", "10", "10"),
    ],
)
def test_the_length_is_recorded(
    client: FlaskClient, content: bytes, complete: str, declared: str | None, length: str | None
) -> None:
    fields = {} if declared is None else {"Upload_Length": declared}
    path = begun(client, content, complete=complete, **fields)
    assert state(client, path).get("Upload-Length") == length


def test_the_length_may_be_told_with_any_part(client: FlaskClient) -> None:
    path = begun(client, PNG[:10])
    append(client, path, 10, b"", complete="?0", Upload_Length="10")
    assert state(client, path)["Upload-Length"] == "10"


@TARGETS
@pytest.mark.parametrize(("complete", "declared"), [("?1", 1), ("?1", -1), ("?0", -1)])
def test_two_lengths_in_one_request_are_refused(
    client: FlaskClient, target: str, complete: str, declared: int
) -> None:
    length = str(len(PNG) + declared)
    response = begin(
        client,
        PNG,
        complete=complete,
        target=target,
        Upload_Length=length,
        Content_Type="image/png",
    )
    assert (response.status_code, only_error(response)["code"]) == (400, "inconsistent-length")
    assert only_error(response)["links"]["type"] == f"{PROBLEM}inconsistent-upload-length"


@pytest.mark.parametrize(
    ("complete", "content", "fields"),
    [
        ("?0", b"", {"Upload_Length": "99"}),
        ("?1", PNG[10:-1], {}),
        ("?1", PNG[10:] + b"x", {}),
        ("?0", PNG[10:] + b"x", {"Upload_Length": str(len(PNG))}),
    ],
)
def test_another_length_than_before_is_refused(
    client: FlaskClient, complete: str, content: bytes, fields: dict[str, str]
) -> None:
    path = begun(client, PNG[:10], Upload_Length=str(len(PNG)))
    response = append(client, path, 10, content, complete=complete, **fields)
    assert (response.status_code, only_error(response)["code"]) == (400, "inconsistent-length")
    assert response.headers["Upload-Complete"] == "?0"
    assert append(client, path, 10, PNG[10:], complete="?1").status_code == 201


def test_a_part_beyond_the_length_ends_the_upload(client: FlaskClient) -> None:
    path = begun(client, PNG[:10], Upload_Length=str(len(PNG)))
    response = append(client, path, 10, PNG[10:] + b"x", complete="?0")
    assert (response.status_code, only_error(response)["code"]) == (400, "inconsistent-length")
    assert client.head(path).status_code == 404


def test_an_upload_with_all_bytes_is_complete_only_if_its_client_says_so(
    client: FlaskClient,
) -> None:
    path = begun(client, PNG[:10], Upload_Length=str(len(PNG)))
    assert append(client, path, 10, PNG[10:], complete="?0").status_code == 204
    found = state(client, path)
    assert found["Upload-Offset"] == found["Upload-Length"] == str(len(PNG))
    assert found["Upload-Complete"] == "?0"
    assert made_by(client.get(UPLOADS)) == []
    assert append(client, path, len(PNG), b"", complete="?1").status_code == 201


# --- Limits -----------------------------------------------------------------------------------


@TARGETS
def test_options_tell_that_parts_are_taken_and_the_limits(client: FlaskClient, target: str) -> None:
    response = client.options(target)
    assert response.headers["Accept-Patch"] == PART
    assert limits(response) == {"max-size": 25 * 1024**2, "max-age": 24 * 3600}


@TARGETS
@pytest.mark.parametrize("complete", ["?0", "?1"])
def test_a_file_that_is_too_large_is_413_with_the_limits(
    client: FlaskClient, target: str, complete: str
) -> None:
    length = 25 * 1024**2 + 70_000
    environ = {"CONTENT_LENGTH": str(length)} if complete == "?1" else {}
    response = client.post(
        target,
        content_type="image/png",
        headers={"Upload-Complete": complete, "Upload-Length": str(length)},
        environ_overrides=environ,
    )
    assert (response.status_code, only_error(response)["code"]) == (413, "request-too-large")
    assert limits(response)["max-size"] == 25 * 1024**2


# --- Offset Retrieval -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_the_state_of_an_unfinished_upload(client: FlaskClient, method: str) -> None:
    path = begun(client, PNG[:10], Upload_Length=str(len(PNG)))
    response = client.open(path, method=method)
    assert response.status_code == 204
    assert response.headers["Upload-Complete"] == "?0"
    assert response.headers["Upload-Offset"] == "10"
    assert response.headers["Upload-Length"] == str(len(PNG))
    assert response.headers["Cache-Control"] == "no-store"
    assert 0 < limits(response)["max-age"] <= 24 * 3600


def test_the_state_of_a_complete_upload(client: FlaskClient) -> None:
    path = begun(client, PNG[:10])
    made = append(client, path, 10, PNG[10:], complete="?1")
    found = state(client, path)
    assert found["Upload-Complete"] == "?1"
    assert found["Upload-Offset"] == found["Upload-Length"] == str(len(PNG))
    # "Responses to Uploads": for a client that lost the answer.
    assert found["Content-Location"] == made.headers["Location"]


# --- Upload Append ----------------------------------------------------------------------------


def test_parts_are_appended_until_the_last_one(client: FlaskClient) -> None:
    path = begun(client)
    for offset in (0, 20):
        response = append(client, path, offset, PNG[offset : offset + 20], complete="?0")
        assert response.status_code == 204
        assert response.headers["Upload-Complete"] == "?0"
        assert response.headers["Upload-Offset"] == str(offset + 20)
    response = append(client, path, 40, PNG[40:], complete="?1")
    assert (response.status_code, response.headers["Upload-Complete"]) == (201, "?1")
    upload = made_by(response)
    assert response.headers["Location"] == upload["links"]["self"]
    assert client.get(path_of(upload["attributes"]["url"])).data == PNG


def test_an_empty_part_may_complete_the_upload(client: FlaskClient) -> None:
    path = begun(client, PNG)
    response = append(client, path, len(PNG), b"", complete="?1")
    assert (response.status_code, response.headers["Upload-Complete"]) == (201, "?1")


def test_another_offset_is_409_with_the_right_one(client: FlaskClient) -> None:
    path = begun(client, PNG[:10])
    response = append(client, path, 9, PNG[9:], complete="?1")
    error = only_error(response)
    assert (response.status_code, error["code"]) == (409, "offset-mismatch")
    assert response.headers["Upload-Offset"] == "10"
    assert error["links"]["type"] == f"{PROBLEM}mismatching-upload-offset"
    assert error["meta"] == {"expected-offset": 10, "provided-offset": 9}
    assert response.headers["Upload-Complete"] == "?0"
    assert state(client, path)["Upload-Offset"] == "10"


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"Upload-Complete": "?0"}, "Upload-Offset"),
        ({"Upload-Complete": "?0", "Upload-Offset": "-10"}, "Upload-Offset"),
        ({"Upload-Complete": "?0", "Upload-Offset": "ten"}, "Upload-Offset"),
        ({"Upload-Offset": "10"}, "Upload-Complete"),
        ({"Upload-Complete": "true", "Upload-Offset": "10"}, "Upload-Complete"),
    ],
)
def test_a_field_with_another_value_is_as_if_it_were_absent(
    client: FlaskClient, fields: dict[str, str], header: str
) -> None:
    path = begun(client, PNG[:10])
    response = client.patch(path, data=PNG[10:], content_type=PART, headers=fields)
    assert (response.status_code, only_error(response)["code"]) == (400, "invalid-request")
    assert only_error(response)["source"] == {"header": header}
    assert state(client, path)["Upload-Offset"] == "10"


@pytest.mark.parametrize("media_type", ["", "image/png", "application/offset+octet-stream"])
def test_a_part_has_a_media_type_of_its_own(client: FlaskClient, media_type: str) -> None:
    path = begun(client, PNG[:10])
    headers = {"Upload-Complete": "?1", "Upload-Offset": "10"}
    response = client.patch(path, data=PNG[10:], content_type=media_type, headers=headers)
    assert response.status_code == 415
    assert response.headers["Accept-Patch"] == PART


def test_a_refusal_of_the_whole_file_says_that_it_is_complete(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    path = begun(client, b"no ima")
    response = append(client, path, 6, b"ge!", complete="?1")
    assert (response.status_code, only_error(response)["code"]) == (422, "unsupported-file-type")
    assert response.headers["Upload-Complete"] == "?1"
    assert client.head(path).status_code == 404
    assert not stored_files()


@pytest.mark.parametrize("complete", ["?0", "?1"])
def test_nothing_is_appended_to_a_complete_upload(client: FlaskClient, complete: str) -> None:
    path = begun(client)
    made = append(client, path, 0, PNG, complete="?1")
    more = append(client, path, len(PNG), b"more", complete=complete)
    assert (more.status_code, only_error(more)["code"]) == (400, "inconsistent-length")
    nothing = append(client, path, len(PNG), b"", complete=complete)
    assert (nothing.status_code, only_error(nothing)["code"]) == (410, "upload-completed")
    assert only_error(nothing)["links"]["type"] == f"{PROBLEM}completed-upload"
    assert nothing.headers["Location"] == made.headers["Location"]
    for response in (more, nothing):
        assert response.headers["Upload-Complete"] == "?0"
    assert client.get(path_of(made_by(made)["attributes"]["url"])).data == PNG


# A request: how many bytes it sends, how far its offset is wrong, and whether HEAD comes first.
STEPS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([0, 0, 0, 1, -1]), st.booleans()), max_size=12
)


@given(STEPS, st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_requests_make_the_file_or_change_nothing(
    client: FlaskClient,
    steps: list[tuple[int, int, bool]],
    tells_length: bool,  # noqa: FBT001 - hypothesis' own
) -> None:
    fields: dict[str, Any] = {"Upload_Length": str(len(PNG))} if tells_length else {}
    path = begun(client, **fields)
    received = 0
    for count, wrong, asks in steps:
        if asks:
            assert state(client, path)["Upload-Offset"] == str(received)
        part = PNG[received : received + count]
        offset = max(received + wrong, 0)
        response = append(client, path, offset, part, complete="?0")
        assert response.headers["Upload-Complete"] == "?0"
        if offset == received:
            received += len(part)
            assert response.status_code == 204
        assert response.headers.get("Upload-Offset", str(received)) == str(received)
    response = append(client, path, received, PNG[received:], complete="?1")
    assert response.status_code == 201, response.text
    assert client.get(path_of(made_by(response)["attributes"]["url"])).data == PNG


# --- Upload Cancellation ----------------------------------------------------------------------


def test_a_cancelled_upload_is_gone(client: FlaskClient, stored_files: StoredFiles) -> None:
    path = begun(client, PNG[:10])
    assert client.delete(path).status_code == 204
    assert client.head(path).status_code == 404
    assert append(client, path, 10, PNG[10:], complete="?1").status_code == 404
    assert not stored_files()


# --- Security Considerations ------------------------------------------------------------------


def test_an_upload_of_somebody_else_cannot_be_found(client: FlaskClient) -> None:
    path = begun(client, PNG[:10])
    other = client.application.test_client()
    other.sign_in(bearer(client.application, account(client.application)))  # type: ignore[attr-defined]  # ours
    assert other.head(path).status_code == 404
    assert append(other, path, 10, PNG[10:], complete="?1").status_code == 404
    assert other.delete(path).status_code == 404
    assert state(client, path)["Upload-Offset"] == "10"


# --- Integrity Digests ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sha-256", "sha-512"])
def test_a_part_with_another_digest_is_not_appended(client: FlaskClient, name: str) -> None:
    path = begun(client, PNG[:10], Content_Digest=digest_of(PNG[:10], name))
    digest = digest_of(PNG[10:], name)
    response = append(client, path, 10, PNG[10:-1] + b"?", complete="?1", Content_Digest=digest)
    assert (response.status_code, only_error(response)["code"]) == (400, "digest-mismatch")
    assert response.headers["Upload-Complete"] == "?0"
    assert state(client, path)["Upload-Offset"] == "10"
    right = append(client, path, 10, PNG[10:], complete="?1", Content_Digest=digest)
    assert right.status_code == 201, right.text


def test_a_first_part_with_another_digest_begins_nothing(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    response = begin(client, PNG[:10], Content_Digest=digest_of(PNG))
    assert (response.status_code, only_error(response)["code"]) == (400, "digest-mismatch")
    assert not stored_files()


@pytest.mark.parametrize("name", ["sha-256", "sha-512"])
def test_a_file_with_another_digest_is_not_processed(
    client: FlaskClient, stored_files: StoredFiles, name: str
) -> None:
    path = begun(client, PNG[:10], Repr_Digest=digest_of(PNG + b"?", name))
    response = append(client, path, 10, PNG[10:], complete="?1")
    assert (response.status_code, only_error(response)["code"]) == (422, "representation-mismatch")
    assert response.headers["Upload-Complete"] == "?1"
    assert client.head(path).status_code == 404
    assert not stored_files()
    path = begun(client, PNG[:10], Repr_Digest=f"md5=:YQ==:, {digest_of(PNG, name)}")
    assert append(client, path, 10, PNG[10:], complete="?1").status_code == 201


# --- Without the setting ----------------------------------------------------------------------


def test_it_is_not_offered_by_default(make_app: AppFactory) -> None:
    client = make_app().test_client()
    for target in (COLLECTION, UPLOADS):
        assert "Accept-Patch" not in client.options(target).headers
    assert begin(client, PNG).status_code == 412
    assert begin(client, PNG, target=UPLOADS, Content_Type="image/png").status_code == 400
    assert made_by(client.get(UPLOADS)) == []
    whole = begin(client, PNG, complete="?1", target=UPLOADS, Content_Type="image/png")
    assert whole.status_code == 201
    assert "Upload-Complete" not in whole.headers


@pytest.mark.parametrize("is_on", [False, True])
def test_the_policy_in_force_names_it_where_it_is_offered(
    make_app: AppFactory,
    is_on: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    client = make_app(resumable_draft=is_on).test_client()
    offer = made_by(client.get("/v1/policies/current"))["attributes"]["resumable-uploads"]
    assert ("draft-ietf-httpbis-resumable-upload-11" in offer["protocols"]) is is_on


def test_its_requests_are_described(client: FlaskClient) -> None:
    description = json.loads(client.get("/v1/openapi.json").data)
    assert [str(each) for each in OpenAPIV31SpecValidator(description).iter_errors()] == []
    one = description["paths"][f"{COLLECTION}/{{id}}"]
    assert PART in one["patch"]["requestBody"]["content"]
    assert "get" in one
    version, *_ = (each for each in one["delete"]["parameters"] if each["name"] == "Tus-Resumable")
    assert not version["required"]
    assert "Upload-Complete" in one["head"]["responses"]["204"]["headers"]
