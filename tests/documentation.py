"""The fenced blocks of the documentation, and a shell that runs those of them that are commands."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
# What pages call the server.
SHOWN_ADDRESS = "127.0.0.1:8000"

# What a reader does between commands: he sees the answers, and takes an id or an address from one.
# `pip` would fetch what is here already; what it is given is written down.
_PRELUDE = r"""
curl() {
  local status
  status=$(command curl -sS -D "$RECORDS/head" -o "$RECORDS/body" -w '%{http_code}' "$@") || return
  echo "$status $(head -c 2000 "$RECORDS/body" | tr '\r\n' '  ')" >> "$RECORDS/answers"
  local id location
  id=$(grep -o '"id": *"[^"]*"' "$RECORDS/body" | head -n 1 | cut -d '"' -f 4 || true)
  location=$(grep -i '^location:' "$RECORDS/head" | tr -d '\r' | cut -d ' ' -f 2 || true)
  ID=${id:-$ID} LOCATION=${location:-$LOCATION}
  cat "$RECORDS/body"
}
pip() { echo "$*" >> "$RECORDS/pip"; }
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Args:
        page: its path in the checkout.
        language: as the fence names it.
        text: without the fence.
    """

    page: str
    language: str
    text: str

    @property
    def first_line(self) -> str:
        """Return what the block begins with."""
        return self.text.partition("\n")[0].strip()


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found = re.findall(
        r"^ *```(\w*)\n(.*?)^ *```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [Block(str(page.relative_to(ROOT)), language, text) for language, text in found]


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder in which commands run as a reader pastes them.

    Args:
        folder: where they begin.
        address: of the server, host and port.
        environment: more variables.
        prelude: functions that stand for what cannot run here.
    """

    folder: Path
    address: str
    environment: dict[str, str]
    prelude: str = ""

    def script(self, text: str) -> str:
        """Return commands with the server's real address, and what a reader does between them."""
        return f"set -eu -o pipefail\n{_PRELUDE}{self.prelude}{self.for_here(text)}"

    def for_here(self, text: str) -> str:
        """Return a text with the server's real address."""
        return text.replace(SHOWN_ADDRESS, self.address)

    def variables(self) -> dict[str, str]:
        """Return the environment: the programs of this interpreter come first."""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        outside = {k: v for k, v in os.environ.items() if not k.startswith("UPLOADS_")}
        records = {"RECORDS": str(self.folder), "ID": "", "LOCATION": ""}
        return {**outside, "PATH": programs, **records, **self.environment}

    def run(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run the commands of one block or of several to their end."""
        return subprocess.run(  # noqa: S603 - what the documentation shows
            ["/bin/bash", "-c", self.script(text)],
            cwd=self.folder,
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def answers(self) -> list[tuple[int, str]]:
        """Return status and beginning of each answer that curl had."""
        lines = self._record("answers")
        return [(int(line[:3]), line[4:]) for line in lines]

    def installed(self) -> list[str]:
        """Return what pip was given, by command."""
        return self._record("pip")

    def _record(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text("utf-8").splitlines() if path.exists() else []
