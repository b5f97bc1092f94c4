"""Each example of the page about the Python client is run as it stands there."""

import re
import sys
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.documentation import ROOT, SHOWN_ADDRESS, blocks
from tests.images import landscape
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

PAGE = ROOT / "docs/how-to/python-client.md"
EXAMPLES = [block.text for block in blocks(PAGE) if block.language == "python"]

PRINTED = [
    r"\S+ http://\S+\.jpg 1200 800\n",
    r"(\d+ %\n)+http://\S+private\S+ http://\S+private/variants/\S+\n",
    r"http://\S+\.jpg\n",
    r"(\S+ \S+ \S+\.jpg\n)+(\S+ http://\S+\n)+",
    r"26214400\n401: Email or password is wrong. \(invalid-credentials\)\n",
    r"unsupported-file-type .*not an image.*\n",
    r"\['http://\S+', 'http://\S+', 'http://\S+'\]\n(\S+\.jpg\n)+",
]


@pytest.mark.parametrize("number", range(len(PRINTED)))
def test_an_example_runs_and_prints_what_it_says(
    server: Server, tmp_path: Path, number: int
) -> None:
    assert len(EXAMPLES) == len(PRINTED)
    (tmp_path / "stage.jpg").write_bytes(landscape("#aaccee", "#ffcc00"))
    program = EXAMPLES[number].replace(SHOWN_ADDRESS, server.address)
    ended = run_command(
        *(sys.executable, "-W", "error", "-c", program.replace("oeu_…", server.token)),
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "clients/python")},
    )
    assert re.fullmatch(PRINTED[number], ended.stdout), ended.stdout
