"""Build `clients/js`, for the tests that use it."""

import subprocess
from pathlib import Path

from tests.machine import node_with_packages, one_process_at_a_time

JS_CLIENT = Path(__file__).parents[1] / "clients/js"


def build_js_client() -> str:
    """Build the package, unless that is done, and return the path of Node."""
    node = node_with_packages(JS_CLIENT)
    with one_process_at_a_time(JS_CLIENT):
        command = [node, str(JS_CLIENT / "build.mjs")]
        subprocess.run(command, timeout=300, check=True)  # noqa: S603 - our own script
    return node
