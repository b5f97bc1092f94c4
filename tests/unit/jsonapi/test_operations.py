"""The shape of an Atomic Operations document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import InvalidDocument, ManyErrors, NotFound
from open_event_uploads.jsonapi.operation_target import Target, target_of
from open_event_uploads.jsonapi.operations import (
    MAX_OPERATIONS,
    read_each,
    read_operations,
    verb_of,
)

BASE = "https://files.example"
NOT_TEXT: tuple[object, ...] = (0, False, [], {})
ID = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(ID),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "id", "lid", "relationship", "op", "ref", "href", "data"]),
            inner,
        )
    ),
    max_leaves=8,
)
hrefs = st.sampled_from(
    ["/v1/uploads", f"/v1/uploads/{ID}", f"/v1/uploads/{ID}/relationships/owner", "//x", ""]
)
likely = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "update", "remove"]) | anything},
    optional={"ref": anything, "href": hrefs | anything, "data": anything},
)
documents = st.fixed_dictionaries(
    {}, optional={"atomic:operations": st.lists(likely | anything), "data": anything}
)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        (None, ""),
        ({}, ""),
        ({"atomic:operations": {}}, "/atomic:operations"),
        ({"atomic:operations": []}, "/atomic:operations"),
        ({"atomic:operations": [{}], "data": []}, ""),
        ({"atomic:operations": [{}], "errors": []}, ""),
        ({"atomic:operations": [{}] * (MAX_OPERATIONS + 1)}, "/atomic:operations"),
    ],
)
def test_what_is_no_such_document_is_refused(document: object, pointer: str) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        read_operations(document)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    ("operation", "target"),
    [
        ({"ref": {"type": "uploads", "id": ID}}, Target("uploads", ID, None, "/ref")),
        ({"ref": {"type": "uploads", "lid": "a"}}, Target("uploads", None, "a", "/ref")),
        ({"data": {"type": "uploads"}}, Target("uploads", None, None, "/data")),
        ({"data": {"type": "uploads", "id": None}}, Target("uploads", None, None, "/data")),
        ({"href": f"/v1/uploads/{ID}"}, Target("uploads", ID, None, "/href")),
        ({"href": f"{BASE}/v1/uploads/{ID}"}, Target("uploads", ID, None, "/href")),
        ({"href": "/v1/uploads"}, Target("uploads", None, None, "/href")),
        (
            {"ref": {"type": "uploads", "id": ID, "relationship": "owner"}},
            Target("uploads", ID, None, "/ref", "owner"),
        ),
        (
            {"href": f"/v1/uploads/{ID}/relationships/owner"},
            Target("uploads", ID, None, "/href", "owner"),
        ),
        ({"href": "uploads"}, Target("uploads", None, None, "/href")),
        ({"href": f"uploads/{ID}"}, Target("uploads", ID, None, "/href")),
        ({"href": f"./uploads/{ID}"}, Target("uploads", ID, None, "/href")),
        ({"href": f"../v1/uploads/{ID}"}, Target("uploads", ID, None, "/href")),
        ({"href": f"HTTPS://Files.example/v1/uploads/{ID}"}, Target("uploads", ID, None, "/href")),
    ],
)
def test_a_target_is_named_in_one_of_three_ways(
    operation: dict[str, object], target: Target
) -> None:
    assert target_of(operation, BASE) == target


@pytest.mark.parametrize(
    ("operation", "error", "pointer"),
    [
        ({}, InvalidDocument, ""),
        ({"ref": {"type": "uploads"}, "href": "/v1/uploads"}, InvalidDocument, ""),
        ({"ref": None}, InvalidDocument, "/ref"),
        ({"ref": {"id": ID}}, InvalidDocument, "/ref"),
        ({"ref": {"type": "uploads", "id": 1}}, InvalidDocument, "/ref/id"),
        ({"ref": {"type": "uploads", "id": ID, "lid": ["a"]}}, InvalidDocument, "/ref/lid"),
        ({"href": 1}, InvalidDocument, "/href"),
        ({"href": "//uploads"}, NotFound, "/href"),
        ({"href": f"v1/uploads/{ID}"}, NotFound, "/href"),
        ({"href": f"https://other.example/v1/uploads/{ID}"}, NotFound, "/href"),
        ({"href": f"/v1/uploads/{ID}?include=owner"}, NotFound, "/href"),
        ({"href": f"{BASE}uploads/{ID}"}, NotFound, "/href"),
        ({"href": "http://["}, NotFound, "/href"),
        ({"href": f"//other.example/v1/uploads/{ID}"}, NotFound, "/href"),
        *(({"ref": {"type": each}}, InvalidDocument, "/ref/type") for each in NOT_TEXT),
        *(
            ({"ref": {"type": "uploads", "id": each}}, InvalidDocument, "/ref/id")
            for each in NOT_TEXT
        ),
        ({"data": {"type": "uploads", "lid": []}}, InvalidDocument, "/data/lid"),
    ],
)
def test_a_target_that_cannot_be_is_refused_where_it_stands(
    operation: dict[str, object], error: type[InvalidDocument], pointer: str
) -> None:
    with pytest.raises(error) as refusal:
        target_of(operation, BASE)
    assert refusal.value.pointer == pointer


def test_an_address_lies_below_the_base() -> None:
    base = f"{BASE}/images"
    for href in (f"/images/v1/uploads/{ID}", f"{base}/v1/uploads/{ID}", f"uploads/{ID}"):
        assert target_of({"href": href}, base).id == ID
    for href in (f"/v1/uploads/{ID}", f"/imagesv1/uploads/{ID}"):
        with pytest.raises(NotFound):
            target_of({"href": href}, base)


@given(documents | anything)
def test_whatever_comes_is_read_or_refused_where_it_is_at_fault(document: object) -> None:
    def read(operation: dict[str, object]) -> Target:
        verb_of(operation)
        return target_of(operation, BASE)

    pointers: list[str | None]
    try:
        read_each(read_operations(document), read)
    except InvalidDocument as refusal:
        pointers = [refusal.pointer]
    except ManyErrors as refusal:
        pointers = [error.pointer for error in refusal.errors]
    else:
        pointers = []
    assert all(leads_somewhere(document, pointer) for pointer in pointers)


def leads_somewhere(node: object, pointer: str | None) -> bool:
    for step in (pointer or "").split("/")[1:]:
        if isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            return False
    return pointer is not None
