"""The judge of documents, judged: it takes the specification's examples, and no broken rule."""

from copy import deepcopy
from typing import Any

import pytest

from tests.exchanges import ATOMIC, JSON_API, Case, error, link, relationship, resource
from tests.jsonapi_document import check_response

SITE = "http://example.com"

ARTICLE: dict[str, Any] = {
    "type": "articles",
    "id": "1",
    "attributes": {"title": "Rails is Omakase"},
    "relationships": {
        "author": {
            "links": {
                "self": f"{SITE}/articles/1/relationships/author",
                "related": f"{SITE}/articles/1/author",
            },
            "data": {"type": "people", "id": "9"},
        }
    },
    "links": {"self": f"{SITE}/articles/1"},
}

COMPOUND: dict[str, Any] = {
    "data": [
        {
            "type": "articles",
            "id": "1",
            "attributes": {"title": "JSON:API paints my bikeshed!"},
            "links": {"self": f"{SITE}/articles/1"},
            "relationships": {
                "author": {
                    "links": {
                        "self": f"{SITE}/articles/1/relationships/author",
                        "related": f"{SITE}/articles/1/author",
                    },
                    "data": {"type": "people", "id": "9"},
                },
                "comments": {
                    "links": {
                        "self": f"{SITE}/articles/1/relationships/comments",
                        "related": f"{SITE}/articles/1/comments",
                    },
                    "data": [{"type": "comments", "id": "5"}, {"type": "comments", "id": "12"}],
                },
            },
        }
    ],
    "included": [
        {
            "type": "people",
            "id": "9",
            "attributes": {"firstName": "Dan", "lastName": "Gebhardt", "twitter": "dgeb"},
            "links": {"self": f"{SITE}/people/9"},
        },
        {
            "type": "comments",
            "id": "5",
            "attributes": {"body": "First!"},
            "relationships": {"author": {"data": {"type": "people", "id": "2"}}},
            "links": {"self": f"{SITE}/comments/5"},
        },
        {
            "type": "comments",
            "id": "12",
            "attributes": {"body": "I like XML better"},
            "relationships": {"author": {"data": {"type": "people", "id": "9"}}},
            "links": {"self": f"{SITE}/comments/12"},
        },
    ],
}

PAGE_LINKS = {
    "self": f"{SITE}/articles?page%5Bnumber%5D=3&page%5Bsize%5D=1",
    "first": f"{SITE}/articles?page%5Bnumber%5D=1&page%5Bsize%5D=1",
    "prev": f"{SITE}/articles?page%5Bnumber%5D=2&page%5Bsize%5D=1",
    "next": None,
    "last": f"{SITE}/articles?page%5Bnumber%5D=13&page%5Bsize%5D=1",
}

RELATIONSHIP = "/articles/1/relationships/author"
RELATIONSHIP_LINKS = {"self": RELATIONSHIP, "related": "/articles/1/author"}
TAGS = "/articles/1/relationships/tags"
TAGS_LINKS = {"self": TAGS, "related": "/articles/1/tags"}

THREE_ERRORS = {
    "jsonapi": {"version": "1.1"},
    "errors": [
        {
            "code": "123",
            "source": {"pointer": "/data/attributes/firstName"},
            "title": "Value is too short",
            "detail": "First name must contain at least two characters.",
        },
        {
            "code": "225",
            "source": {"pointer": "/data/attributes/password"},
            "title": "Passwords must contain a letter, number, and punctuation character.",
            "detail": "The password provided is missing a punctuation character.",
        },
        {"code": "226", "source": {"pointer": "/data/attributes/password"}, "title": "Too weak."},
    ],
}

RESULTS = {
    "atomic:results": [
        {
            "data": {
                "links": {"self": f"{SITE}/blogPosts/13"},
                "type": "articles",
                "id": "13",
                "attributes": {"title": "JSON API paints my bikeshed!"},
            }
        },
        {},
        {"data": None, "meta": {"note": "removed"}},
    ]
}

GOOD = [
    Case("a single resource", {"data": ARTICLE}),
    Case("a resource with its own address", {"data": ARTICLE, "links": {"self": "/articles/1"}}),
    Case(
        "a collection",
        {
            "links": {"self": f"{SITE}/articles"},
            "data": [{"type": "articles", "id": "1"}, {"type": "articles", "id": "2"}],
        },
        url="/articles",
    ),
    Case("an empty collection", {"links": {"self": "/articles"}, "data": []}, url="/articles"),
    Case(
        "an empty to-one related resource",
        {"links": {"self": f"{SITE}/articles/1/author"}, "data": None},
        url="/articles/1/author",
    ),
    Case(
        "a to-one relationship",
        {"links": RELATIONSHIP_LINKS, "data": {"type": "people", "id": "12"}},
        url=RELATIONSHIP,
    ),
    Case(
        "an empty to-one relationship",
        {"links": RELATIONSHIP_LINKS, "data": None},
        url=RELATIONSHIP,
    ),
    Case(
        "a to-many relationship",
        {
            "links": TAGS_LINKS,
            "data": [{"type": "tags", "id": "2"}, {"type": "tags", "id": "3", "meta": {"n": 1}}],
        },
        url=TAGS,
    ),
    Case("an empty to-many relationship", {"links": TAGS_LINKS, "data": []}, url=TAGS),
    Case("a compound document", COMPOUND, url="/articles"),
    Case(
        "a compound document that was asked for",
        COMPOUND,
        url="/articles?include=author,comments.author",
    ),
    Case(
        "nothing to include",
        {"data": {"type": "articles", "id": "1"}, "included": []},
        url="/articles/1?include=author",
    ),
    Case("an include of nothing", {"data": ARTICLE}, url="/articles/1?include="),
    Case(
        "a relationship with what it links to",
        {
            "data": [{"type": "comments", "id": "5"}],
            "included": [{"type": "comments", "id": "5", "attributes": {"body": "First!"}}],
        },
        url="/articles/1/relationships/comments?include=comments",
    ),
    Case(
        "linkage that a sparse fieldset leaves out",
        {
            "data": {"type": "articles", "id": "1", "attributes": {"title": "T"}},
            "included": [{"type": "people", "id": "9", "attributes": {"name": "Dan"}}],
        },
        url="/articles/1?include=author&fields[articles]=title,body&fields%5Bpeople%5D=name",
    ),
    Case(
        "pagination",
        {"meta": {"totalPages": 13}, "data": [ARTICLE], "links": PAGE_LINKS},
        url="/articles?page[number]=3&page[size]=1",
    ),
    Case(
        "pagination of a relationship's linkage",
        {
            "data": {
                "type": "articles",
                "id": "1",
                "relationships": {
                    "comments": {"data": [], "links": {"related": "/x", "next": None}}
                },
            }
        },
    ),
    Case(
        "link objects",
        {
            "data": {"type": "articles", "id": "1", "links": {"self": None}},
            "links": {
                "self": f"{SITE}/articles/1",
                "describedby": {
                    "href": f"{SITE}/schemas/articles",
                    "rel": "describedby",
                    "describedby": f"{SITE}/schemas/schemas",
                    "title": "Schema",
                    "type": "application/schema+json",
                    "hreflang": ["en", "de-CH"],
                    "meta": {"count": 10},
                },
            },
        },
    ),
    Case(
        "meta information alone",
        {
            "jsonapi": {"version": "1.1", "meta": {}},
            "meta": {
                "copyright": "Copyright 2015 Example Corp.",
                "authors": ["Yehuda Katz", "Steve Klabnik", "Dan Gebhardt", "Tyler Kellen"],
            },
        },
        url="/v1",
    ),
    Case(
        "a deletion that says something",
        {"meta": {"undo": "no"}},
        method="DELETE",
        url="/photos/1",
    ),
    Case(
        "a created resource",
        {"data": {"type": "photos", "id": "5", "links": {"self": f"{SITE}/photos/5"}}},
        method="POST",
        url="/photos",
        status=201,
        location=f"{SITE}/photos/5",
    ),
    Case(
        "no content",
        b"",
        method="DELETE",
        url="/photos/1",
        status=204,
        content_type=None,
    ),
    Case("what has not changed", b"", status=304, content_type=None),
    Case("the head of an answer", b"", method="HEAD"),
    Case("what an address can do", b"", method="OPTIONS", content_type=None, vary=None),
    Case("several errors", THREE_ERRORS, method="POST", url="/photos", status=422),
    Case(
        "an error of a parameter",
        {
            "errors": [
                {
                    "source": {"parameter": "include"},
                    "status": "400",
                    "links": {"about": None, "type": {"href": "/problems/include"}},
                    "meta": {"limit": 3},
                }
            ]
        },
        url="/articles?include=x",
        status=400,
    ),
    Case(
        "an error of a header",
        {"errors": [{"source": {"header": "Accept"}}]},
        status=406,
    ),
    Case(
        "pointers to what was sent",
        {"errors": [{"source": {"pointer": each}} for each in ("", "/data/0/a~1b", "/data")]},
        method="POST",
        url="/photos",
        status=422,
        sent=b'{"data": [{"a/b": 1}]}',
    ),
    Case(
        "attributes of any JSON",
        {
            "data": {
                "type": "articles",
                "id": "1",
                "attributes": {
                    "timestamps": {"created": "2020-07-21T12:09:00Z", "links": [], "id": 1},
                    "größe": [None, 1.5, {"a b": True}],
                    "@context": {"$": "anything"},
                    "@id": 3,
                },
                "@type": "x",
            }
        },
    ),
    Case(
        "an applied profile",
        {
            "jsonapi": {"version": "1.1", "profile": ["http://example.com/a", "urn:b"]},
            "data": ARTICLE,
        },
        content_type=f'{JSON_API}; profile="http://example.com/a urn:b"',
    ),
    Case(
        "an applied extension",
        {"data": {"type": "articles", "id": "1", "version:id": "42"}},
        content_type=f'{JSON_API}; ext="https://jsonapi.org/ext/version"',
    ),
    Case(
        "a relationship that is an extension's",
        {
            "data": {
                "type": "articles",
                "id": "1",
                "relationships": {"a": {"version:at": 1}, "b": {"links": {"version:at": "/1"}}},
            }
        },
        content_type=f'{JSON_API};ext="https://jsonapi.org/ext/version"',
    ),
    Case(
        "the results of operations",
        RESULTS,
        method="POST",
        url="/operations",
        content_type=ATOMIC,
    ),
    Case(
        "operations that failed",
        {"errors": [{"code": "x", "source": {"pointer": "/atomic:operations/0"}}]},
        method="POST",
        url="/operations",
        status=422,
        content_type=ATOMIC,
        sent=b'{"atomic:operations": [{}]}',
    ),
    Case("a changed resource", {"data": ARTICLE, "links": ARTICLE["links"]}, method="PATCH"),
]


def changed(document: Any, pointer: str, value: object) -> Any:  # noqa: ANN401 - any JSON
    """A copy in which one member is another, or a new one."""
    copy = deepcopy(document)
    *path, last = (int(each) if each.isdigit() else each for each in pointer.split("/")[1:])
    node = copy
    for step in path:
        node = node[step]
    node[last] = value
    return copy


A_RELATIONSHIP = "/data/relationships/author"
A_LINK = "/links/describedby"
ORPHAN = {"type": "people", "id": "77"}

BROKEN_HTTP = [
    Case("another media type", {"meta": {}}, content_type="application/json"),
    Case("no media type", {"meta": {}}, content_type=None),
    Case("another media type of a head", b"", method="HEAD", content_type="text/html"),
    Case("a charset", {"meta": {}}, content_type=f"{JSON_API}; charset=utf-8"),
    Case("a profile that is not quoted", {"meta": {}}, content_type=f"{JSON_API};profile=urn:a"),
    Case("a profile that is no URI", {"meta": {}}, content_type=f'{JSON_API};profile="a"'),
    Case(
        "two spaces in a profile", {"meta": {}}, content_type=f'{JSON_API};profile="urn:a  urn:b"'
    ),
    Case(
        "a parameter twice",
        {"meta": {}},
        content_type=f'{JSON_API};profile="urn:a";profile="urn:b"',
    ),
    Case("a malformed parameter", {"meta": {}}, content_type=f"{JSON_API}; profile"),
    Case("a semicolon too many", {"meta": {}}, content_type=f"{JSON_API};"),
    Case("no Vary", {"meta": {}}, vary=None),
    Case("a Vary without Accept", {"meta": {}}, vary="Origin, Accept-Encoding"),
    Case("a status that is not final", {"meta": {}}, status=100),
    Case("no document", b""),
    Case("a body of no content", b"{}", status=204, content_type=None),
    Case("a media type of no content", b"", status=204),
    Case("a body of what has not changed", b"{}", status=304),
    Case("a body of a head", b"{}", method="HEAD"),
    Case("a fetch that is created", {"meta": {}}, status=201, location="/articles/1"),
    Case("a created resource without its location", resource(), method="POST", status=201),
    Case(
        "a created resource with another location",
        resource(links={"self": "/articles/1"}),
        "/data/links/self",
        method="POST",
        status=201,
        location="/articles/2",
    ),
    Case(
        "several created resources",
        {"data": [ARTICLE]},
        "/data",
        method="POST",
        status=201,
        location="/articles/1",
    ),
    Case("a deletion with data", resource(), "/data", method="DELETE"),
    Case("a success with errors", error(code="x")),
    Case("a failure without errors", {"meta": {}}, status=404),
]

BROKEN_JSON = [
    Case("a text that is no JSON", b"<html>"),
    Case("a text that is not UTF-8", b'{"meta": {"a": "\xff"}}'),
    Case("a member twice", b'{"meta": {"a": 1, "a": 1}}'),
    Case("a NaN", b'{"meta": {"a": NaN}}'),
    Case("a root that is an array", []),
]

BROKEN_TOP_LEVEL = [
    Case("nothing", {}),
    Case("nothing but links", {"links": {}, "jsonapi": {}}),
    Case("data and errors", {"data": None, **error(code="x")}, status=400),
    Case("included without data", {"meta": {}, "included": []}, "/included"),
    Case("an unknown top-level member", {"meta": {}, "count": 1}, "/count"),
    Case("meta that is no object", {"meta": []}, "/meta"),
    Case("a collection that is no array", {"data": ARTICLE}, "/data", url="/v1/articles"),
    Case("a single resource that is an array", {"data": [ARTICLE]}, "/data"),
    Case("a single resource that is null", {"data": None}, "/data"),
    Case("data that is a string", {"data": "1"}, "/data"),
    Case("a jsonapi object that is a string", {"meta": {}, "jsonapi": "1.1"}, "/jsonapi"),
    Case("another version", {"meta": {}, "jsonapi": {"version": "1.0"}}, "/jsonapi/version"),
    Case("an unknown jsonapi member", {"meta": {}, "jsonapi": {"name": "x"}}, "/jsonapi/name"),
    Case(
        "a profile that the media type does not have",
        {"meta": {}, "jsonapi": {"profile": ["urn:a"]}},
        "/jsonapi/profile",
    ),
    Case(
        "a profile that only the media type has",
        {"meta": {}, "jsonapi": {"version": "1.1"}},
        "/jsonapi",
        content_type=f'{JSON_API};profile="urn:a"',
    ),
    Case(
        "an extension that the media type does not have",
        {"meta": {}, "jsonapi": {"ext": ["https://jsonapi.org/ext/atomic"]}},
        "/jsonapi/ext",
    ),
    Case("an unknown extension", {"meta": {}}, content_type=f'{JSON_API};ext="urn:mine"'),
    Case("an unknown top-level link", {"meta": {}, "links": {"home": "/"}}, "/links/home"),
    Case("pages of one resource", {"data": ARTICLE, "links": {"next": "/"}}, "/links/next"),
    Case("pages of meta information", {"meta": {}, "links": {"first": None}}, "/links/first"),
    Case("another self", {"data": ARTICLE, "links": {"self": "/articles/2"}}, "/links/self"),
    Case(
        "a self that forgets the query",
        {"data": [], "links": {"self": "/articles"}},
        "/links/self",
        url="/articles?sort=title",
    ),
]

BROKEN_NAMES = [
    Case(f"a member named {name!r}", {"meta": {"a": [{name: 1}]}}, f"/meta/a/0/{name}")
    for name in ("", "-a", "a-", "_a", "a_", " a", "a.b", "a,b", "a+b", "a[b]", "a b!", "a\n", "@")
] + [
    Case("a member with a slash", {"meta": {"a/b": 1}}, "/meta/a~1b"),
    Case("an attribute with a colon", resource(attributes={"a:b": 1}), "/data/attributes/a:b"),
    Case("results without the extension", RESULTS, "/atomic:results"),
    Case(
        "a member that the extension does not define",
        {"atomic:operations": []},
        "/atomic:operations",
        content_type=ATOMIC,
    ),
    Case(
        "a member of the extension in another place",
        resource(**{"atomic:results": []}),
        "/data/atomic:results",
        content_type=ATOMIC,
    ),
    Case(
        "an extension's member without a name",
        resource(**{"version:": 1}),
        "/data/version:",
        content_type=f'{JSON_API};ext="https://jsonapi.org/ext/version"',
    ),
]

BROKEN_RESOURCES = [
    Case("a resource that is a string", {"data": ["x"]}, "/data/0", url="/articles"),
    Case("a resource without an id", {"data": {"type": "articles"}}, "/data"),
    Case("a resource without a type", {"data": {"id": "1"}}, "/data"),
    Case("an id that is a number", resource(id=1), "/data/id"),
    Case("a type that is null", resource(type=None), "/data/type"),
    Case("a type that is no name", resource(type="a/b"), "/data/type"),
    Case("a lid in a response", resource(lid="1"), "/data/lid"),
    Case("attributes that are null", resource(attributes=None), "/data/attributes"),
    Case("an attribute named id", resource(attributes={"id": "1"}), "/data/attributes/id"),
    Case(
        "a relationship named type",
        resource(relationships={"type": {"meta": {}}}),
        "/data/relationships/type",
    ),
    Case(
        "an attribute and a relationship of one name",
        resource(attributes={"author": 1}, relationships={"author": {"meta": {}}}),
        A_RELATIONSHIP,
    ),
    Case("a resource with a link of its own", resource(links={"file": "/1"}), "/data/links/file"),
    Case("resource links that are an array", resource(links=[]), "/data/links"),
    Case("resource meta that is a number", resource(meta=1), "/data/meta"),
    Case("relationships that are an array", resource(relationships=[]), "/data/relationships"),
    Case("a relationship that is null", resource(relationships={"author": None}), A_RELATIONSHIP),
    Case("an empty relationship", relationship(), A_RELATIONSHIP),
    Case("an unknown member of a relationship", relationship(meta={}, n=1), f"{A_RELATIONSHIP}/n"),
    Case("empty relationship links", relationship(links={}), f"{A_RELATIONSHIP}/links"),
    Case(
        "relationship links that only turn pages",
        relationship(links={"next": None}),
        f"{A_RELATIONSHIP}/links",
    ),
    Case(
        "pages of a to-one relationship",
        relationship(links={"self": "/1", "next": None}, data=None),
        f"{A_RELATIONSHIP}/links/next",
    ),
    Case("linkage that is a string", relationship(data="9"), f"{A_RELATIONSHIP}/data"),
    Case("an identifier without a type", relationship(data={"id": "9"}), f"{A_RELATIONSHIP}/data"),
    Case(
        "an identifier with attributes",
        relationship(data=[{"type": "people", "id": "9", "attributes": {}}]),
        f"{A_RELATIONSHIP}/data/0/attributes",
    ),
    Case(
        "relationship data with attributes",
        {"data": {"type": "people", "id": "9", "attributes": {}}},
        "/data/attributes",
        url=RELATIONSHIP,
    ),
]

BROKEN_LINKS = [
    Case("a link that is a number", link(1), A_LINK),
    Case("a link with a space", link("/a b"), A_LINK),
    Case("a link with square brackets", link("/articles?page[size]=1"), A_LINK),
    Case("a link with a percent sign alone", link("/100%"), A_LINK),
    Case("a link that is not ASCII", link("/größe"), A_LINK),
    Case("a link with a colon before its path", link("1:2"), A_LINK),
    Case("a link with a port that is none", link("http://example.com:port/"), A_LINK),
    Case("a link object without a target", link({"meta": {}}), A_LINK),
    Case("a link object with no target", link({"href": None}), f"{A_LINK}/href"),
    Case("an unknown member of a link", link({"href": "/", "media": "x"}), f"{A_LINK}/media"),
    Case("a relation type with a space", link({"href": "/", "rel": "a b"}), f"{A_LINK}/rel"),
    Case("a relation type that is a list", link({"href": "/", "rel": ["next"]}), f"{A_LINK}/rel"),
    Case("a title that is a number", link({"href": "/", "title": 1}), f"{A_LINK}/title"),
    Case("a type that is no media type", link({"href": "/", "type": "png"}), f"{A_LINK}/type"),
    Case("no language", link({"href": "/", "hreflang": "?"}), f"{A_LINK}/hreflang"),
    Case("no language in a list", link({"href": "/", "hreflang": [1]}), f"{A_LINK}/hreflang/0"),
    Case("link meta that is null", link({"href": "/", "meta": None}), f"{A_LINK}/meta"),
    Case(
        "a description's description with a space",
        link({"href": "/", "describedby": " "}),
        f"{A_LINK}/describedby",
    ),
]

BROKEN_ERRORS = [
    Case("errors that are an object", {"errors": {}}, "/errors", status=400),
    Case("no errors", {"errors": []}, "/errors", status=400),
    Case("an empty error", error(), "/errors/0", status=400),
    Case("an unknown member of an error", error(message="x"), "/errors/0/message", status=400),
    Case("a status that is a number", error(status=400), "/errors/0/status", status=400),
    Case("a status of success", error(status="200"), "/errors/0/status", status=400),
    Case("another status than the response's", error(status="404"), "/errors/0/status", status=400),
    Case("a code that is a number", error(code=7), "/errors/0/code", status=400),
    Case("a title that is null", error(title=None), "/errors/0/title", status=400),
    Case("a detail that is a list", error(detail=[]), "/errors/0/detail", status=400),
    Case("an error id that is a number", error(id=1), "/errors/0/id", status=400),
    Case("an error's self", error(links={"self": "/"}), "/errors/0/links/self", status=400),
    Case("error meta that is a list", error(meta=[]), "/errors/0/meta", status=400),
    Case("an empty source", error(source={}), "/errors/0/source", status=400),
    Case("an unknown source", error(source={"line": "1"}), "/errors/0/source/line", status=400),
    Case(
        "a parameter that is null",
        error(source={"parameter": None}),
        "/errors/0/source/parameter",
        status=400,
    ),
    Case(
        "a header that has no such name",
        error(source={"header": "Accept: */*"}),
        "/errors/0/source/header",
        status=406,
    ),
] + [
    Case(
        f"a source pointer {pointer}",
        error(source={"pointer": pointer}),
        "/errors/0/source/pointer",
        status=422,
        sent=sent,
    )
    for pointer, sent in (
        ("data", None),
        ("/data/~", None),
        ("/data/~2", None),
        ("/data/id", b'{"data": {}}'),
        ("/data/1", b'{"data": [1]}'),
        ("/data/00", b'{"data": [1]}'),
        ("/data/x", b'{"data": "x"}'),
        ("/data", b"{"),
    )
]

BROKEN_COMPOUNDS = [
    Case(
        "an included resource without an id",
        changed(COMPOUND, "/included/0", {"type": "people"}),
        "/included/0",
        url="/articles",
    ),
    Case("included that is an object", {"data": [], "included": {}}, "/included", url="/articles"),
    Case("a resource twice", {"data": [ARTICLE, ARTICLE]}, "/data/1", url="/articles"),
    Case(
        "an included resource twice",
        changed(COMPOUND, "/included/1", COMPOUND["included"][0]),
        "/included/1",
        url="/articles",
    ),
    Case(
        "primary data that is included",
        {"data": ARTICLE, "included": [ARTICLE]},
        "/included/0",
    ),
    Case(
        "an included resource that nothing leads to",
        changed(COMPOUND, "/included/0", ORPHAN),
        "/included/0",
        url="/articles",
    ),
    Case(
        "included resources that lead to each other alone",
        changed(
            COMPOUND,
            "/included/0",
            {**ORPHAN, "relationships": {"self-love": {"data": ORPHAN}}},
        ),
        "/included/0",
        url="/articles",
    ),
    Case("an include without included", {"data": ARTICLE}, url="/articles/1?include=author"),
    Case(
        "included resources that were not requested",
        COMPOUND,
        "/included/1",
        url="/articles?include=author",
    ),
    Case(
        "included resources that were not requested with linkage",
        {
            "data": [{"type": "comments", "id": "5"}],
            "included": [
                {
                    "type": "comments",
                    "id": "5",
                    "relationships": {"author": {"data": {"type": "people", "id": "2"}}},
                },
                {"type": "people", "id": "2"},
            ],
        },
        "/included/1",
        url="/articles/1/relationships/comments?include=comments",
    ),
    Case(
        "included resources where none were requested",
        COMPOUND,
        "/included/0",
        url="/articles?include=",
    ),
    Case(
        "an attribute that the fieldset does not have",
        resource(attributes={"title": "T"}),
        "/data/attributes/title",
        url="/articles/1?fields[articles]=body",
    ),
    Case(
        "a relationship where the fieldset is empty",
        {"data": ARTICLE},
        A_RELATIONSHIP,
        url="/articles/1?fields%5Barticles%5D=title",
    ),
]

BROKEN_RESULTS = [
    Case(sentence, document, at, method="POST", url="/operations", content_type=ATOMIC)
    for sentence, document, at in (
        ("no results", {"atomic:results": []}, "/atomic:results"),
        ("results that are an object", {"atomic:results": {}}, "/atomic:results"),
        ("a result that is null", {"atomic:results": [None]}, "/atomic:results/0"),
        ("a result with links", {"atomic:results": [{"links": {}}]}, "/atomic:results/0/links"),
        (
            "a result whose resource has no id",
            {"atomic:results": [{"data": {"type": "a"}}]},
            "/atomic:results/0/data",
        ),
        ("results beside data", {**RESULTS, "data": None}, "/data"),
    )
] + [
    Case(
        "results beside errors",
        {**RESULTS, **error(code="x")},
        "/errors",
        method="POST",
        url="/operations",
        status=400,
        content_type=ATOMIC,
    )
]

BROKEN = [
    *BROKEN_HTTP,
    *BROKEN_JSON,
    *BROKEN_TOP_LEVEL,
    *BROKEN_NAMES,
    *BROKEN_RESOURCES,
    *BROKEN_LINKS,
    *BROKEN_ERRORS,
    *BROKEN_COMPOUNDS,
    *BROKEN_RESULTS,
]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.sentence)
def test_it_accepts(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.sentence)
def test_it_refuses(case: Case) -> None:
    with pytest.raises(AssertionError) as refusal:
        case.check()
    assert str(refusal.value).startswith(f'at "{case.at}": ')


def test_it_refuses_a_body_of_another_length() -> None:
    headers = {"Content-Type": JSON_API, "Vary": "Accept", "Content-Length": "3"}
    with pytest.raises(AssertionError, match="length"):
        check_response("GET", "/articles/1", 200, headers, b'{"meta": {}}')


def test_it_knows_headers_in_any_case() -> None:
    headers = {"content-type": "Application/Vnd.API+JSON", "VARY": "Origin, accept"}
    check_response("GET", "/articles/1", 200, headers, b'{"meta": {}}')
