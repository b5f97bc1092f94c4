"""Build `clients/js`, for the tests that use it."""

from pathlib import Path

from tests.commands import run_command
from tests.machine import node_with_packages, one_process_at_a_time

JS_CLIENT = Path(__file__).parents[1] / "clients/js"


def build_js_client() -> str:
    """Build the package, unless that is done, and return the path of Node."""
    node = node_with_packages(JS_CLIENT)
    with one_process_at_a_time(JS_CLIENT):
        run_command(node, JS_CLIENT / "build.mjs")
    return node
