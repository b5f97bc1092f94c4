"""The description of this API: OpenAPI 3.1, derived from the route table and the schemas.

The operations of a resource follow from the kind of its endpoint, so a new one needs nothing here:

    document          the whole description
    route_table       the application's routes, with addresses as OpenAPI writes them
    resources         operations of the resources' endpoints; `relationships` has two kinds more,
                      `file_bodies` those that take a file, `resource_route` what all are made from
    plain_operations  operations of the other routes; `atomic`, `open_event` and `resumable` have
                      some of them, and `resumable_draft` what a setting adds
    security          the Authorization header, and signing in
    components        schemas of documents, resource objects and errors
    attributes        marshmallow fields as JSON Schema
    parameters        query parameters and request headers
    responses         responses, and errors from the tree of errors
    routes            `/v1/openapi.json`, and `/v1/docs` with `page.html` and `start.js`
    entry_point       `/v1`
"""
