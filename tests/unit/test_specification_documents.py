"""Judge a document for each case of the specification's own schemas (json-api/json-api, CC0 1.0).

The names are those of its files below `_schemas/`, without `tests/`; the documents are our own and
mean the same. Where 1.1 judges a case of 1.0 in another way, a comment says so beside it.
Requests are in `tests/specification_requests.py`.
"""

from typing import Any

import pytest

from tests.exchanges import ATOMIC, JSON_API, Case, error, link, relationship, resource
from tests.jsonapi_document import check_request
from tests.specification_requests import REQUESTS, Request

VALID_1_0 = "1.0/response/valid"
INVALID_1_0 = "1.0/response/invalid"
VALID_1_1 = "1.1/response/valid"
INVALID_1_1 = "1.1/response/invalid"

TALKS = "/talks"
SPEAKER = "/talks/1/relationships/speaker"
SLIDES = "/talks/1/relationships/slides"
ADA = {"type": "people", "id": "a"}
TALK: dict[str, Any] = {
    "type": "talks",
    "id": "1",
    "attributes": {"name": "Notes on the engine"},
    "relationships": {
        "speaker": {
            "links": {"self": SPEAKER, "related": "/talks/1/speaker"},
            "data": ADA,
            "meta": {"since": 1843},
        }
    },
    "links": {"self": "/talks/1"},
    "meta": {"seats": 40},
}
ADA_HERSELF = {**ADA, "attributes": {"name": "Ada"}}
EVERYTHING: dict[str, Any] = {
    "data": [TALK, {**TALK, "id": "2", "links": {"self": "/talks/2"}}],
    "included": [ADA_HERSELF],
    "meta": {"rooms": 2},
    "links": {
        "self": TALKS,
        "first": "/talks?page%5Bnumber%5D=1",
        "last": {"href": "/talks?page%5Bnumber%5D=1"},
        "prev": None,
        "next": None,
    },
    "jsonapi": {"version": "1.1", "meta": {"server": "ours"}},
}
PROFILE = "https://example.org/profiles/talks"


def accepted(name: str, document: object, **exchange: Any) -> Case:  # noqa: ANN401 - of `Case`
    return Case(name, document, **exchange)


VALID = [
    # 1.0 allows an error without members, 1.1 does not: see `error_object_must_not_be_empty`.
    accepted(f"{VALID_1_0}/with_failure/only_errors/no_error", error(title="No room"), status=404),
    accepted(
        f"{VALID_1_0}/with_failure/only_errors/one_error",
        error(
            id="e1",
            links={"about": "/problems/e1"},
            status="422",
            code="no-room",
            title="No room",
            detail="Room 7 is taken.",
            source={"pointer": "/data/attributes/room"},
            meta={"rooms": 0},
        ),
        status=422,
    ),
    accepted(f"{VALID_1_0}/with_success/complete", EVERYTHING, url=TALKS),
    accepted(
        f"{VALID_1_0}/with_success/data_and_included/single_resource",
        {"data": TALK, "included": [ADA_HERSELF]},
        url="/talks/1",
    ),
    accepted(
        f"{VALID_1_0}/with_success/data_and_meta", {"data": TALK, "meta": {"n": 1}}, url="/talks/1"
    ),
    accepted(f"{VALID_1_0}/with_success/data_is_null", {"data": None}, url="/talks/1/speaker"),
    accepted(
        f"{VALID_1_0}/with_success/linkage/empty_to_many",
        resource(relationships={"slides": {"data": []}}),
    ),
    accepted(f"{VALID_1_0}/with_success/linkage/empty_to_one", relationship(data=None)),
    accepted(
        f"{VALID_1_0}/with_success/linkage/to_many",
        relationship(data=[ADA, {"type": "people", "id": "b"}]),
    ),
    accepted(f"{VALID_1_0}/with_success/linkage/to_one", relationship(data=ADA)),
    accepted(
        f"{VALID_1_0}/with_success/only_data/empty_resource_collection", {"data": []}, url=TALKS
    ),
    accepted(
        f"{VALID_1_0}/with_success/only_data/no_resource_null",
        {"data": None},
        url="/talks/1/speaker",
    ),
    accepted(
        f"{VALID_1_0}/with_success/only_data/resource_collection",
        {"data": [TALK, {"type": "talks", "id": "2"}]},
        url=TALKS,
    ),
    accepted(
        f"{VALID_1_0}/with_success/only_data/resource_identifier_collection",
        {"data": [{"type": "slides", "id": "1"}, {"type": "slides", "id": "2", "meta": {}}]},
        url=SLIDES,
    ),
    accepted(f"{VALID_1_0}/with_success/only_data/single_resource", {"data": TALK}, url="/talks/1"),
    accepted(
        f"{VALID_1_0}/with_success/only_data/single_resource_identifier",
        {"data": {**ADA, "meta": {"first": True}}},
        url=SPEAKER,
    ),
    accepted(
        f"{VALID_1_0}/with_success/only_data/single_resource_with_empty_attributes",
        resource(attributes={}),
    ),
    accepted(f"{VALID_1_0}/with_success/only_meta", {"meta": {}}),
    accepted(
        f"{VALID_1_0}/with_success/only_meta/meta_with_members",
        {"meta": {"talks": 3, "room": {"seats": [40, None]}}},
    ),
    accepted(
        f"{VALID_1_1}/with_failure/errors_and_meta",
        {**error(code="no-room"), "meta": {"rooms": 0}},
        status=409,
    ),
    accepted(
        f"{VALID_1_1}/with_failure/only_errors/one_error",
        {
            "errors": [
                {"links": {"about": "/problems/e1", "type": {"href": "/problems"}}},
                {"status": "400", "source": {"header": "Accept-Language"}},
            ]
        },
        status=400,
    ),
    accepted(
        f"{VALID_1_1}/with_success/complete",
        {
            **EVERYTHING,
            "links": {
                **EVERYTHING["links"],
                "self": {"href": TALKS, "type": f'{JSON_API};profile="{PROFILE}"'},
                "last": {
                    "href": TALKS,
                    "rel": "last",
                    "title": "The last page",
                    "type": JSON_API,
                    "hreflang": "en",
                    "describedby": "/schemas/talks",
                },
                "describedby": "/schemas/talks",
            },
            "jsonapi": {"version": "1.1", "meta": {}, "profile": [PROFILE]},
        },
        url=TALKS,
        content_type=f'{JSON_API};profile="{PROFILE}"',
    ),
]

# `invalid_error_objects` has these faults together; here each is in an answer of its own.
BROKEN_ERROR_OBJECTS = {
    "a string": ("wrong", ""),
    "id": ({"id": 1}, "/id"),
    "status": ({"status": 400}, "/status"),
    "code": ({"code": 4}, "/code"),
    "title": ({"title": {}}, "/title"),
    "detail": ({"detail": {}}, "/detail"),
    "pointer": ({"source": {"pointer": {}}}, "/source/pointer"),
    "pattern": ({"source": {"pointer": "no pointer"}}, "/source/pointer"),
    "parameter": ({"source": {"parameter": {}}}, "/source/parameter"),
    "member": ({"code": "x", "wrong": "x"}, "/wrong"),
    "links": ({"links": {"wrong": "/x"}}, "/links/wrong"),
    "source": ({"source": "x"}, "/source"),
    "meta": ({"meta": "x"}, "/meta"),
}

# Each member of a link object, in a link of its own.
BROKEN_LINK_MEMBERS: dict[str, tuple[Any, str]] = {
    "rel": (["last"], "/rel"),
    "title": ({}, "/title"),
    "type": (0, "/type"),
    "hreflang": ([7], "/hreflang/0"),
    "describedby": ({"wrong": 1}, "/describedby/wrong"),
}

AUTHOR = "/data/relationships/author"

# Name, document, place of the fault, and what else the exchange has.
Row = tuple[str, object, str, dict[str, Any]]

ROWS_1_0: list[Row] = [
    (
        "attributes/attributes_member_not_valid",
        resource(attributes={"bad+": 1}),
        "/data/attributes/bad+",
        {},
    ),
    (
        "attributes/attributes_must_not_have_id_member",
        resource(attributes={"id": "1"}),
        "/data/attributes/id",
        {},
    ),
    (
        "attributes/attributes_must_not_have_type_member",
        resource(attributes={"type": "x"}),
        "/data/attributes/type",
        {},
    ),
    ("data/data_can_not_be_a_string", {"data": "x"}, "/data", {}),
    ("data/data_can_not_be_array_of_string", {"data": ["x"]}, "/data/0", {"url": TALKS}),
    ("errors/error_must_be_an_object", {"errors": ["x"]}, "/errors/0", {"status": 400}),
    ("errors/errors_must_be_an_array", {"errors": {"code": "x"}}, "/errors", {"status": 400}),
    (
        "included/included_member_must_be_collection",
        {"data": TALK, "included": ADA_HERSELF},
        "/included",
        {"url": "/talks/1"},
    ),
    (
        "included/included_resource_not_valid",
        {"data": TALK, "included": [{**ADA_HERSELF, "id": 9}]},
        "/included/0/id",
        {"url": "/talks/1"},
    ),
    (
        "included/resource_included_twice",
        {"data": TALK, "included": [ADA_HERSELF, ADA_HERSELF]},
        "/included/1",
        {"url": "/talks/1"},
    ),
    # Two faults: the document is refused at the first.
    ("invalid_multi", {**resource(id=1), "jsonapi": {"wrong": 1}}, "/jsonapi/wrong", {}),
    (
        "jsonapi/jsonapi_with_not_allowed_members",
        {"meta": {}, "jsonapi": {"wrong": 1}},
        "/jsonapi/wrong",
        {},
    ),
    (
        "jsonapi/meta_is_not_valid",
        {"meta": {}, "jsonapi": {"meta": {"bad+": 1}}},
        "/jsonapi/meta/bad+",
        {},
    ),
    ("jsonapi/not_an_object", {"meta": {}, "jsonapi": ["1.1"]}, "/jsonapi", {}),
    (
        "jsonapi/version_is_not_a_string",
        {"meta": {}, "jsonapi": {"version": 1.1}},
        "/jsonapi/version",
        {},
    ),
    ("links/link_href_must_be_a_string", link({"href": 1}), "/links/describedby/href", {}),
    ("links/link_must_be_string_or_object", link([]), "/links/describedby", {}),
    # In 1.1 a link is a URI-reference: a single word is one, a text with spaces is not.
    ("links/link_must_be_valid_uri", link("not a uri"), "/links/describedby", {}),
    ("links/link_object_must_have_href_member", link({"title": "x"}), "/links/describedby", {}),
    ("links/links_must_be_an_object", {"meta": {}, "links": ["/x"]}, "/links", {}),
    ("meta/meta_must_be_an_object", {"meta": "x"}, "/meta", {}),
    ("meta/meta_must_have_valid_members", {"meta": {"bad+": 1}}, "/meta/bad+", {}),
    (
        "relationships/link_name_not_allowed",
        relationship(data=ADA, links={"self": "/x", "wrong": "/y"}),
        f"{AUTHOR}/links/wrong",
        {},
    ),
    ("relationships/linkage_must_be_object", relationship(data="a"), f"{AUTHOR}/data", {}),
    ("relationships/links_not_valid", relationship(links=7), f"{AUTHOR}/links", {}),
    ("relationships/meta_not_valid", relationship(meta={"bad+": 1}), f"{AUTHOR}/meta/bad+", {}),
    ("relationships/relationship_must_not_be_empty", relationship(), AUTHOR, {}),
    (
        "relationships/relationship_must_not_be_named_id",
        resource(relationships={"id": {"data": ADA}}),
        "/data/relationships/id",
        {},
    ),
    (
        "relationships/relationship_must_not_be_named_type",
        resource(relationships={"type": {"data": ADA}}),
        "/data/relationships/type",
        {},
    ),
    (
        "relationships/relationship_must_not_have_additional_properties",
        relationship(data=ADA, wrong=1),
        f"{AUTHOR}/wrong",
        {},
    ),
    (
        "relationships/relationship_name_is_not_valid",
        resource(relationships={"bad+": {"data": ADA}}),
        "/data/relationships/bad+",
        {},
    ),
    (
        "relationships/relationships_is_not_an_object",
        resource(relationships=["author"]),
        "/data/relationships",
        {},
    ),
    (
        "relationships/to_many_linkage_not_valid",
        relationship(data=[{**ADA, "wrong": 1}]),
        f"{AUTHOR}/data/0/wrong",
        {},
    ),
    (
        "relationships/to_many_linkage_twice",
        relationship(data=[ADA, ADA]),
        f"{AUTHOR}/data/1",
        {},
    ),
    (
        "relationships/to_one_linkage_not_valid",
        relationship(data={**ADA, "wrong": 1}),
        f"{AUTHOR}/data/wrong",
        {},
    ),
    ("resource/id_must_be_string", resource(id=1), "/data/id", {}),
    (
        "resource/relationship_named_id",
        resource(relationships={"id": {"meta": {}}}),
        "/data/relationships/id",
        {},
    ),
    (
        "resource/relationship_named_type",
        resource(relationships={"type": {"meta": {}}}),
        "/data/relationships/type",
        {},
    ),
    (
        "resource/resource_must_have_id_member",
        {"data": {"type": "talks", "attributes": {}}},
        "/data",
        {},
    ),
    (
        "resource/resource_must_have_type_member",
        {"data": {"id": "1", "attributes": {}}},
        "/data",
        {},
    ),
    ("resource/type_must_be_string", resource(type=1), "/data/type", {}),
    ("resource/type_must_not_be_empty", resource(type=""), "/data/type", {}),
    ("resource/type_value_is_not_valid", resource(type="bad+"), "/data/type", {}),
    # 1.1 has readers ignore what is not defined, and writers still leave it out.
    ("resource/with_additional_properties", resource(wrong=1), "/data/wrong", {}),
    (
        "resource_collection/resource_included_twice",
        {"data": [TALK, TALK]},
        "/data/1",
        {"url": TALKS},
    ),
    (
        "resource_identifier/id_must_be_string",
        {"data": {**ADA, "id": 1}},
        "/data/id",
        {"url": SPEAKER},
    ),
    (
        "resource_identifier/resource_must_have_id_member",
        {"data": {"type": "people"}},
        "/data",
        {"url": SPEAKER},
    ),
    (
        "resource_identifier/resource_must_have_type_member",
        {"data": {"id": "a"}},
        "/data",
        {"url": SPEAKER},
    ),
    (
        "resource_identifier/type_must_be_string",
        {"data": {**ADA, "type": 1}},
        "/data/type",
        {"url": SPEAKER},
    ),
    (
        "resource_identifier/type_must_not_be_empty",
        {"data": {**ADA, "type": ""}},
        "/data/type",
        {"url": SPEAKER},
    ),
    (
        "resource_identifier/type_value_is_not_valid",
        {"data": {**ADA, "type": "bad+"}},
        "/data/type",
        {"url": SPEAKER},
    ),
    (
        "resource_identifier/with_additional_properties",
        {"data": {**ADA, "wrong": 1}},
        "/data/wrong",
        {"url": SPEAKER},
    ),
    (
        "top-level/data_and_errors_must_not_coexist",
        {"data": None, **error(code="x")},
        "",
        {"status": 400},
    ),
    ("top-level/included_must_not_be_alone", {"meta": {}, "included": []}, "/included", {}),
    ("top-level/invalid_root", {"wrong": 1}, "/wrong", {}),
    (
        "top-level/links_must_not_have_additional_properties",
        {"meta": {}, "links": {"wrong": "/x"}},
        "/links/wrong",
        {},
    ),
    ("top-level/no_mandatory_top_level_members", {"jsonapi": {"version": "1.1"}}, "", {}),
    ("top-level/with_additional_properties", {"meta": {}, "wrong": 1}, "/wrong", {}),
]

INVALID = [
    Case(f"{INVALID_1_0}/{name}", document, at, **exchange)
    for name, document, at, exchange in ROWS_1_0
]

INVALID += [
    Case(
        f"{INVALID_1_0}/errors/invalid_error_objects: {fault}",
        {"errors": [{"code": "x"}, broken]},
        f"/errors/1{at}",
        status=400,
    )
    for fault, (broken, at) in BROKEN_ERROR_OBJECTS.items()
]

ROWS_1_1: list[Row] = [
    ("errors/error_object_must_not_be_empty", error(), "/errors/0", {"status": 400}),
    (
        "errors/invalid_error_objects",
        error(source={"header": {}}),
        "/errors/0/source/header",
        {"status": 400},
    ),
    (
        "jsonapi/ext_member_must_be_array",
        {"meta": {}, "jsonapi": {"ext": "urn:a"}},
        "/jsonapi/ext",
        {},
    ),
    (
        "jsonapi/ext_member_must_be_array_of_links",
        {"meta": {}, "jsonapi": {"ext": [{}]}},
        "/jsonapi/ext/0",
        {"content_type": ATOMIC},
    ),
    (
        "jsonapi/profile_member_must_be_array",
        {"meta": {}, "jsonapi": {"profile": PROFILE}},
        "/jsonapi/profile",
        {"content_type": f'{JSON_API};profile="{PROFILE}"'},
    ),
    (
        "jsonapi/profile_member_must_be_array_of_links",
        {"meta": {}, "jsonapi": {"profile": [7]}},
        "/jsonapi/profile/0",
        {},
    ),
]

INVALID += [
    Case(f"{INVALID_1_1}/{name}", document, at, **exchange)
    for name, document, at, exchange in ROWS_1_1
]

INVALID += [
    Case(
        f"{INVALID_1_1}/links/link_members_must_be_string: {member}",
        link({"href": "/x", member: value}),
        f"/links/describedby{at}",
    )
    for member, (value, at) in BROKEN_LINK_MEMBERS.items()
]


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.sentence)
def test_a_valid_answer_is_accepted(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case.sentence)
def test_an_invalid_answer_is_refused_where_it_is_at_fault(case: Case) -> None:
    with pytest.raises(AssertionError) as refusal:
        case.check()
    assert str(refusal.value).startswith(f'at "{case.at}": ')


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.name)
def test_a_request_is_judged(request_: Request) -> None:
    arguments = request_.method, request_.address("1"), request_.body("1", "2")
    if request_.fault is None:
        check_request(*arguments)
        return
    with pytest.raises(AssertionError) as refusal:
        check_request(*arguments)
    assert str(refusal.value).startswith(f'at "{request_.fault}": ')
