"""Each example of the page about the Python client is run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.images import landscape
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/python-client.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)

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
    program = EXAMPLES[number].replace("http://127.0.0.1:8000", server.url)
    ended = subprocess.run(  # noqa: S603 - our own page
        [sys.executable, "-W", "error", "-c", program.replace("oeu_…", server.token)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "clients/python")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(PRINTED[number], ended.stdout), ended.stdout
