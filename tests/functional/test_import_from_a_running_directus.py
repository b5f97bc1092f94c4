"""Import from a Directus that runs meanwhile, where `UPLOADS_TEST_DIRECTUS` names an installed one.

npm needs minutes and half a gigabyte for it, so the other tests have what it made
(`tests/import_sources/README.md`).
"""

import json
import os
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.functional.test_import_and_export import run
from tests.functional.test_import_from_other_systems import covers, key_of, listed
from tests.import_sources.directus.make import ask_addresses, fill_directus, running_directus

_PACKAGES = os.environ.get("UPLOADS_TEST_DIRECTUS")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.default_stack("what differs is the database of the other system"),
    pytest.mark.skipif(not _PACKAGES, reason="UPLOADS_TEST_DIRECTUS names no installed Directus"),
]


def test_directus_may_run_meanwhile(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    folder, map_file = tmp_path / "directus", tmp_path / "map.jsonl"
    folder.mkdir()
    node = os.environ.get("UPLOADS_TEST_DIRECTUS_NODE", "node")
    with running_directus(folder, Path(_PACKAGES or ""), node) as directus:
        ids = fill_directus(directus)
        answers = ask_addresses(directus, ids)
        report = run(
            app, "import", "--from", "directus", "--create-owners", "--map", map_file,
            "--database", f"sqlite:///{folder}/data.db", "--files", folder / "uploads",
        )[1]  # fmt: skip
    # A drawing and a document are no images.
    assert (report["imported"], report["problems"]) == (len(ids) - 2, 2)
    keys = {name: key_of(each["attributes"]["url"]) for name, each in listed(client).items()}
    lines = [json.loads(line) for line in map_file.read_text("utf-8").splitlines()]
    for address, name in answers.items():
        new = {key_of(each["new"]) for each in lines if covers(each["old"], address)}
        assert new == {keys[name]}, address
