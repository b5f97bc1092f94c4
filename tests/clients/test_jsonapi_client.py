"""Python's jsonapi-client."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from jsonapi_client import Filter, Inclusion, Modifier, Session
from jsonapi_client.exceptions import DocumentError
from jsonapi_client.resourceobject import ResourceObject

from tests.clients.conftest import PAGE, PICTURE
from tests.documents import data_uri
from tests.server import Server

pytestmark = pytest.mark.server

# The client needs to know which members of a resource are relationships before it creates one.
SCHEMA = {
    "uploads": {
        "properties": {
            **{name: {} for name in ("data", "filename", "alt", "url", "media-type", "size")},
            "variants": {"relation": "to-many", "resource": ["variants"]},
            "owner": {"relation": "to-one", "resource": ["users"]},
        }
    }
}


def options(server: Server) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.token}"}
    return {"schema": SCHEMA, "request_kwargs": {"headers": headers}}


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    with Session(f"{server.url}/v1", **options(server)) as session:
        yield session


def upload(session: Session, filename: str, **attributes: str) -> ResourceObject:
    return session.create_and_commit(
        "uploads", data=data_uri(PICTURE), filename=filename, **attributes
    )


def test_a_committed_upload_has_a_url_that_shows_the_picture(
    session: Session, server: Server
) -> None:
    created = upload(session, "created.png", alt="One")
    # A resource's own `url` is its address in the API; that of the picture is among its fields.
    assert server.get(created.fields.url) == (200, PICTURE)
    assert (created.filename, created.alt) == ("created.png", "One")
    assert (created.media_type, created.size) == ("image/png", len(PICTURE))


def test_iteration_goes_through_every_page(session: Session) -> None:
    for alt in ("One", "Two", "Three", "Four", "Five"):
        upload(session, "paged.png", alt=alt)
    query = Filter(filename="paged.png") + Modifier("sort=created-at&page[size]=2")
    found = session.iterate("uploads", query)
    assert [each.alt for each in found] == ["One", "Two", "Three", "Four", "Five"]


def test_variants_and_owner_are_included(session: Session) -> None:
    upload(session, "included.png")
    query = Filter(filename="included.png") + Inclusion("variants", "owner")
    document = session.get("uploads", query)
    variants = document.resource.variants
    assert variants
    included = {each.id for each in document.included if each.type == "variants"}
    assert {each.id for each in variants} == included
    for variant in variants:
        assert all((variant.name, variant.fields.url, variant.width, variant.height))
    assert document.resource.owner.name == "Admin"


def test_a_sparse_upload_has_the_fields_it_asked_for(session: Session) -> None:
    created = upload(session, "sparse.png", alt="One")
    query = Filter(filename="sparse.png") + Modifier("fields[uploads]=filename,url")
    found = session.get("uploads", query).resource
    assert (found.filename, found.fields.url) == ("sparse.png", created.fields.url)
    assert (found.alt, found.size) == (None, None)


def test_a_changed_upload_keeps_what_it_did_not_change(session: Session) -> None:
    changed = upload(session, "changed.png", alt="One")
    url = changed.fields.url
    changed.alt = "Changed"
    changed.commit()
    changed.refresh()
    assert (changed.alt, changed.filename, changed.fields.url) == ("Changed", "changed.png", url)


def test_a_deleted_upload_is_gone(server: Server) -> None:
    async def delete() -> tuple[str, str]:
        # The synchronous session reads JSON from every answer, even from a 204.
        async with Session(f"{server.url}/v1", enable_async=True, **options(server)) as session:
            deleted = await session.create_and_commit("uploads", data=data_uri(PICTURE))
            addresses = deleted.url, deleted.fields.url
            deleted.delete()
            await deleted.commit()
            return addresses

    for address in asyncio.run(delete()):
        assert server.get(address)[0] == 404


def test_an_error_lands_on_the_data_field(session: Session) -> None:
    with pytest.raises(DocumentError, match="422") as raised:
        session.create_and_commit("uploads", data=data_uri(PAGE, "image/gif"))
    (error,) = raised.value.response.json()["errors"]
    assert error["source"] == {"pointer": "/data/attributes/data"}
    assert "not an image" in error["detail"]
