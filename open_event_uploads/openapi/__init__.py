"""The description of this API: OpenAPI 3.1, derived from the route table and the schemas.

What an operation says follows from the kind of its view, so a new resource describes itself:

    document    puts it together
    routes      the route table, as OpenAPI spells addresses
    resources   operations of the resource views; `relationships` has two kinds, `subject` what
                all of them are about
    others      operations of the remaining addresses; `atomic` has one of them
    sessions    who sends a request, and signing in
    components  schemas of documents, resource objects and errors
    attributes  marshmallow fields as JSON Schema
    parameters  query parameters and request headers
    responses   answers, and errors from the tree of errors
    page, start what people see of it
"""

from open_event_uploads.openapi.document import describe

__all__ = ["describe"]
