"""WarpDrive with its own JSON:API cache and request builders."""

import pytest

from tests.clients.conftest import PICTURE, Play, Steps
from tests.documents import data_uri
from tests.server import Server

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def steps(play: Play) -> Steps:
    return play("warp_drive.mjs", "-C", "unpkg")


def test_a_created_upload_has_a_url_that_shows_the_picture(steps: Steps) -> None:
    created = steps["create"]
    assert created["shown"] == data_uri(PICTURE)
    assert (created["filename"], created["alt"]) == ("one.png", "One")
    assert (created["mediaType"], created["size"]) == ("image/png", len(PICTURE))


def test_next_links_lead_through_every_page(steps: Steps) -> None:
    assert steps["pages"] == [["One", "Two"], ["Three", "Four"], ["Five"]]


def test_variants_and_owner_are_included(steps: Steps) -> None:
    included = steps["include"]
    assert included["variants"]
    for variant in included["variants"]:
        assert all(variant[name] for name in ("id", "name", "url", "width", "height", "mediaType"))
    assert included["owner"]["name"] == "Admin"


def test_a_sparse_upload_has_the_fields_it_asked_for(steps: Steps) -> None:
    assert steps["sparse"] == {"filename": "one.png", "url": steps["create"]["url"]}


def test_a_changed_record_keeps_what_it_did_not_change(steps: Steps) -> None:
    created = steps["create"]
    assert steps["patch"] == {
        "id": created["id"],
        "filename": "one.png",
        "alt": "Changed",
        "url": created["url"],
        "size": created["size"],
    }


def test_a_deleted_record_is_gone(steps: Steps, server: Server) -> None:
    assert steps["delete"] == {"status": 204}
    assert server.get(f"/v1/uploads/{steps['create']['id']}")[0] == 404
    assert server.get(steps["create"]["url"])[0] == 404


def test_an_error_lands_on_the_data_field(steps: Steps) -> None:
    (error,) = steps["refuse"]["errors"]
    assert steps["refuse"]["status"] == 422
    assert error["source"] == {"pointer": "/data/attributes/data"}
    assert "not an image" in error["detail"]
