"""Ember Data in an Ember application, with its stock JSON:API adapter and serializer."""

import pytest

from tests.clients.conftest import PICTURE, Play, Steps
from tests.documents import data_uri
from tests.server import Server

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def steps(play: Play) -> Steps:
    # The builds for content delivery networks are complete modules: no bundler is needed.
    return play("ember_data.mjs", "-C", "unpkg-deprecated", "--import", "./ember_modules.mjs")


def test_a_saved_record_has_a_url_that_shows_the_picture(steps: Steps) -> None:
    created = steps["create"]
    assert created["shown"] == data_uri(PICTURE)
    assert (created["filename"], created["alt"]) == ("one.png", "One")
    assert (created["mediaType"], created["size"]) == ("image/png", len(PICTURE))
    assert created["createdAt"].endswith("Z")


def test_next_links_lead_through_every_page(steps: Steps) -> None:
    assert steps["pages"] == [["One", "Two"], ["Three", "Four"], ["Five"]]


def test_included_variants_and_owner_are_there_without_another_request(steps: Steps) -> None:
    included = steps["include"]
    assert included["variants"]
    for variant in included["variants"]:
        assert all(variant[name] for name in ("id", "name", "url", "width", "height", "mediaType"))
    assert included["owner"] == "Admin"


def test_variants_and_owner_load_by_their_links(steps: Steps) -> None:
    included = {variant["id"] for variant in steps["include"]["variants"]}
    assert set(steps["related"]["variants"]) == included
    assert steps["related"]["owner"] == "Admin"


def test_a_sparse_record_has_the_fields_it_asked_for(steps: Steps) -> None:
    assert steps["sparse"] == {"filename": "one.png", "url": steps["create"]["url"]}


def test_saving_a_sparse_record_changes_nothing_but_what_was_changed(steps: Steps) -> None:
    created = steps["create"]
    assert steps["patch"] == {
        "id": created["id"],
        "filename": "one.png",
        "alt": "Changed",
        "url": created["url"],
        "size": created["size"],
    }


def test_a_destroyed_record_is_gone(steps: Steps, server: Server) -> None:
    assert steps["delete"] == {"isDeleted": True, "isSaving": False}
    assert server.get(f"/v1/uploads/{steps['create']['id']}")[0] == 404
    assert server.get(steps["create"]["url"])[0] == 404


def test_an_error_lands_on_the_data_field(steps: Steps) -> None:
    refused = steps["refuse"]
    assert (refused["invalid"], refused["isValid"]) == (True, False)
    assert refused["attributes"] == ["data"]
    assert "not an image" in refused["messages"][0]


def test_a_record_with_a_lease_is_claimed(steps: Steps) -> None:
    claimed = steps["claim"]
    assert claimed["before"] == claimed["wished"]
    assert claimed["after"] is None
    assert claimed["shown"] == data_uri(PICTURE)
