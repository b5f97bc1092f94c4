"""`kill -9` in the middle of an import, again and again: another run completes it."""

import json
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.uploads.model import Upload
from tests.faults.deployment import Deployment
from tests.faults.operations import content_of
from tests.traffic import fresh_picture

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.default_stack("has one of its own")]

# After how many steps each run is killed; an upload has seven, an account two.
KILLED_AT = (1, 3, 9, 7, 10)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    found = Deployment(tmp_path, {})
    yield found
    found.close()


def test_every_record_comes_once_and_the_map_is_complete(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    twins = fresh_picture()
    contents = {f"{n}.png": twins if n < 2 else fresh_picture() for n in range(5)}
    lines = list[dict[str, str]]()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        entry = {"file": name, "id": str(uuid.uuid4()), "alt": f"Alt of {name}"}
        lines.append({**entry, "owner": f"{name[0]}@example.org"})
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    map_file, nginx_file = tmp_path / "map.jsonl", tmp_path / "redirects.conf"
    files = ("--map", str(map_file), "--nginx", str(nginx_file))
    command = ("import", str(folder), "--create-owners", *files)
    for step in KILLED_AT:
        with deployment.armed(str(step)):
            assert deployment.manage(*command) == -signal.SIGKILL
        assert not map_file.exists()
        assert deployment.problems() == []
    assert deployment.manage(*command) == 0
    with deployment.app.app_context():
        query = select(Upload.id, Upload.alt, User.email).join(User)
        assert {tuple(each) for each in db.session.execute(query)} == {
            (each["id"], each["alt"], each["owner"]) for each in lines
        }
        keys = {each.id: each.key for each in db.session.scalars(select(Upload))}
    found = [json.loads(line) for line in map_file.read_text().splitlines()]
    assert [each["old"] for each in found] == [f"/{name}" for name in contents]
    for line, pair in zip(lines, found, strict=True):
        assert content_of(deployment, line["id"]) == contents[line["file"]]
        assert pair["new"].endswith(f"/media/{keys[line['id']]}")
    assert nginx_file.read_text().count("location = ") == len(contents)
    deployment.sweep()
    assert deployment.orphans() == set()
    assert deployment.problems() == []
