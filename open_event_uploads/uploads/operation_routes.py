"""`/v1/operations`: several changes of uploads, or none (the Atomic Operations extension)."""

from functools import partial
from typing import Any, NoReturn

from flask import Response

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.current import current_application
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import (
    IdConflict,
    InvalidDocument,
    NotFound,
    ReadOnlyRelationship,
    ReadOnlyResource,
    UploadsError,
)
from open_event_uploads.jsonapi.api import layers_by_type, schemas_by_type
from open_event_uploads.jsonapi.body import read_document
from open_event_uploads.jsonapi.codec import encode
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.documents import read_resource
from open_event_uploads.jsonapi.expected_body import expect_body
from open_event_uploads.jsonapi.idempotency import BeforeCommit, Reply
from open_event_uploads.jsonapi.idempotency_header import respond_once
from open_event_uploads.jsonapi.json_text import decode
from open_event_uploads.jsonapi.linkage import check_linkage
from open_event_uploads.jsonapi.negotiation import ATOMIC, negotiate
from open_event_uploads.jsonapi.operation_target import Target, target_of
from open_event_uploads.jsonapi.operations import (
    point_into_operation,
    read_each,
    read_operations,
    verb_of,
)
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.read_query import refuse_parameters
from open_event_uploads.jsonapi.rendering import resource_objects
from open_event_uploads.server.identity import current_identity, current_user_id
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.rate_limits import charge_files
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.access import check_change
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.operation import Operation
from open_event_uploads.uploads.operations import run_operations
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.schema import UploadSchema

_TYPE = UploadSchema.opts.type_
_Resource = dict[str, Any]


def post_operations() -> Response:
    """Run them in order; the results stand in the same order, and none means 204."""
    query = refuse_parameters()
    sent = read_operations(decode(read_document()))
    operations = read_each(sent, _Reader().read)
    charge_files(sum(one.content is not None for one in operations))
    return respond_once(partial(_run, operations, sent, query), _result, operations)


def _result(results: list[_Resource | None]) -> Reply:
    if not any(results):
        return Reply(204)
    document = {"atomic:results": [{"data": found} if found else {} for found in results]}
    return Reply(200, encode(document))


def _run(
    operations: list[Operation],
    sent: list[dict[str, Any]],
    query: Query,
    before_commit: BeforeCommit[list[_Resource | None]] | None,
) -> list[_Resource | None]:
    def present(upload: UploadRow) -> _Resource:
        return resource_objects(UploadSchema, [upload], query)[0]

    try:
        return run_operations(
            operations,
            owner_id=current_user_id(),
            check=partial(check_change, current_identity()),
            present=present,
            engine=db.engine,
            storage=current_storage(),
            processing=current_processing(),
            before_commit=before_commit,
        )
    except UploadsError as error:
        if error.operation is not None:
            point_into_operation(error, error.operation, sent[error.operation])
        raise


class _Reader:
    """Read operation objects in their order, so that a `lid` is known before it is used."""

    def __init__(self) -> None:
        self._lids: set[str] = set()

    def read(self, sent: dict[str, Any]) -> Operation:
        """Return the operation that an operation object describes."""
        verb = verb_of(sent)
        target = target_of(sent, current_settings().public_url)
        if target.type not in schemas_by_type(current_application()):
            raise NotFound("There is no such type.", pointer=target.pointer)
        if target.relationship is not None:
            _refuse_relationship(target)
        if target.type != _TYPE:
            raise ReadOnlyResource(
                f"Operations cannot change `{target.type}`.", pointer=target.pointer
            )
        if verb == "add":
            if target.pointer != "/data" and (target.id or target.lid):
                raise InvalidDocument(
                    "An upload that is added cannot have an id yet.", pointer=target.pointer
                )
            return self._add(sent)
        self._check_name(target)
        if verb == "remove" and target.pointer == "/data":
            raise InvalidDocument("`remove` needs a `ref` or an `href`.", pointer="")
        if verb == "remove":
            return Operation("remove", id=target.id, lid=target.lid)
        return _update(sent, target)

    def _add(self, sent: dict[str, Any]) -> Operation:
        resource = read_resource(sent, type_=_TYPE)
        check_linkage(resource, UploadSchema)
        lid = sent["data"].get("lid")
        if lid in self._lids:
            raise InvalidDocument("An earlier operation has this `lid`.", pointer="/data/lid")
        if lid is not None:
            # Known even where the rest is at fault, so that later uses of it are not.
            self._lids.add(lid)
        values = UploadSchema.shared().read(resource, partial=False)
        return Operation("add", lid=lid, content=values.pop("data"), values=values)

    def _check_name(self, target: Target) -> None:
        if (target.id is None) == (target.lid is None):
            raise InvalidDocument("Either an `id` or a `lid` is needed.", pointer=target.pointer)
        if target.lid is not None and target.lid not in self._lids:
            raise NotFound("No earlier operation has this `lid`.", pointer=f"{target.pointer}/lid")
        if target.id is not None and not is_id(target.id):
            raise NotFound("There is no such upload.", pointer=target.pointer)


def _refuse_relationship(target: Target) -> NoReturn:
    """Refuse a relationship as its own address does: 404 where there is none, else 403."""
    pointer = target.pointer + ("/relationship" if target.pointer == "/ref" else "")
    schema = schemas_by_type(current_application())[target.type]
    if target.relationship not in schema.relationships():
        raise NotFound("There is no such relationship.", pointer=pointer)
    if target.id is not None:
        try:
            layers_by_type(current_application())[target.type].get_shown(target.id)
        except NotFound as error:
            error.pointer = target.pointer
            raise
    raise ReadOnlyRelationship(
        f"The server maintains `{target.relationship}`; it cannot be changed.", pointer=pointer
    )


def _update(sent: dict[str, Any], target: Target) -> Operation:
    if target.id is None and isinstance(sent.get("data"), dict) and sent["data"].get("id"):
        raise IdConflict("The target has a `lid` and no `id` yet.", pointer="/data/id")
    resource = read_resource(sent, type_=_TYPE, id_=target.id)
    check_linkage(resource, UploadSchema)
    if target.lid is not None and sent["data"].get("lid", target.lid) != target.lid:
        raise IdConflict("The `lid` is not the target's.", pointer="/data/lid")
    values = UploadSchema.shared().read(resource, partial=True)
    content = values.pop("data", None)
    return Operation("update", id=target.id, lid=target.lid, content=content, values=values)


def _expect_operations() -> None:
    negotiate(frozenset({ATOMIC}), reads=True)
    # Together they may carry what one upload may: a request needs no more memory than that.
    expect_body(current_config().max_document_bytes)


# Their own uploads.
_RUN = Policy(
    Who.MEMBERS,
    "uploads:write",
    writes=True,
    counts=Counts.LONG_BODY,
    body=_expect_operations,
)


def register_routes(routes: Routes) -> None:
    """Add the route of this module."""
    routes.add("/v1/operations", "operations", post_operations, POST=_RUN)
