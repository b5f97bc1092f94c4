"""The npm package `open-event-uploads`: what it contains, and that a stranger can use it."""

import json
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from open_event_uploads import __version__
from tests.commands import run_command
from tests.images import picture
from tests.js_client import JS_CLIENT, build_js_client
from tests.machine import one_process_at_a_time
from tests.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.default_stack("packages are the same")]

PROGRAM = """
import { UploadsClient, UploadsError, type Upload } from 'open-event-uploads';

declare const process: { argv: string[] };
const [, , baseUrl = '', token = ''] = process.argv;
const client = new UploadsClient({ baseUrl, token });
const content = await (await fetch('data:image/png;base64,PICTURE')).blob();
const upload: Upload = await client.upload(content, { attributes: { alt: 'Packed' } });
// @ts-expect-error: there is no such attribute.
upload.unknown;
for await (const { alt } of client.list({ filter: { q: 'packed' } })) console.log(alt);
try {
  await client.get('nothing');
} catch (error) {
  console.log(error instanceof UploadsError && error.status);
}
console.log(import.meta.resolve('open-event-uploads/element').split('/').slice(-3).join('/'));
console.log(import.meta.resolve('open-event-uploads/oeu-upload.js').split('/').pop());
"""


def npm(*command: str, folder: Path) -> str:
    """Run npm to its end, and return what it prints."""
    path = shutil.which("npm")
    assert path
    return run_command(path, *command, cwd=folder).stdout


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What npm says of the archive that it packed, and the path of that."""
    build_js_client()
    folder = tmp_path_factory.mktemp("packed")
    with one_process_at_a_time(JS_CLIENT):
        printed = npm("pack", "--json", f"--pack-destination={folder}", folder=JS_CLIENT)
    described = json.loads(printed)
    found: dict[str, Any] = described[0] if isinstance(described, list) else described
    return {**found, "path": folder / found["filename"]}


def test_the_package_holds_what_runs_its_types_and_the_licence(packed: dict[str, Any]) -> None:
    names = {each["path"] for each in packed["files"]}
    outside = {each for each in names if not each.startswith("dist/")}
    assert outside == {"package.json", "README.md"}
    scripts = {each.removesuffix(".js") for each in names if each.endswith(".js")}
    types = {each.removesuffix(".d.ts") for each in names if each.endswith(".d.ts")}
    assert scripts - types == {"dist/oeu-upload"}
    assert types <= scripts
    assert {"dist/LICENSE", "dist/index.js", "dist/element/index.js"} <= names
    assert packed["version"] == __version__


def test_the_element_in_one_file_is_small(packed: dict[str, Any]) -> None:
    (size,) = [each["size"] for each in packed["files"] if each["path"] == "dist/oeu-upload.js"]
    assert size < 100_000


def test_a_stranger_installs_the_package_and_uploads(
    packed: dict[str, Any], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node = build_js_client()
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    npm("install", "--no-audit", "--no-fund", str(packed["path"]), folder=tmp_path)
    content = b64encode(picture()).decode()
    (tmp_path / "program.ts").write_text(PROGRAM.replace("PICTURE", content))
    compiler = str(JS_CLIENT / "node_modules/typescript/bin/tsc")
    options = ["--strict", "--module", "nodenext", "--target", "es2022"]
    run_command(node, compiler, *options, "--skipLibCheck", "program.ts", cwd=tmp_path)
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        ended = run_command(node, "program.js", server.url, server.token, cwd=tmp_path)
    finally:
        server.stop()
    assert ended.stdout.split() == ["Packed", "404", "dist/element/index.js", "oeu-upload.js"]
