"""Make the fixture with a real Directus: `python -m tests.import_sources.directus.make`.

README.md beside the package says which versions.
"""

import argparse
import os
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.install import install_node
from tests.import_sources.http import Client, wait_for
from tests.import_sources.pictures import ODD_NAME, pictures
from tests.import_sources.record import empty, write_answers, write_database
from tests.ports import free_port
from tests.processes import start

HERE = Path(__file__).parent
_TABLES = ("directus_files", "directus_folders", "directus_users", "directus_permissions")
_TABLES_11 = ("directus_policies", "directus_access")
_SETTINGS = ("directus_settings",)
_PASSWORD = "of a test only"  # noqa: S105 - and of nothing else


@contextmanager
def running_directus(folder: Path, packages: Path, node: str = "node") -> Iterator[Client]:
    """Run Directus on an SQLite database and a folder, and return a client of its admin.

    Args:
        folder: for `data.db` and `uploads`.
        packages: the folder in which npm installed it.
        node: the program that runs it.
    """
    program = packages / "node_modules/@directus/api/dist/cli/run.js"
    port, token = free_port(), secrets.token_hex(16)
    environ = os.environ | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET": secrets.token_hex(32),
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": str(folder / "data.db"),
        "STORAGE_LOCATIONS": "local",
        "STORAGE_LOCAL_ROOT": str(folder / "uploads"),
        "EXTENSIONS_PATH": str(folder / "extensions"),
        "ADMIN_EMAIL": "root@example.org",
        "ADMIN_PASSWORD": _PASSWORD,
        "ADMIN_TOKEN": token,
        "IMPORT_IP_DENY_LIST": "203.0.113.1",
        "TELEMETRY": "false",
    }
    with (folder / "log").open("wb") as log:
        output: dict[str, Any] = {"stdout": log, "stderr": log, "cwd": folder, "env": environ}
        subprocess.run([node, program, "bootstrap"], check=True, **output)  # noqa: S603 - Directus
        server = start([node, program, "start"], **output)
        try:
            client = Client(port, token)
            wait_for(partial(client.ask, "GET", "/server/ping"), lambda: server.poll() is None)
            yield client
        finally:
            server.terminate()
            server.wait(30)


def fill_directus(client: Client) -> dict[str, str]:
    """Make users, a folder, permissions and files; return the ids of the files by their titles."""
    ada = _make_user(client, "ada@example.org", "Ada", "Lovelace")
    drafts = client.send("POST", "/folders", {"name": "Drafts"})["data"]["id"]
    _let_the_public_see(
        client, {"_or": [{"folder": {"_neq": drafts}}, {"folder": {"_null": True}}]}
    )
    own = Client(client.port, ada)
    ids = {}
    for name, content in pictures().items():
        fields = {
            "title": f"Title of {name}",
            **({"folder": drafts} if name == "draft.png" else {}),
        }
        answer = (own if name == "stage.jpg" else client).send_form(
            "/files", fields, "file", name, content
        )
        ids[name] = answer["data"]["id"]
    client.send(
        "PATCH", f"/files/{ids['stage.jpg']}",
        {"description": "The main stage at night", "tags": ["stage", "night"]},
    )  # fmt: skip
    client.send(
        "PATCH", f"/files/{ids[ODD_NAME]}", {"title": "Ein „schöner“ Titel", "description": None}
    )
    client.send("PATCH", "/settings", {"storage_asset_presets": [_PRESET]})
    ids["from a URL"] = _import_from_a_url(client)
    return ids


_PRESET = {
    "key": "thumbnail", "fit": "contain", "width": 200, "height": 200, "quality": 80,
    "withoutEnlargement": True, "format": "jpg", "transforms": [],
}  # fmt: skip


def _make_user(client: Client, email: str, first: str, last: str) -> str:
    token = secrets.token_hex(16)
    roles = client.send("GET", "/roles?limit=1")["data"]
    document = {
        "email": email, "password": _PASSWORD, "first_name": first, "last_name": last,
        "role": roles[0]["id"], "token": token,
    }  # fmt: skip
    client.send("POST", "/users", document)
    return token


def _let_the_public_see(client: Client, rule: object) -> None:
    permission = {"collection": "directus_files", "action": "read", "fields": ["*"]}
    version = client.send("GET", "/server/info")["data"]["version"]
    if version.startswith("10."):
        client.send("POST", "/permissions", {**permission, "role": None, "permissions": rule})
        return
    policies = client.send("GET", "/policies?limit=-1&fields=id,name")["data"]
    public = next(each["id"] for each in policies if "public" in each["name"])
    # Directus 12 has rules only for those who pay for them.
    free = None if version.startswith("12.") else rule
    client.send("POST", "/permissions", {**permission, "policy": public, "permissions": free})


def _import_from_a_url(client: Client) -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "far.png").write_bytes(pictures()["draft.png"])
        handler = partial(SimpleHTTPRequestHandler, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as far:
            threading.Thread(target=far.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{far.server_address[1]}/far.png"
            found: str = client.send("POST", "/files/import", {"url": url})["data"]["id"]
            far.shutdown()
    return found


def ask_addresses(client: Client, ids: dict[str, str]) -> dict[str, str]:
    """Ask for files as a page would, without a token; return the file behind each address."""
    public = Client(client.port)
    stage, odd = ids["stage.jpg"], ids[ODD_NAME]
    asked = {
        f"/assets/{stage}": "stage.jpg",
        f"/assets/{stage}/stage.jpg": "stage.jpg",
        f"/assets/{stage}/any-other-name.jpg": "stage.jpg",
        f"/assets/{stage}.jpg": "stage.jpg",
        f"/assets/{stage}?width=100": "stage.jpg",
        f"/assets/{stage}?key=thumbnail": "stage.jpg",
        f"/assets/{odd}/{quote(ODD_NAME)}": ODD_NAME,
        f"/assets/{ids['hills.jpg']}?key=thumbnail": "hills.jpg",
    }
    for address in asked:
        assert public.ask("GET", address), address
    return asked


def main() -> None:
    """Run Directus, fill it, and keep what the tests need."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, help="where another version is installed")
    parser.add_argument("--node", default="node")
    parser.add_argument("--into", type=Path, default=HERE / "10")
    options = parser.parse_args()
    packages = options.packages or install_node("directus")
    is_new = options.into.name != "10"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_directus(folder, packages, options.node) as client:
            ids = fill_directus(client)
            answers = ask_addresses(client, ids)
        target = empty(options.into)
        tables = (*_TABLES, *(_TABLES_11 if is_new else ()), *_SETTINGS)
        write_database(folder / "data.db", target / "database.sql", tables)
        write_answers(target / "answers.json", answers)
        _keep_files(folder / "uploads", target / "uploads", ids["lost.png"])


def _keep_files(source: Path, target: Path, lost: str) -> None:
    target.mkdir()
    for each in sorted(source.iterdir()):
        # A name with `__` is of a thumbnail, which Directus makes again when it is asked for.
        if "__" not in each.name and not each.name.startswith(lost):
            (target / each.name).write_bytes(each.read_bytes())


if __name__ == "__main__":
    main()
