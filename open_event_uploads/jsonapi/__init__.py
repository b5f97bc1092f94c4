"""Our JSON:API 1.1 layer over flask-rest-jsonapi-next.

What the library gets wrong is cured here, once, for every resource:

    api             the route table's helper; installs the error handlers
    resources       the endpoints that views derive from; `relationships` has two more
    negotiation     Accept and Content-Type, extensions and profiles
    conditional     entity tags, If-Match, If-None-Match
    body            the bytes of a request
    json_text       JSON on its way in; `codec` writes it, and the responses that carry it
    documents       the shape of what clients send; `linkage` what it refers to
    operations      the same for the Atomic Operations extension
    once            Idempotency-Key
    query           query parameters; include, filters, pagination and cursor are parts of it
    schema, fields  base classes of the marshmallow schemas
    rendering       documents; the serializer writes each resource object
    data_layer      rows from SQLAlchemy; `listing` asks for those that are only shown
    problems        errors as documents
"""

from open_event_uploads.jsonapi.api import JsonApi
from open_event_uploads.jsonapi.config import JsonApiConfig
from open_event_uploads.jsonapi.data_layer import DataLayer
from open_event_uploads.jsonapi.page import PageLimits
from open_event_uploads.jsonapi.relationships import ResourceRelated, ResourceRelationship
from open_event_uploads.jsonapi.resource_detail import ReadOnlyDetail, ResourceDetail
from open_event_uploads.jsonapi.resource_list import ReadOnlyList, ResourceList
from open_event_uploads.jsonapi.schema import Schema

__all__ = [
    "DataLayer",
    "JsonApi",
    "JsonApiConfig",
    "PageLimits",
    "ReadOnlyDetail",
    "ReadOnlyList",
    "ResourceDetail",
    "ResourceList",
    "ResourceRelated",
    "ResourceRelationship",
    "Schema",
]
