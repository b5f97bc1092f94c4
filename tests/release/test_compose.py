"""The compose files: of the right form, and their settings work with real servers."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from open_event_uploads import __version__
from open_event_uploads.settings import Settings
from tests.commands import run_command
from tests.documents import COLLECTION, JSON_API, encode_upload
from tests.images import picture
from tests.machine import node_with_packages, redis_server
from tests.postgres import PostgresServer, database_name
from tests.redis import RedisServer
from tests.release.packages import ROOT
from tests.s3 import BUCKET, CREDENTIALS, STORAGE_PAGE, S3Server
from tests.server import Server, manage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.default_stack("they name their own databases and storages"),
]

DEPLOY = ROOT / "deploy"
FILES = sorted(DEPLOY.glob("compose*.yaml"))
LINTER = ROOT / "tests/release/node"
# Orders of keys are a matter of taste; the schema's own rules stay.
TASTE = [
    "require-quotes-in-ports",
    "service-keys-order",
    "services-alphabetical-order",
    "top-level-properties-order",
]
SECRETS = {
    "POSTGRES_PASSWORD": "a-password",
    "S3_SECRET_KEY": "a-secret-of-the-storage",
    "UPLOADS_SECRET_KEY": "a-secret-that-is-long-enough-to-sign",
}

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def read(path: Path) -> dict[str, Any]:
    """Return a compose file with the secrets filled in, as Docker Compose does."""
    text = re.sub(
        r"\$\{(\w+)(?::\?[^}]*|:-([^}]*))\}",
        lambda match: SECRETS.get(match[1]) or match[2],
        path.read_text(),
    )
    found: dict[str, Any] = yaml.safe_load(text)
    return found


CLUSTER = read(DEPLOY / "compose.cluster.yaml")


@every_file
def test_it_has_the_form_that_docker_compose_reads(path: Path) -> None:
    node = node_with_packages(LINTER)
    program = LINTER / "node_modules/dclint/bin/dclint.cjs"
    run_command(node, program, path, "--max-warnings", "0", "--disable-rule", *TASTE)


@every_file
def test_it_runs_this_version_with_the_settings_of_the_table(path: Path) -> None:
    services = read(path)["services"]
    ours = [each for each in services.values() if "open-event-uploads" in each["image"]]
    assert {each["image"] for each in ours} == {f"open-event-uploads:{__version__}"}
    known = {f"UPLOADS_{name.upper()}" for name in Settings.model_fields}
    for each in ours:
        assert each["env_file"] == "settings.env"
        assert (each["read_only"], each["cap_drop"]) == (True, ["ALL"])
        settings = each.get("environment", {}).keys()
        assert {name for name in settings if name.startswith("UPLOADS_")} <= known


@every_file
def test_nothing_listens_to_other_machines_by_itself(path: Path) -> None:
    for service in read(path)["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_the_storage_flushes_what_it_acknowledges() -> None:
    page = STORAGE_PAGE.read_text()
    filer = (DEPLOY / "seaweedfs/filer.toml").read_text().partition("\n")[2]
    assert textwrap.indent(f"```toml\n{filer}```", "    ") in page
    setup = CLUSTER["configs"]["seaweedfs-setup"]["content"].splitlines()
    assert setup[1] in page
    assert f"s3.bucket.create -name {BUCKET}" in setup


@pytest.fixture
def environment(
    tmp_path: Path, s3_server: S3Server, postgres: PostgresServer
) -> Iterator[dict[str, str]]:
    """The variables of the servers, with the addresses of the services that run here."""
    redis = RedisServer(redis_server(), tmp_path)
    database = database_name("compose")
    postgres.create(database)
    variables = CLUSTER["services"]["uploads"]["environment"] | CREDENTIALS
    addresses = {
        "postgresql://uploads:a-password@postgres/uploads": postgres.url_with(
            postgres.password, database
        ),
        "http://storage:8333": s3_server.endpoint,
        "redis://redis:6379/0": redis.url,
    }
    for there, here in addresses.items():
        (name,) = (each for each, value in variables.items() if there in value)
        variables[name] = variables[name].replace(there, here)
    yield variables
    redis.stop()
    postgres.drop(database)


@pytest.mark.server
def test_the_settings_of_the_cluster_work_with_real_services(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command = CLUSTER["services"]["migrate"]["command"]
    assert manage(tmp_path, *command).returncode == 0
    created = manage(tmp_path, "token", "create", "--role", "member")
    settings = {
        name.removeprefix("UPLOADS_").lower(): value
        for name, value in environment.items()
        if name.startswith("UPLOADS_")
    }
    server = Server(tmp_path, **settings)
    try:
        token = {"Authorization": f"Bearer {created.stdout.strip()}"}
        sent = encode_upload(picture())
        answer = server.exchange("POST", COLLECTION, sent, JSON_API, token)
        assert answer.status == 201, answer.content
        assert server.exchange("GET", "/health/ready", headers=token).status == 200
    finally:
        server.stop()
