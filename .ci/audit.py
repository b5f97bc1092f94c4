"""Known vulnerabilities of what constraints.txt names: fails for any, and says what nobody knows.

An advisory service that cannot be reached stops nothing: it would stop every change with it.
"""

import json
import subprocess
import sys
from pathlib import Path

COMMAND = ("--requirement", "constraints.txt", "--no-deps", "--disable-pip", "--format", "json")


def main() -> int:
    """Ask, and tell."""
    asked = subprocess.run(  # noqa: S603 - a program of our own environment
        [sys.executable, "-m", "pip_audit", *COMMAND, "--progress-spinner", "off"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"not audited: {asked.stderr.strip()[-300:]}", file=sys.stderr)
        return 0
    unknown = [each["name"] for each in found if "skip_reason" in each]
    if unknown:
        print(f"not audited: {len(unknown)} of {len(found)} packages", file=sys.stderr)
    vulnerable = [each for each in found if each.get("vulns")]
    for each in vulnerable:
        ids = ", ".join(vulnerability["id"] for vulnerability in each["vulns"])
        print(f"{each['name']} {each['version']}: {ids}", file=sys.stderr)
    return int(bool(vulnerable))


if __name__ == "__main__":
    sys.exit(main())
