"""Each example of the pages about the JavaScript client is checked, and run where it can be."""

import re
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.documentation import ROOT, SHOWN_ADDRESS, blocks
from tests.images import landscape
from tests.js_client import JS_CLIENT, build_js_client
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

OPTIONS = ["--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"]
# All that the examples use of Node.
NODE = "declare module 'node:fs' { export function openAsBlob(path: string): Promise<Blob>; }\n"

PRINTED = [
    r"(\d+ %\n)+\S+ http://\S+\.jpg 1200 800\n(\S+ http://\S+\n)+",
    r"http://\S+\.jpg\n",
    r"AbortError\n",
    r"((stage|upload)\.jpg\n)+",
    r"The main stage http://\S+\.jpg\n",
    r"http://\S+private\S+ http://\S+private/variants/\S+ \S+Z\n",
    r"401 Email or password is wrong\.\n",
    r"422 unsupported-file-type .*not an image.*\nAt the file: The .*\nAt the description: \n",
]


def examples(page: str) -> list[str]:
    return [block.text for block in blocks(ROOT / "docs/how-to" / page) if block.language == "ts"]


HEADER, *EXAMPLES = examples("js-client.md")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that depends on the client."""
    build_js_client()
    folder = tmp_path_factory.mktemp("project")
    (folder / "node_modules").mkdir()
    (folder / "node_modules/open-event-uploads").symlink_to(JS_CLIENT)
    (folder / "node.d.ts").write_text(NODE)
    (folder / "stage.jpg").write_bytes(landscape("#aaccee", "#ffcc00"))
    return folder


def compile_scripts(project: Path, *scripts: str) -> None:
    """Check types, and write each `.mts` as JavaScript beside it."""
    command = [build_js_client(), str(JS_CLIENT / "node_modules/typescript/bin/tsc")]
    run_command(*command, *OPTIONS, "node.d.ts", *scripts, cwd=project)


@pytest.fixture(scope="module")
def compiled(project: Path, server: Server) -> Path:
    assert len(EXAMPLES) == len(PRINTED)
    for number, example in enumerate(EXAMPLES):
        program = (HEADER + example).replace(SHOWN_ADDRESS, server.address)
        (project / f"{number}.mts").write_text(program.replace("oeu_…", server.token))
    compile_scripts(project, *(f"{number}.mts" for number in range(len(EXAMPLES))))
    return project


@pytest.mark.parametrize("number", range(len(PRINTED)))
def test_an_example_runs_and_prints_what_it_says(compiled: Path, number: int) -> None:
    ended = run_command(build_js_client(), f"{number}.mjs", cwd=compiled)
    assert re.fullmatch(PRINTED[number], ended.stdout), ended.stdout


def test_the_types_of_the_element_are_those_of_its_page(project: Path) -> None:
    found = examples("upload-element.md")
    assert len(found) == 2
    for number, example in enumerate(found):
        (project / f"element{number}.mts").write_text(example)
    compile_scripts(project, *(f"element{number}.mts" for number in range(len(found))))
