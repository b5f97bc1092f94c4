"""`/v1/uploads` and `/v1/uploads/{id}`."""

from flask import Response

from open_event_uploads.jsonapi import expect_document
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.server.policy import ANYBODY, Counts, Policy, Who
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.check_quota import check_quota_left
from open_event_uploads.uploads.endpoints import (
    UploadContent,
    UploadDetail,
    UploadList,
    UploadRelated,
    UploadRelationship,
)
from open_event_uploads.uploads.intake import expect_form, expect_raw, is_form, is_raw
from open_event_uploads.uploads.resumable import draft_views


class UploadCollection(UploadList):
    """The collection, in which also uploads that come in pieces begin."""

    def post(self) -> Response:
        """Create an upload, or begin one."""
        if draft_views.begins_here():
            return draft_views.VIEWS.create()
        return draft_views.answer_whole(super().post)


def _expect_upload() -> None:
    """Check the head of a request for a new upload: a form, a raw body, or a document.

    Or for one that comes in pieces, of which it may have the first.
    """
    if draft_views.begins_here():
        draft_views.VIEWS.expect_creation()
        return
    if is_form():
        negotiate(frozenset(), reads=False)
        expect_form()
    elif is_raw():
        _expect_content()
    else:
        expect_document()
    check_quota_left()


def _expect_content() -> None:
    draft_views.check_whole()
    negotiate(frozenset(), reads=False)
    expect_raw()


# A list holds a member's own uploads; one by one, everybody sees those that are public.
_LIST = Policy(Who.MEMBERS, "uploads:read")
_CREATE = Policy(
    Who.UPLOADERS, "uploads:write", writes=True, counts=Counts.FILE, body=_expect_upload
)
# Their own uploads.
_CHANGE = Policy(
    Who.MEMBERS, "uploads:write", writes=True, counts=Counts.LONG_BODY, body=expect_document
)
_REPLACE = Policy(
    Who.MEMBERS, "uploads:write", writes=True, counts=Counts.FILE, body=_expect_content
)
_DELETE = Policy(Who.MEMBERS, "uploads:write", writes=True)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module."""
    one = "/v1/uploads/<id:id>"
    routes.add("/v1/uploads", "upload_list", UploadCollection, GET=_LIST, POST=_CREATE)
    routes.add(one, "upload_detail", UploadDetail, GET=ANYBODY, PATCH=_CHANGE, DELETE=_DELETE)
    routes.add(f"{one}/content", "upload_content", UploadContent, PUT=_REPLACE)
    routes.add_relationships(one, "upload", UploadRelated, UploadRelationship, read=ANYBODY)
