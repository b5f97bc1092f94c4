"""The protocol: JSON:API 1.1 over flask-rest-jsonapi-next, for any resource.

It knows no settings, identity or feature; the application gives it a `JsonApiConfig`.

    api             the table of resources, for the application's routes; `config` what it is given
    endpoint        the base of the endpoints: `resource_list`, `resource_detail`, `relationships`
    negotiation     Accept and Content-Type, extensions and profiles
    body            the bytes of a request
    json_text       decodes JSON, after `embedded_files` has extracted the files; `equal_names` and
                    `lone_surrogates` find what decoders disagree about, `json_pointer` makes names
    documents       the shape of documents; `linkage` checks what they refer to
    operations      documents of the Atomic Operations extension, and each `operation_target`
    schema, fields  the bases of the marshmallow schemas, and the names of their members
    read_query      reads a query string into a `query`: `parameters`, `include`, `fieldsets`,
                    `filters`, `sort_key`, `page`, `cursor`
    page_items      the items of a page between cursors
    data_layer      reads the resources of a mapped class; `listing` prepares the statements
    rendering       renders documents; `serializer` each resource object, `page_links` their links
    codec           encodes documents, and makes the responses that carry them
    conditional     entity tags, If-Match, If-None-Match
    creation        the answer to a request that created a resource
    idempotency     runs a request once for each Idempotency-Key; `idempotency_header` reads it,
                    `idempotency_key` is the table of replies
    problems        errors as documents
"""

from open_event_uploads.jsonapi.api import JsonApi
from open_event_uploads.jsonapi.config import JsonApiConfig
from open_event_uploads.jsonapi.data_layer import DataLayer
from open_event_uploads.jsonapi.endpoint import expect_document
from open_event_uploads.jsonapi.page import PageLimits
from open_event_uploads.jsonapi.relationships import ResourceRelated, ResourceRelationship
from open_event_uploads.jsonapi.resource_detail import ReadOnlyDetail, ResourceDetail
from open_event_uploads.jsonapi.resource_list import ResourceList
from open_event_uploads.jsonapi.schema import Schema

__all__ = [
    "DataLayer",
    "JsonApi",
    "JsonApiConfig",
    "PageLimits",
    "ReadOnlyDetail",
    "ResourceDetail",
    "ResourceList",
    "ResourceRelated",
    "ResourceRelationship",
    "Schema",
    "expect_document",
]
