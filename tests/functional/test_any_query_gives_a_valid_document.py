"""Whatever a client sends, it gets a JSON:API document that says what is wrong, never a crash.

The client of the tests validates each document.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.documents import COLLECTION, JSON_API, data_uri, upload
from tests.examples import examples
from tests.images import picture
from tests.jsonapi_document import check_request

NOBODY = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
DERIVED = (
    "/v1/uploads/{upload}/variants",
    "/v1/uploads/{upload}/owner",
    "/v1/uploads/{upload}/relationships/variants",
    "/v1/uploads/{upload}/relationships/owner",
    "/v1/variants/{variant}",
    "/v1/variants/{variant}/upload",
    "/v1/variants/{variant}/relationships/upload",
)
OF_ONE = ("/v1/uploads/{upload}", *DERIVED)
ADDRESSES = ("/v1", "/v1/uploads", *OF_ONE)
MAX_PARAMETERS = 100
CURSORS = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"

many_examples = settings(
    max_examples=examples(150),
    # The examples of one test share its application; what some of them add harms no other.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# --- Query strings --------------------------------------------------------------------------

words = st.text(max_size=8)
numbers = st.one_of(
    st.integers(-2, 120).map(str),
    st.sampled_from(
        ["1e3", "1.0", " 1", "+1", "0x1", "\uff11", "\u0663", "9" * 30, "-" + "9" * 30]
    ),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
filter_names = st.sampled_from(
    [
        *("size", "media-type", "media_type", "filename", "created-at", "checksum", "alt", "q"),
        *("id", "key", "url", "owner", "variants", "__class__", "metadata", "query", "", "größe"),
    ]
)
operators = st.sampled_from(
    [
        *("eq", "ne", "gt", "ge", "gte", "lt", "le", "in_", "notin_", "like", "ilike", "is_"),
        *("any", "has", "between", "startswith", "__class__", "op", "desc", "label", ""),
    ]
)
filter_terms = st.recursive(
    st.fixed_dictionaries(
        {"name": filter_names, "op": operators},
        optional={"val": json_values | numbers, "field": filter_names},
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=25,
)
json_filters = st.one_of(st.lists(filter_terms, max_size=4), json_values).map(json.dumps)

fields = st.sampled_from(
    [
        *("url", "alt", "filename", "size", "created-at", "variants", "owner", "upload", "width"),
        *("data", "id", "type", "nothing", "media_type", ""),
    ]
)
field_lists = st.lists(fields, max_size=4).map(",".join)
paths = st.lists(
    st.lists(
        st.sampled_from(["variants", "owner", "upload", "uploads", "nothing", ""]), max_size=5
    ).map(".".join),
    max_size=3,
).map(",".join)
orders = st.lists(
    st.sampled_from(
        ["created-at", "-created-at", "size", "-size", "filename", "id", "--size", "-"]
    ),
    max_size=3,
).map(",".join)


def lists_of(*names: str) -> st.SearchStrategy[str]:
    """Some of these with commas between them."""
    return st.lists(st.sampled_from(names), max_size=3, unique=True).map(",".join)


understood = st.one_of(
    st.tuples(st.just("fields[uploads]"), lists_of("url", "alt", "size", "variants", "owner")),
    st.tuples(st.just("fields[variants]"), lists_of("url", "width", "height", "upload")),
    st.tuples(st.just("include"), lists_of("variants", "owner", "upload", "variants.upload")),
    st.tuples(st.just("sort"), lists_of("-created-at", "size", "-filename").filter(bool)),
    st.tuples(st.sampled_from(["page[number]", "page[size]"]), st.integers(1, 9).map(str)),
    st.tuples(st.just("filter[media-type]"), st.sampled_from(["image/png", "image/png,image/gif"])),
    st.tuples(st.just("filter[size][gte]"), st.integers(0, 2000).map(str)),
    st.tuples(st.sampled_from(["camelCase", "a-b", "x1", "camelCase[a][b]"]), words),
)
odd_names = st.sampled_from(
    [
        *("include", "include[]", "Include", "fields", "fields[]", "fields[_]", "sort", "sort[a]"),
        *("page[number]", "page[size]", "page[after]", "page[before]", "page[limit]", "page[]"),
        *("page", "page[", "page]", "page[size", "page[size][size]", "fields[uploads][a]", "["),
        *("filter", "filter[a.b]", "filter[][]", "atomic:x", "x:y", "größe", "a b", "foo", ""),
    ]
)
anything = st.tuples(
    st.one_of(
        odd_names,
        st.sampled_from(["uploads", "variants", "users", "nothing"]).map("fields[{}]".format),
        filter_names.map("filter[{}]".format),
        st.builds("filter[{}][{}]".format, filter_names, operators),
        words,
    ),
    st.one_of(words, numbers, paths, orders, field_lists, json_filters, st.just("\0")),
)
spelled = st.sampled_from(
    [quote, quote_plus, lambda text: quote(text, safe="[]{}:,.\"'/"), "".join]
)
pieces = st.one_of(
    st.builds(
        lambda pair, spell: f"{spell(pair[0])}={spell(pair[1])}", understood | anything, spelled
    ),
    st.sampled_from(["", "&", "=", "==", "a", "%", "%z", "%00=1", "%FF=1", "sort=%ff", "sort=%C3"]),
)
query_strings = st.one_of(
    st.lists(understood, max_size=3, unique_by=lambda pair: pair[0]).map(
        lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    ),
    understood.map(lambda pair: f"{quote(pair[0])}={quote(pair[1])}"),
    st.lists(pieces, max_size=6).map("&".join),
    st.lists(pieces, min_size=1, max_size=1).map(lambda found: "&".join(found * 101)),
).map(
    # What no client can put there unencoded: controls, spaces and a fragment's beginning.
    lambda text: re.sub(r"[\x00-\x20\x7f#]", lambda found: quote(found[0]), text)
)


def names_a_parameter(response: TestResponse) -> bool:
    """Whether each error says which of the parameters that were sent it is about."""
    query = response.request.query_string.decode()
    sent = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    named = [each.get("source", {}).get("parameter") for each in response.json["errors"]]  # type: ignore[index]  # it has a body
    return all(
        isinstance(one, str) and any(each == one or each.startswith(f"{one}[") for each in sent)
        for one in named
    )


def could_name_a_parameter(query: str) -> bool:
    """Whether the fault need not be the whole query string's."""
    try:
        parse_qsl(query, errors="strict", keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        return False
    return True


@pytest.fixture
def known(client: FlaskClient) -> dict[str, str]:
    """Ids of what is there, for the addresses."""
    uploads = [upload(client, picture(size=(n, n)), filename=f"{n}.png") for n in (2, 1, 3)]
    upload(client, picture("GIF"), alt="The main stage")
    id_ = uploads[0]["id"]
    variants = client.get(f"{COLLECTION}/{id_}/variants")
    found = variants.json["data"] if variants.status_code == 200 else []  # type: ignore[index]  # it has a body
    return {"upload": id_, "variant": found[0]["id"] if found else NOBODY}


@pytest.mark.parametrize("address", ADDRESSES)
@given(query=query_strings, accept=st.sampled_from(["*/*", f'{JSON_API};profile="{CURSORS}"']))
@many_examples
def test_any_query_is_answered_with_a_valid_document(
    client: FlaskClient, known: dict[str, str], address: str, query: str, accept: str
) -> None:
    response = client.get(address.format(**known), query_string=query, headers={"Accept": accept})
    assert response.status_code in {200, 400, 404}
    if response.status_code == 400 and could_name_a_parameter(query):
        assert names_a_parameter(response), response.text


@pytest.mark.parametrize("address", OF_ONE)
@given(query=query_strings)
@many_examples
def test_no_query_finds_what_is_not_there(client: FlaskClient, address: str, query: str) -> None:
    response = client.get(address.format(upload=NOBODY, variant=NOBODY), query_string=query)
    assert response.status_code in {400, 404}


# --- Bodies ---------------------------------------------------------------------------------

texts = st.one_of(words, st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lo", "So"])))
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
pictures = st.sampled_from(
    [picture(), picture("GIF"), picture("JPEG"), picture()[:60], b"", b"%PDF"]
)
images = st.one_of(
    st.builds(data_uri, pictures, st.sampled_from(["image/png", "image/gif", "text/html", ""])),
    st.sampled_from(
        ["data:", "data:image/png;base64,", "data:,a", "data:;base64,%%", "x:;base64,"]
    ),
    texts,
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "data": images | values,
        "filename": st.sampled_from(["a.png", "", "../../x", "a" * 300, "\0"]) | values,
        "alt": texts | values | st.just("a" * 2001),
        "visibility": st.sampled_from(["public", "private", None, "PUBLIC"]) | values,
        "expires-at": st.datetimes().map(lambda time: f"{time.isoformat()}Z") | values,
        "size": values,
        "created-at": values,
        "type": values,
        "a/b~c": values,
        "": values,
    },
)
sound_attributes = st.fixed_dictionaries(
    {"data": st.sampled_from([data_uri(picture("GIF")), data_uri(picture()), None])},
    optional={
        "filename": st.none() | words,
        "alt": st.none() | words,
        "visibility": st.sampled_from(["public", None]),
        "expires-at": st.none(),
        "size": values,
    },
)
identifiers = st.fixed_dictionaries(
    {}, optional={"type": st.just("variants") | values, "id": st.just(NOBODY) | values}
)
relationships = st.dictionaries(
    st.sampled_from(["variants", "owner", "nothing"]),
    st.fixed_dictionaries({}, optional={"data": identifiers | st.lists(identifiers) | values})
    | values,
)


def documents(id_: str | None) -> st.SearchStrategy[Any]:
    """Documents about an upload, most of them with something wrong."""
    rest = {
        "attributes": attributes | values,
        "relationships": relationships | values,
        "lid": texts | values,
        "links": values,
        "meta": values,
        "nothing": values,
    }
    ids = {"id": st.sampled_from([id_, None, NOBODY]) | values}
    likely = st.fixed_dictionaries(
        {"type": st.just("uploads"), "attributes": sound_attributes | attributes}
        | ({"id": st.just(id_)} if id_ else {}),
        optional={"meta": values, "relationships": relationships},
    )
    unlikely = st.fixed_dictionaries(
        {}, optional={"type": st.sampled_from(["uploads", "variants"]) | values} | ids | rest
    )
    others = dict.fromkeys(("meta", "links", "jsonapi", "included", "errors", "x"), values)
    return st.one_of(
        st.fixed_dictionaries({"data": likely}, optional=others),
        st.fixed_dictionaries({"data": unlikely | st.lists(unlikely) | values}, optional=others),
        values,
    )


def bodies(id_: str | None = None) -> st.SearchStrategy[bytes]:
    """Texts of such documents, some of them cut short or no JSON at all."""
    whole = documents(id_).map(lambda document: json.dumps(document).encode())
    cut = st.builds(lambda body, end: body[:end], whole, st.integers(0, 200))
    twice = whole.map(lambda body: body.replace(b'"meta": ', b'"meta": 1, "meta": '))
    return st.one_of(whole, whole, whole, cut, twice, st.binary(max_size=40))


def check_refusal(response: TestResponse, body: bytes) -> None:
    """Check that a document is not refused as invalid where the specification allows it."""
    errors = response.json["errors"] if response.status_code == 400 else []  # type: ignore[index]  # it has a body
    if any("pointer" in each.get("source", {}) for each in errors):
        with pytest.raises(AssertionError):
            check_request(response.request.method, response.request.path, body)


few_queries = st.sampled_from(
    ["", "", "", "", "fields[uploads]=alt", "include=variants", "sort=size"]
)


@given(body=bodies(), query=few_queries)
@many_examples
def test_any_new_document_is_answered_with_a_valid_one(
    client: FlaskClient, body: bytes, query: str
) -> None:
    response = client.post(COLLECTION, data=body, content_type=JSON_API, query_string=query)
    assert response.status_code < 500, response.text
    check_refusal(response, body)


@given(data=st.data(), query=few_queries)
@many_examples
def test_any_change_is_answered_with_a_valid_document(
    client: FlaskClient, known: dict[str, str], data: st.DataObject, query: str
) -> None:
    body = data.draw(bodies(known["upload"]))
    address = f"{COLLECTION}/{known['upload']}"
    response = client.patch(address, data=body, content_type=JSON_API, query_string=query)
    assert response.status_code < 500, response.text
    check_refusal(response, body)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
@pytest.mark.parametrize("address", DERIVED)
@given(body=bodies())
@settings(many_examples, max_examples=examples(15))
def test_what_is_derived_is_not_written(
    client: FlaskClient, known: dict[str, str], address: str, method: str, body: bytes
) -> None:
    response = client.open(address.format(**known), method=method, data=body, content_type=JSON_API)
    assert 400 <= response.status_code < 500
