"""Begin each command that writes much, for a fault within it, and check the state afterwards."""

import hashlib
import json
import sqlite3
import uuid
from contextlib import closing

from sqlalchemy import select

from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.uploads.model import Upload
from tests.faults.deployment import Deployment
from tests.faults.operations import Attempt, content_of, finished, upload
from tests.traffic import fresh_picture


def import_files(deployment: Deployment) -> Attempt:
    """Import a folder of two pictures."""
    folder = deployment.folder / f"pictures-{uuid.uuid4()}"
    folder.mkdir()
    contents = {f"{uuid.uuid4()}.png": fresh_picture() for _ in range(2)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    command = ("import", str(folder))

    def check(found: Deployment, status: int | None) -> None:
        # An operator begins again, and it goes on where it was.
        assert status == 0 or found.manage(*command) == 0
        with found.app.app_context():
            query = select(Upload.filename, Upload.id).where(Upload.filename.in_(contents))
            ids = {each.filename: each.id for each in db.session.execute(query)}
        assert {name: content_of(found, id_) for name, id_ in ids.items()} == contents

    return Attempt(lambda: finished(deployment.manage(*command)), check, 0)


def export(deployment: Deployment) -> Attempt:
    """Export what there is into a folder beside it."""
    upload(deployment)
    name = f"export-{uuid.uuid4()}"

    def command(at: Deployment) -> tuple[str, str]:
        return "export", str(at.data_dir / name)

    def check(found: Deployment, status: int | None) -> None:
        assert status == 0 or found.manage(*command(found)) == 0
        folder = found.data_dir / name
        lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
        entries = [json.loads(each) for each in lines]
        assert {each["id"] for each in entries} == ids_of(found)
        for each in entries:
            digest = hashlib.sha256((folder / each["file"]).read_bytes()).hexdigest()
            assert each["checksum"] == f"sha256:{digest}"

    return Attempt(lambda: finished(deployment.manage(*command(deployment))), check, 0)


def move_database(deployment: Deployment) -> Attempt:
    """Move the database into a file beside it."""
    upload(deployment)
    name = f"moved-{uuid.uuid4()}.db"

    def command(at: Deployment) -> tuple[str, str, str]:
        return (
            "move-database",
            f"sqlite:///{at.data_dir}/uploads.db",
            f"sqlite:///{at.data_dir}/{name}",
        )

    def check(found: Deployment, status: int | None) -> None:
        if status == 0:
            with closing(sqlite3.connect(found.data_dir / name)) as moved:
                ids = {id_.replace("-", "") for (id_,) in moved.execute("SELECT id FROM uploads")}
            assert ids == {id_.replace("-", "") for id_ in ids_of(found)}
        # Copies what is missing, and compares every row.
        assert found.manage(*command(found)) == 0

    return Attempt(lambda: finished(deployment.manage(*command(deployment))), check, 0)


def create_user(deployment: Deployment) -> Attempt:
    email = f"{uuid.uuid4()}@example.org"

    def check(found: Deployment, status: int | None) -> None:
        with found.app.app_context():
            there = db.session.scalar(select(User.email).where(User.email == email))
        assert there == email or status is None

    command = ("users", "create", email, "--generate-password")
    return Attempt(lambda: finished(deployment.manage(*command)), check, 0)


def create_token(deployment: Deployment) -> Attempt:
    name = str(uuid.uuid4())

    def check(found: Deployment, status: int | None) -> None:
        with found.app.app_context():
            there = db.session.scalar(select(Token.name).where(Token.name == name))
        assert there == name or status is None

    command = ("token", "create", "--role", "member", "--name", name)
    return Attempt(lambda: finished(deployment.manage(*command)), check, 0)


def ids_of(deployment: Deployment) -> set[str]:
    """Return the ids of all uploads."""
    with deployment.app.app_context():
        return set(db.session.scalars(select(Upload.id)))
