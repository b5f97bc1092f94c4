"""Make the fixture with a real Strapi: `python -m tests.import_sources.strapi.make`."""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.install import node_headers
from tests.import_sources.http import Client, wait_for
from tests.import_sources.pictures import ODD_NAME, pictures
from tests.import_sources.record import empty, write_answers, write_database
from tests.ports import free_port
from tests.processes import start

_HERE = Path(__file__).parent
_TABLES = ("files", "upload_folders", "files_folder_lnk", "files_related_mph", "admin_users")
_PASSWORD = "Of-a-test-0nly"  # noqa: S105 - and of nothing else
# Strapi 5 refuses some characters that it took before.
_ODD_NAME = ODD_NAME.replace("%", "percent")


@contextmanager
def running_strapi(folder: Path, packages: Path) -> Iterator[Client]:
    """Run Strapi on an SQLite database and a folder, and return a client of its first admin.

    Args:
        folder: for the application, its `data.db` and `public/uploads`.
        packages: the folder in which npm installed it.
    """
    shutil.copytree(_HERE / "app", folder, dirs_exist_ok=True)
    (folder / "public/uploads").mkdir(parents=True)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    port = free_port()
    environ = os.environ | {
        "PORT": str(port),
        "NODE_ENV": "production",
        "STRAPI_TELEMETRY_DISABLED": "true",
    }
    with (folder / "log").open("wb") as log:
        server = start(
            ["node", "node_modules/@strapi/strapi/bin/strapi.js", "start"],
            stdout=log, stderr=log, cwd=folder, env=environ,
        )  # fmt: skip
        try:
            client = Client(port)
            wait_for(partial(client.ask, "GET", "/_health"), lambda: server.poll() is None)
            client.token = _make_user(
                client, "register-admin", "ada@example.org", "Ada", "Lovelace"
            )
            yield client
        finally:
            server.terminate()
            server.wait(30)


def _make_user(client: Client, way: str, email: str, first: str, last: str) -> str:
    document = {"email": email, "firstname": first, "lastname": last, "password": _PASSWORD}
    token: str = client.send("POST", f"/admin/{way}", document)["data"]["token"]
    return token


def fill_strapi(client: Client) -> dict[str, dict[str, Any]]:
    """Make a second admin, a folder and files; return Strapi's records of the files by name."""
    roles = client.send("GET", "/admin/roles")["data"]
    bob = {"email": "bob@example.org", "firstname": "Bob", "roles": [roles[0]["id"]]}
    invited = client.send("POST", "/admin/users", bob)["data"]
    accepted = {
        "registrationToken": invited["registrationToken"],
        "userInfo": {"firstname": "Bob", "lastname": "B", "password": _PASSWORD},
    }
    second = Client(client.port, client.send("POST", "/admin/register", accepted)["data"]["token"])
    folder = client.send("POST", "/upload/folders", {"name": "Stage", "parent": None})["data"]["id"]
    texts = {
        "stage.jpg": {"alternativeText": "The main stage at night", "folder": folder},
        _ODD_NAME: {"alternativeText": "Ein „schöner“ Text", "caption": "Unter dem Bild"},
    }
    found = {}
    for name, content in pictures().items():
        title = _ODD_NAME if name == ODD_NAME else name
        info = json.dumps({"name": title, **texts.get(title, {})})
        by = second if name == "wave.gif" else client
        (found[title],) = by.send_form("/upload", {"fileInfo": info}, "files", title, content)
    return found


def ask_addresses(client: Client, files: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Ask for the files and their smaller images without a token; return the file behind each."""
    public = Client(client.port)
    asked = {each["url"]: name for name, each in files.items()}
    for name, each in files.items():
        asked |= {found["url"]: name for found in (each["formats"] or {}).values()}
    for address in asked:
        assert public.ask("GET", address), address
    return asked


def _install(folder: Path) -> Path:
    shutil.copy(_HERE / "app/package.json", folder)
    npm = ("npm", "install", "--no-audit", "--no-fund", "--loglevel", "error")
    subprocess.run(npm, check=True, cwd=folder, env=os.environ | node_headers())  # noqa: S603 - npm
    return folder


def main() -> None:
    """Run Strapi, fill it, and keep what the tests need."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, help="where it is installed already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, packages = Path(name, "application"), Path(name, "packages")
        packages.mkdir()
        with running_strapi(folder, options.packages or _install(packages)) as client:
            files = fill_strapi(client)
            answers = ask_addresses(client, files)
        target = empty(_HERE / "5")
        write_database(folder / "data.db", target / "database.sql", _TABLES)
        write_answers(target / "answers.json", answers)
        (target / "uploads").mkdir()
        for each in files.values():
            # Its smaller images are not imported.
            path = folder / "public" / each["url"].lstrip("/")
            if each["name"] != "lost.png":
                shutil.copyfile(path, target / "uploads" / path.name)


if __name__ == "__main__":
    main()
