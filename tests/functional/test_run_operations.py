"""`POST /v1/operations`: several changes or none."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.documents import COLLECTION, JSON_API, data_uri, only_error, path_of, upload
from tests.images import picture
from tests.stored import StoredFiles

ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


def run(client: FlaskClient, *operations: object, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
    body = json.dumps({"atomic:operations": operations})
    return client.post("/v1/operations", data=body, **{"content_type": ATOMIC, **options})


def add(content: bytes, lid: str | None = None, **attributes: object) -> dict[str, Any]:
    data = {"type": "uploads", "attributes": {"data": data_uri(content), **attributes}}
    return {"op": "add", "data": data | ({"lid": lid} if lid else {})}


def update(target: dict[str, str], **attributes: object) -> dict[str, Any]:
    ref = {"type": "uploads", **target}
    return {"op": "update", "ref": ref, "data": {**ref, "attributes": attributes}}


def remove(**target: str) -> dict[str, Any]:
    return {"op": "remove", "ref": {"type": "uploads", **target}}


def results(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.content_type == ATOMIC
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert body["jsonapi"]["ext"] == ["https://jsonapi.org/ext/atomic"]
    found: list[dict[str, Any]] = body["atomic:results"]
    return found


def errors(response: TestResponse) -> list[dict[str, Any]]:
    assert response.content_type in {ATOMIC, JSON_API}
    found: list[dict[str, Any]] = response.json["errors"]  # type: ignore[index]  # it has a body
    return found


def pointers(response: TestResponse) -> list[str]:
    return [error["source"]["pointer"] for error in errors(response)]


def alts(client: FlaskClient) -> list[str]:
    body = client.get(f"{COLLECTION}?sort=filename").json
    return [each["attributes"]["alt"] for each in body["data"]]  # type: ignore[index]  # it has a body


def test_each_operation_has_its_result_in_its_place(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    first, second = upload(client, picture()), upload(client, picture(colour="red"))
    found = results(
        run(
            client,
            remove(id=first["id"]),
            add(picture(colour="blue"), filename="new.png"),
            update({"id": second["id"]}, alt="changed"),
        )
    )
    assert found[0] == {}
    new = found[1]["data"]
    assert client.get(path_of(new["links"]["self"])).json["data"] == new  # type: ignore[index]  # it has a body
    assert client.get(path_of(new["attributes"]["url"])).data == picture(colour="blue")
    assert found[2]["data"]["attributes"]["alt"] == "changed"
    assert client.get(f"{COLLECTION}/{first['id']}").status_code == 404
    assert len(stored_files()) == 2


def test_removals_alone_have_nothing_to_say(client: FlaskClient) -> None:
    ids = [upload(client, picture())["id"] for _ in range(2)]
    response = run(client, *(remove(id=id_) for id_ in ids))
    assert (response.status_code, response.data) == (204, b"")
    assert alts(client) == []


def test_a_later_operation_names_an_earlier_ones_upload(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    found = results(
        run(
            client,
            add(picture(), lid="a", alt="one"),
            update({"lid": "a"}, alt="two", data=data_uri(picture(colour="red"))),
            add(picture(), lid="b"),
            remove(lid="b"),
        )
    )
    assert found[0]["data"]["attributes"]["alt"] == "one"
    assert found[1]["data"]["attributes"]["alt"] == "two"
    assert found[1]["data"]["id"] == found[0]["data"]["id"]
    assert found[3] == {}
    assert alts(client) == ["two"]
    assert len(stored_files()) == 1
    assert client.get(path_of(found[1]["data"]["attributes"]["url"])).status_code == 200


def test_targets_by_address_and_by_data(client: FlaskClient) -> None:
    one = upload(client, picture())
    data = {"type": "uploads", "id": one["id"], "attributes": {"alt": "x"}}
    run(client, {"op": "update", "data": data})
    assert alts(client) == ["x"]
    data["attributes"] = {"alt": "y"}
    run(client, {"op": "update", "href": one["links"]["self"], "data": data})
    assert alts(client) == ["y"]
    adding = add(picture()) | {"href": "/v1/uploads"}
    response = run(client, adding, {"op": "remove", "href": f"/v1/uploads/{one['id']}"})
    assert results(response)[1] == {}
    assert alts(client) == [""]


def test_the_same_bytes_again_are_no_change(client: FlaskClient, stored_files: StoredFiles) -> None:
    one = upload(client, picture(), alt="x")
    response = run(client, update({"id": one["id"]}, data=data_uri(picture()), alt="x"))
    assert (response.status_code, response.data) == (204, b"")
    found = results(run(client, update({"id": one["id"]}, alt="x"), add(picture())))
    assert found[0] == {}
    assert client.get(f"{COLLECTION}/{one['id']}").json["data"] == one  # type: ignore[index]  # it has a body
    assert len(stored_files()) == 2


def test_faults_of_several_kinds_are_a_bad_request(client: FlaskClient) -> None:
    response = run(client, add(b"no image"), remove(id=UNKNOWN), add(b"", data="no URI"))
    assert response.status_code == 422  # of what is refused before anything is stored
    response = run(client, {"op": "add", "data": {"type": "users"}}, add(b"", data="no URI"))
    assert [each["status"] for each in errors(response)] == ["403", "422"]
    assert response.status_code == 400


def test_linkage_to_what_is_not_there_is_refused(client: FlaskClient) -> None:
    operation = add(picture())
    operation["data"]["relationships"] = {"owner": {"data": {"type": "users", "id": UNKNOWN}}}
    response = run(client, operation)
    assert response.status_code == 404
    assert pointers(response) == ["/atomic:operations/0/data/relationships/owner/data"]


# --- None of them -----------------------------------------------------------------------------


def test_a_failure_undoes_what_came_before_it(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    one = upload(client, picture(), alt="as it was")
    before = stored_files()
    response = run(
        client,
        add(picture(colour="red")),
        update({"id": one["id"]}, alt="changed", data=data_uri(picture(colour="blue"))),
        remove(id=UNKNOWN),
        remove(id=one["id"]),
    )
    assert response.status_code == 404
    assert pointers(response) == ["/atomic:operations/2/ref"]
    assert alts(client) == ["as it was"]
    assert stored_files() == before


def test_a_refused_file_undoes_those_that_were_stored(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    response = run(client, add(picture()), add(picture()[:-30]))
    assert response.status_code == 422
    assert pointers(response) == ["/atomic:operations/1/data/attributes/data"]
    assert errors(response)[0]["code"] == "corrupt-image"
    assert alts(client) == []
    assert stored_files() == []


def test_the_faults_of_all_operations_are_named_at_once(client: FlaskClient) -> None:
    missing = {"op": "add", "data": {"type": "uploads", "attributes": {"alt": "x"}}}
    response = run(
        client, add(b"", data="nonsense"), missing, {"op": "add", "data": {"type": "uploads"}}
    )
    assert response.status_code == 422
    assert pointers(response) == [
        "/atomic:operations/0/data/attributes/data",
        "/atomic:operations/1/data/attributes",
        "/atomic:operations/2/data",
    ]


@pytest.mark.parametrize(
    ("operation", "status", "pointer"),
    [
        (7, 400, ""),
        ({}, 400, ""),
        ({"op": "replace"}, 400, "/op"),
        ({"op": "add"}, 400, ""),
        ({"op": "add", "data": []}, 400, "/data"),
        ({"op": "add", "data": {}}, 400, "/data"),
        ({"op": "add", "data": {"type": 1}}, 400, "/data/type"),
        ({"op": "add", "data": {"type": "things"}}, 404, "/data"),
        ({"op": "add", "data": {"type": "users"}}, 403, "/data"),
        ({"op": "add", "data": {"type": "uploads", "id": UNKNOWN}}, 403, "/data/id"),
        ({"op": "add", "ref": {}, "href": ""}, 400, ""),
        ({"op": "remove", "ref": {"type": "uploads"}}, 400, "/ref"),
        ({"op": "remove", "ref": {"type": "uploads", "lid": "a"}}, 404, "/ref/lid"),
        ({"op": "remove", "ref": {"type": "uploads", "id": 1}}, 400, "/ref/id"),
        ({"op": "remove", "ref": {"type": "uploads", "id": "\0"}}, 404, "/ref"),
        ({"op": "remove", "ref": {"type": "uploads", "id": UNKNOWN}}, 404, "/ref"),
        ({"op": "remove", "href": "/v1/uploads/x"}, 404, "/href"),
        ({"op": "remove", "href": f"/v1/uploads/{UNKNOWN}"}, 404, "/href"),
        ({"op": "remove", "href": f"/v1/variants/{UNKNOWN}-thumbnail"}, 403, "/href"),
        (
            {"op": "update", "data": {"type": "uploads", "id": UNKNOWN, "attributes": {}}},
            404,
            "/data",
        ),
        ({"op": "remove", "ref": {"type": "uploads", "id": UNKNOWN, "lid": "a"}}, 400, "/ref"),
        ({"op": "remove", "href": "http://example.org/v1/uploads"}, 404, "/href"),
        ({"op": "remove", "href": 1}, 400, "/href"),
        ({"op": "remove", "href": "/v1/uploads"}, 400, "/href"),
        (
            {"op": "update", "ref": {"type": "uploads", "lid": "a", "relationship": "owner"}},
            403,
            "/ref/relationship",
        ),
        (
            {"op": "update", "ref": {"type": "uploads", "id": UNKNOWN}, "data": {"type": "users"}},
            409,
            "/data/type",
        ),
        (
            {
                "op": "update",
                "ref": {"type": "uploads", "id": UNKNOWN},
                "data": {"type": "uploads", "id": "other"},
            },
            409,
            "/data/id",
        ),
    ],
)
def test_an_operation_that_is_none(
    client: FlaskClient, operation: object, status: int, pointer: str
) -> None:
    response = run(client, operation)
    assert response.status_code == status, response.text
    assert pointers(response) == [f"/atomic:operations/0{pointer}"]


def test_a_name_that_looks_like_an_id_is_none(client: FlaskClient) -> None:
    id_ = upload(client, picture(), alt="old")["id"]
    found = results(run(client, add(picture(), lid=id_, alt="new"), remove(id=id_)))
    assert found[1] == {}
    assert alts(client) == ["new"]


def test_a_name_is_given_once(client: FlaskClient) -> None:
    response = run(client, add(picture(), lid="a"), add(picture(), lid="a"))
    assert (response.status_code, pointers(response)) == (400, ["/atomic:operations/1/data/lid"])


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"atomic:operations": {}},
        {"atomic:operations": []},
        {"data": None, "atomic:operations": [{}]},
    ],
)
def test_a_document_without_operations(client: FlaskClient, body: object) -> None:
    response = client.post("/v1/operations", data=json.dumps(body), content_type=ATOMIC)
    assert response.status_code == 400


def test_too_many_operations(client: FlaskClient) -> None:
    response = run(client, *[remove(id=UNKNOWN)] * 51)
    assert errors(response)[0]["meta"] == {"limit": 50, "actual": 51}


def test_a_document_that_does_not_name_the_extension(client: FlaskClient) -> None:
    response = run(client, remove(id=UNKNOWN), content_type=JSON_API)
    assert response.status_code == 415
    assert only_error(response)["source"] == {"header": "Content-Type"}
    assert client.get("/v1/operations").status_code == 405
