"""The base of every endpoint, and how one is written.

A view states its schema and data layer, and overrides `create_object`, `update_object` or
`delete_object` with a call of a use case.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_rest_jsonapi_next.resource import Resource

from open_event_uploads.current import current_g, current_request
from open_event_uploads.jsonapi.body import read_document
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.documents import ResourceObject, read_resource
from open_event_uploads.jsonapi.expected_body import expect_body
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.jsonapi.linkage import check_linkage
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.schema import Schema


def expect_document() -> None:
    """Check the head of a request for the document that follows it, and ask for that.

    Raises:
        As `negotiate` and `expect_body`.
    """
    negotiate(frozenset(), reads=True)
    expect_body(current_config().max_document_bytes)


class Endpoint(Resource):
    """The library's resource with our negotiation and our answers.

    Attributes:
        schema: of the resources here.
        data_layer: the arguments of the data layer, and its `class`.
    """

    schema: type[Schema]
    data_layer: Mapping[str, Any]
    _data_layer: Any

    def __init_subclass__(cls, **options: object) -> None:
        if "data_layer" in cls.__dict__:
            # The library removes `class` from it, and endpoints share it.
            cls.data_layer = dict(cls.data_layer)
        super().__init_subclass__(**options)
        # The library's `check_headers` compares media types as whole strings; `negotiate` knows
        # their parameters.
        cls.decorators = ()

    def dispatch_request(self, **view_kwargs: Any) -> Response:  # noqa: ANN401 - what the address holds
        """Negotiate and answer.

        As Flask dispatches: the library gives a media type to every answer, one without a body too.
        """
        # Where the request's body was asked for, that was done before.
        if "json_api" not in current_g():
            negotiate(frozenset(), reads=current_request().method in {"POST", "PATCH"})
        answer: Response = MethodView.dispatch_request(self, **view_kwargs)  # type: ignore[assignment]  # all of ours are
        return answer

    def receive_resource(self, id_: str | None = None) -> ResourceObject:
        """Read the resource object in the request's body."""
        document = decode(read_document())
        resource = read_resource(document, type_=self.schema.opts.type_, id_=id_)
        check_linkage(resource, self.schema)
        return resource
