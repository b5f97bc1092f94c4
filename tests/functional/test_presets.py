"""The named sizes, and what is made of them."""

import io
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from open_event_uploads.cli.presets import presets_command
from open_event_uploads.cli.variants import variants_command
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.variants import make as make_variant
from open_event_uploads.variants.preset_cache import current_presets
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, only_error, path_of, upload
from tests.images import picture
from tests.stored import StoredFiles

UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
Presets = Callable[..., str]


@pytest.fixture
def presets(app: Flask) -> Presets:
    """Run `manage.py presets`, and forget what was known of them."""

    def run(*arguments: str) -> str:
        result = app.test_cli_runner().invoke(presets_command, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        with app.app_context():
            current_presets(fresh=True)
        return result.output

    return run


def variants(client: FlaskClient, resource: dict[str, Any]) -> dict[str, dict[str, Any]]:
    body = client.get(f"{COLLECTION}/{resource['id']}/variants").json
    return {each["attributes"]["name"]: each["attributes"] for each in body["data"]}  # type: ignore[index]  # it has a body


def opened(client: FlaskClient, attributes: dict[str, Any]) -> Image.Image:
    response = client.get(path_of(attributes["url"]))
    assert response.status_code == 200, response.text
    assert response.content_type == attributes["media-type"]
    image = Image.open(io.BytesIO(response.data))
    image.load()
    assert image.size == (attributes["width"], attributes["height"])
    return image


def test_the_sizes_of_the_open_event_server_are_there(client: FlaskClient) -> None:
    body = client.get("/v1/presets").json
    found = {
        each["attributes"]["name"]: (each["attributes"]["width"], each["attributes"]["height"])
        for each in body["data"]  # type: ignore[index]  # it has a body
    }
    assert found == {
        "icon": (75, None),
        "icon-square": (35, 35),
        "large": (1300, None),
        "small": (50, 50),
        "thumbnail": (500, None),
        "thumbnail-square": (500, 500),
    }
    assert list(found) == sorted(found)


def sent(client: FlaskClient, method: str, address: str, **attributes: object) -> TestResponse:
    id_ = {"id": address.rpartition("/")[2]} if method == "PATCH" else {}
    body = {"data": {"type": "presets", **id_, "attributes": attributes}}
    return client.open(address, method=method, json=body, content_type=JSON_API)


def test_a_preset_is_a_resource(client: FlaskClient) -> None:
    one = client.get("/v1/presets?filter[name]=icon").json["data"][0]  # type: ignore[index]  # it has a body
    address = path_of(one["links"]["self"])
    assert client.get(address).json["data"] == one  # type: ignore[index]  # it has a body
    assert one["attributes"]["fit"] == "inside"
    assert client.get(f"/v1/presets/{UNKNOWN}").status_code == 404


def test_an_admin_makes_changes_and_deletes_one(client: FlaskClient) -> None:
    values = {"name": "banner", "width": 120, "height": 40, "fit": "cover", "focal-y": 0.3}
    made = sent(client, "POST", "/v1/presets", **values)
    assert made.status_code == 201, made.text
    address = path_of(made.headers["Location"])
    attributes = made.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert attributes == {**values, "focal-x": 0.5, "format": "webp", "quality": 80}
    before = variants(client, upload(client, picture(size=(600, 400))))["banner"]["url"]
    changed = sent(client, "PATCH", address, quality=50, **{"focal-y": None})
    assert changed.json["data"]["attributes"] == {**attributes, "quality": 50}  # type: ignore[index]  # it has a body
    assert before not in client.get("/v1/uploads?include=variants").text
    stale = client.delete(address, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert client.delete(address, headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({}, "/data/attributes"),
        ({"name": "icon", "width": 9}, "/data/attributes/name"),
        ({"name": "Not a name", "width": 9}, "/data/attributes"),
        ({"name": "a"}, "/data/attributes"),
        ({"name": "a", "width": 0}, "/data/attributes"),
        ({"name": "a", "width": "9"}, "/data/attributes/width"),
        ({"name": "a", "width": 9, "fit": "cover"}, "/data/attributes"),
        ({"name": "a", "width": 9, "fit": "stretch"}, "/data/attributes/fit"),
        ({"name": "a", "width": 9, "format": "tiff"}, "/data/attributes/format"),
        ({"name": "a", "width": 9, "quality": 101}, "/data/attributes"),
        ({"name": "a", "width": 9, "focal-x": 7}, "/data/attributes"),
        ({"name": 7, "width": 9}, "/data/attributes/name"),
    ],
)
def test_one_that_makes_no_sense_is_refused(
    client: FlaskClient, attributes: dict[str, object], pointer: str
) -> None:
    error = only_error(sent(client, "POST", "/v1/presets", **attributes))
    assert (error["status"], error["source"]["pointer"]) == ("422", pointer)


def test_every_variant_is_what_it_says(client: FlaskClient) -> None:
    resource = upload(client, picture("JPEG", (1600, 900)))
    sizes = {
        name: opened(client, attributes).size
        for name, attributes in variants(client, resource).items()
    }
    assert sizes == {
        "icon": (75, 42),
        "icon-square": (35, 35),
        "large": (1300, 731),
        "small": (50, 50),
        "thumbnail": (500, 281),
        "thumbnail-square": (500, 500),
    }


@pytest.mark.parametrize(
    ("fit", "expected"),
    [
        ("inside", {(200, 100): (40, 20), (20, 10): (20, 10)}),
        ("cover", {(200, 100): (40, 40), (20, 10): (10, 10)}),
        ("contain", {(200, 100): (40, 40), (20, 10): (20, 20)}),
        ("fill", {(200, 100): (40, 40), (20, 10): (20, 10)}),
    ],
)
@pytest.mark.parametrize("encoding", ["webp", "jpeg", "png", "avif", "same"])
def test_each_fit_in_each_format(
    client: FlaskClient,
    presets: Presets,
    fit: str,
    expected: dict[tuple[int, int], tuple[int, int]],
    encoding: str,
) -> None:
    presets("create", "mine", "--width=40", "--height=40", f"--fit={fit}", f"--format={encoding}")
    for original, size in expected.items():
        resource = upload(client, picture("PNG", original, colour="red"))
        image = opened(client, variants(client, resource)["mine"])
        assert image.size == size
        assert image.format == ("PNG" if encoding == "same" else encoding.upper())
        red, green, blue = image.convert("RGB").getpixel((image.width // 2, image.height // 2))  # type: ignore[misc]  # three bands
        assert (red > 240, green < 15, blue < 15) == (True, True, True)


def test_a_focal_point_decides_what_is_kept(client: FlaskClient, presets: Presets) -> None:
    stream = io.BytesIO()
    image = Image.new("RGB", (300, 100), "blue")
    image.paste("red", (0, 0, 150, 100))
    image.save(stream, "PNG")
    resource = upload(client, stream.getvalue())
    for x, colour in ((0, (255, 0, 0)), (1, (0, 0, 255))):
        name = f"at-{x}"
        presets(
            *("create", name, "--width=50", "--height=50", "--fit=cover", "--format=png"),
            f"--focal-x={x}",
        )
        found = opened(client, variants(client, resource)[name])
        assert found.convert("RGB").getpixel((25, 25)) == colour


def test_a_changed_preset_has_another_address_and_the_old_one_its_bytes(
    client: FlaskClient, presets: Presets
) -> None:
    resource = upload(client, picture(size=(900, 900)))
    before = variants(client, resource)["thumbnail"]
    made = client.get(path_of(before["url"])).data
    presets("update", "thumbnail", "--width=100")
    after = variants(client, resource)["thumbnail"]
    assert after["url"] != before["url"]
    assert opened(client, after).size == (100, 100)
    assert client.get(path_of(before["url"])).data == made
    presets("update", "icon", "--quality=1")
    presets("delete", "large", "--yes")
    assert "large" not in variants(client, resource)
    assert client.get(f"/v1/variants/{resource['id']}-large").status_code == 404


def test_an_animation_stays_one(client: FlaskClient) -> None:
    frames = [Image.new("RGB", (160, 160), colour) for colour in ("red", "lime", "blue", "white")]
    stream = io.BytesIO()
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], duration=[20, 30, 40, 50], loop=0
    )
    resource = upload(client, stream.getvalue())
    image = opened(client, variants(client, resource)["icon"])
    assert getattr(image, "n_frames", 1) == 4
    durations = []
    for number in range(4):
        image.seek(number)
        image.load()
        durations.append(image.info["duration"])
    assert durations == [20, 30, 40, 50]
    assert image.info["loop"] == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["create", "mine"], "needs a width or a height"),
        (["create", "icon", "--width=5"], "There is already a preset named icon"),
        (["create", "Mine", "--width=5"], "lower-case letters"),
        (["create", "x" * 41, "--width=5"], "between 1 and 40; got 41"),
        (["create", "mine", "--width=0"], "between 1 and 10000; got 0"),
        (["create", "mine", "--width=5", "--fit=cover"], "both width and height"),
        (["create", "mine", "--width=5", "--quality=0"], "between 1 and 100; got 0"),
        (["create", "mine", "--width=5", "--focal-x=2"], "between 0 and 1"),
        (["create", "mine", "--width=5", "--focal-x=nan"], "between 0 and 1"),
        (["update", "nothing", "--width=5"], "There is no preset named nothing"),
        (["delete", "nothing", "--yes"], "There is no preset named nothing"),
    ],
)
def test_a_preset_that_makes_no_sense(app: Flask, arguments: list[str], reason: str) -> None:
    result = app.test_cli_runner().invoke(presets_command, arguments)
    assert reason in str(result.exception)
    with app.app_context():
        assert len(current_presets(fresh=True)) == 6


def test_presets_are_listed_for_people_and_for_programs(presets: Presets) -> None:
    assert "thumbnail-square: cover 500 x 500, webp 80" in presets("list").splitlines()
    lines = [json.loads(line) for line in presets("list", "--json").splitlines()]
    assert {each["name"] for each in lines} >= {"icon", "large"}
    assert lines[0]["format"] == "webp"


def test_variants_are_made_ahead(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    for n in range(3):
        upload(client, picture(size=(20 + n, 20)))
    run = app.test_cli_runner().invoke
    assert json.loads(run(variants_command, ["warm", "--json"]).stdout) == {
        "uploads": 3,
        "made": 18,
        "failed": 0,
    }
    assert len(stored_files()) == 3 + 18
    assert "0 variants made" in run(variants_command, ["warm"]).stdout


def test_variants_may_be_made_at_upload(make_app: AppFactory, stored_files: StoredFiles) -> None:
    client = make_app(variants="eager").test_client()
    resource = upload(client, picture(size=(600, 600)))
    assert len(stored_files()) == 7
    assert client.delete(f"{COLLECTION}/{resource['id']}").status_code == 204
    assert stored_files() == []


def test_only_so_many_are_under_way(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = variants(client, upload(client, picture(size=(600, 600))))
    url, other = (path_of(found[name]["url"]) for name in ("icon", "small"))
    monkeypatch.setattr(make_variant, "MAX_IN_PROGRESS", 1)
    arrived, go_on = threading.Event(), threading.Event()

    render = DECODERS.render

    def wait(*arguments: Any) -> bytes:  # noqa: ANN401 - render's own
        arrived.set()
        assert go_on.wait(20)
        return render(*arguments)

    monkeypatch.setattr(DECODERS, "render", wait)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(app.test_client().get(url).status_code))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    assert arrived.wait(20)
    busy = client.get(other)
    go_on.set()
    for thread in threads:
        thread.join()
    assert (busy.status_code, only_error(busy)["code"]) == (503, "variants-busy")
    assert busy.headers["Retry-After"] == "2"
    # However many want one picture, none of them is turned away.
    assert answers == [200] * 20
    assert client.get(other).status_code == 200
