"""`manage.py import --map` and `--nginx`: where old addresses of imported files lead."""

import csv
import json
import random
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.errors import OperatorError
from open_event_uploads.maintenance.address_map import AddressMap
from open_event_uploads.maintenance.nginx_redirects import NginxRedirects, normalize_path
from tests.documents import path_of
from tests.functional.test_import_and_export import run
from tests.images import picture
from tests.nginx import Nginx

OLD = "https://old.example.org/pictures"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "pictures"
    (found / "2026").mkdir(parents=True)
    (found / "2026" / "stage ä.png").write_bytes(picture())
    (found / "copy.png").write_bytes(picture())
    (found / "secret.gif").write_bytes(picture("GIF"))
    (found / "notes.txt").write_text("no picture")
    return found


def addresses(path: Path) -> dict[str, str]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {each["old"]: each["new"] for each in lines}


def test_the_map_has_every_file_that_is_here(
    app: Flask, client: FlaskClient, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "map.jsonl"
    assert run(app, "import", folder, "--map", file, "--base-url", f"{OLD}/")[0] == 1
    first = addresses(file)
    assert first.keys() == {
        f"{OLD}/2026/stage%20%C3%A4.png",
        f"{OLD}/copy.png",
        f"{OLD}/secret.gif",
    }
    for old, new in first.items():
        assert client.get(path_of(new)).data == picture("GIF" if old.endswith("gif") else "PNG")
    # Files that exist already are in the map of a later run, too.
    assert run(app, "import", folder, "--map", file, "--base-url", OLD)[1]["there"] == 3
    assert addresses(file) == first


def test_without_an_address_of_the_old_site_there_are_paths(
    app: Flask, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "map.csv"
    run(app, "import", folder, "--map", file)
    with file.open(newline="") as lines:
        head, *rows = csv.reader(lines)
    assert head == ["old", "new"]
    assert {old for old, _ in rows} == {"/2026/stage%20%C3%A4.png", "/copy.png", "/secret.gif"}


def test_a_dry_run_writes_no_files(app: Flask, folder: Path, tmp_path: Path) -> None:
    run(app, "import", folder, "--map", tmp_path / "m", "--nginx", tmp_path / "n", "--dry-run")
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == []


def test_nginx_redirects_to_the_imported_files(
    app: Flask, client: FlaskClient, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "redirects.conf"
    run(app, "import", folder, "--nginx", file, "--base-url", OLD)
    server = nginx_with(file, tmp_path)
    try:
        answer = server.ask("GET", "/pictures/2026/stage%20%C3%A4.png")
        assert answer.status == 301
        assert client.get(path_of(answer["Location"] or "")).data == picture()
        assert server.ask("GET", "/pictures/notes.txt").status == 404
    finally:
        server.stop()


def nginx_with(file: Path, folder: Path) -> Nginx:
    place = folder / "nginx"
    place.mkdir()
    return Nginx(place, f"server {{ listen {{address}}; root {place}; include {file}; }}")


def odd_addresses() -> list[str]:
    """Return paths that a person, a bad program or an attacker made, as browsers send them."""
    odd = [
        '"',
        "'",
        "\\",
        "$uri",
        "${host}",
        ";",
        "{",
        "}",
        "#",
        "?",
        " ",
        "\n",
        "\t",
        "ä",
        "%",
        "~",
    ]
    odd += [
        "%2F",
        "\x7f",
        "\xff",
        "a",
        "A",
        "..",
        ".",
        "//",
        "/",
        "b",
        "+",
        "&",
        "=",
        "*",
        "^",
        "|",
    ]
    chance = random.Random(6)  # noqa: S311 - for a test
    made = ["".join(chance.choices(odd, k=chance.randint(1, 9))) for _ in range(600)]
    texts = ["/" + quote(text, safe="/+&=~") for text in made]
    texts += ["/A.png", "/a.png", "/dir", "/dir/", "/a/../b.png", "/x%00y", "/" + "l" * 1400]
    texts += ["/" + "l" * n for n in (254, 255, 256)] + [
        f"{each}/{'k%0A.*' * 60}" for each in texts[:9]
    ]
    texts += ["/i.php?id=1", "/i.php?id=2", "/i.php?q=%22%5C%22&x=;%7D", "/j.php", "/j.php?id=1"]
    return [*texts, "/d.php?x=$y", "/" + "m" * 5000]


def test_nginx_finds_the_oddest_addresses(tmp_path: Path) -> None:
    file = tmp_path / "redirects.conf"
    writer = NginxRedirects(file)
    expected = dict[object, tuple[str, str]]()
    left_out = 0
    for number, old in enumerate(odd_addresses()):
        new = f"https://new.example.org/media/{number}.png"
        before = writer.left_out
        writer.add(old, new)
        if writer.left_out == before:
            path, _, query = old.partition("?")
            expected.setdefault((normalize_path(path), query), (old, new))
        else:
            left_out += 1
    writer.finish()
    writer.close()
    assert left_out < 40
    assert len(expected) > 500
    server = nginx_with(file, tmp_path)
    try:
        for old, new in expected.values():
            answer = server.ask("GET", old)
            assert (old, answer.status, answer["Location"]) == (old, 301, new)
        assert server.ask("GET", "/i.php?id=3").status == 404
        assert server.ask("GET", "/j.php?id=3")["Location"] == expected[(b"/j.php", "")][1]
    finally:
        server.stop()


def test_a_prefix_is_for_every_address_that_begins_with_it(tmp_path: Path) -> None:
    file = tmp_path / "redirects.conf"
    writer = NginxRedirects(file)
    new = "https://new.example.org/media/{}.png".format
    prefixes = [
        "/a/",
        "/a/b",
        '/"%20;}$uri/',
        "/caf%C3%A9",
        "/" + "l" * 250 + "/",
        "/" + "m.*" * 99,
    ]
    for number, old in enumerate(prefixes):
        writer.add(old, new(number), is_prefix=True)
    writer.add("/a/b", new("whole"))
    writer.add("/caf%C3%A9/au/lait", new(3))
    writer.add("/" + "m.*" * 99 + "x", new("long"))
    # A name that would take the place of another page.
    for old in ("/a/..", "/a/..%2F..%2F", "/a/%2e%2e/"):
        writer.add(old, new("no"), is_prefix=True)
        writer.add(old, new("no"))
    assert writer.left_out == 6
    writer.finish()
    writer.close()
    # Its prefix says it already.
    assert "lait" not in file.read_text()
    server = nginx_with(file, tmp_path)
    try:
        for number, old in enumerate(prefixes):
            for rest in ("c.png", "c/d.png?x=1", "%2Ac"):
                answer = server.ask("GET", f"{old}{rest}")
                assert (old, answer.status, answer["Location"]) == (old, 301, new(number))
        assert server.ask("GET", "/a/b")["Location"] == new("whole")
        assert server.ask("GET", "/caf%C3%A9/au/lait")["Location"] == new(3)
        assert server.ask("GET", "/" + "m.*" * 99 + "x")["Location"] == new("long")
        for other in ("/a", "/m.*", "/A/c.png", "/x"):
            assert server.ask("GET", other).status == 404
        assert server.ask("GET", "/")["Location"] is None
    finally:
        server.stop()


def test_addresses_of_other_sites_are_left_out(tmp_path: Path) -> None:
    writer = NginxRedirects(tmp_path / "redirects.conf", "https://old.example.org")
    for old in (
        "https://old.example.org/a.png",
        "http://OLD.example.org/b.png",
        "/c.png",
        "https://elsewhere.example.org/a.png",
        "https://old.example.org:8443/a.png",
        "https://[",
    ):
        writer.add(old, "https://new.example.org/media/a.png")
    writer.finish()
    writer.close()
    assert writer.left_out == 3
    assert (tmp_path / "redirects.conf").read_text().count("location = ") == 3


def test_an_interrupted_run_leaves_the_former_files(tmp_path: Path) -> None:
    for writer_of in (NginxRedirects, AddressMap):
        file = tmp_path / writer_of.__name__
        file.write_text("as it was")
        writer = writer_of(file)
        writer.add("/a.png", "https://new.example.org/media/a.png")
        writer.close()
        assert file.read_text() == "as it was"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--database", "sqlite:///x"], "--from folder does not use --database"),
        (["--base-url", "old.example.org"], "--base-url: expected an address"),
        (["--base-url", "https://user@old.example.org"], "--base-url: expected an address"),
        (["--base-url", "https://old.example.org/?a"], "--base-url: expected an address"),
        (["--base-url", "https://old:99999"], "--base-url: expected an address"),
        (["--base-url", "ftp://old"], "--base-url: expected an address"),
        (["--base-url", "https://"], "--base-url: expected an address"),
        (["--map", "/nowhere/map"], "--map, --nginx: the file cannot be written"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    app: Flask, folder: Path, options: list[str], reason: str
) -> None:
    with pytest.raises(OperatorError, match=reason):
        run(app, "import", folder, *options)


def test_a_source_names_what_it_needs(app: Flask) -> None:
    with pytest.raises(OperatorError, match="--from folder needs PATH"):
        run(app, "import")
