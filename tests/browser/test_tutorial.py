"""Go through the tutorial as a newcomer: in an empty folder, by its own commands."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.documentation import ROOT, Shell, blocks
from tests.ports import free_port
from tests.processes import start

pytestmark = [pytest.mark.server, pytest.mark.slow]

PAGE = ROOT / "docs/tutorial/index.md"
BLOCKS = blocks(PAGE)
START, TOKEN, *SENDING = [block.text for block in BLOCKS if block.language == "sh"]
NPX = next(number for number, text in enumerate(SENDING) if text.startswith("npx"))

# What is fetched from elsewhere is here already: pip gives the new environment the packages of this
# interpreter, and the server gets a port that is free.
_STAND_INS = r"""
pip() {
  [ "$*" = "install open-event-uploads" ]
  python3 -c 'import site, sysconfig; print(sysconfig.get_path("purelib"))' > "$RECORDS/purelib"
  echo "$PACKAGES" > "$(cat "$RECORDS/purelib")/packages.pth"
}
open-event-uploads() {
  [ "$1" != serve ] || set -- serve --port "$PORT"
  command open-event-uploads "$@"
}
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has started the server in one terminal, and has another one.

    Args:
        shell: of the second terminal.
        printed: by the server when it started.
    """

    shell: Shell
    printed: str


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("newcomer")
    port = free_port()
    packages = str(Path(pytest.__file__).parents[1])
    environment = {"PORT": str(port), "PACKAGES": f"{packages}\n{ROOT}", "TMPDIR": str(folder)}
    shell = Shell(folder, f"127.0.0.1:{port}", environment, _STAND_INS)
    log = folder / "server.log"
    with log.open("w") as printed:
        process = start(
            ["/bin/bash", "-c", shell.script(START)],
            cwd=folder,
            env=shell.variables(),
            stdout=printed,
            stderr=printed,
        )
    try:
        wait_for(shell.address, log)
        yield Newcomer(shell, log.read_text("utf-8"))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def wait_for(address: str, log: Path) -> None:
    for _ in range(600):
        try:
            urlopen(f"http://{address}/v1").close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text("utf-8"))


def shown(language: str) -> list[str]:
    return [block.text for block in BLOCKS if block.language == language]


def test_the_first_start_prints_what_the_page_shows(newcomer: Newcomer) -> None:
    (expected,) = shown("console")
    for line in filter(None, expected.splitlines()):
        # A secret is shown by its beginning.
        beginning = newcomer.shell.for_here(line).partition("…")[0]
        assert beginning in newcomer.printed, line


def test_a_picture_is_stored_and_a_text_that_claims_to_be_one_is_refused(
    newcomer: Newcomer,
) -> None:
    done = newcomer.shell.run("\n".join([TOKEN, *SENDING[:NPX]]))
    assert done.returncode == 0, done.stderr
    (status, sent), (refused, error) = newcomer.shell.answers()
    assert (status, refused) == (201, 422)
    attributes, problem = (json.loads(text) for text in shown("json"))
    for name, value in attributes.items():
        if name != "url":
            assert json.dumps({name: value})[1:-1].replace(": ", ":") in sent
    assert re.search(r'"url":"http://[^"]+/media/[0-9a-f-]{36}\.png"', sent)
    for name, value in problem["errors"][0].items():
        assert f'"{name}":"{value}"' in error
