"""Examine a deployment as a power cut leaves it."""

from collections.abc import Mapping
from pathlib import Path

from open_event_uploads.cli import cli
from tests.faults.deployment import Deployment
from tests.fetch import Fetched
from tests.server import NO_HEADERS


class CopiedDeployment(Deployment):
    """A deployment on a copy of its disk; this process answers, which is quicker than a server.

    Args:
        folder: for its own files; empty.
        original: what was copied.
        disk: the folder of the original's disk.
        copy: the folder of the copy.
    """

    def __init__(self, folder: Path, original: Deployment, disk: Path, copy: Path) -> None:
        moved = {
            name: text.replace(str(disk), str(copy)) for name, text in original.settings.items()
        }
        super().__init__(folder, moved, original.token)
        self._client = self.app.test_client()

    def exchange(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        """Answer a request of the admin, in this process."""
        fields = {**headers, "Authorization": f"Bearer {self.token}"}
        with self._client.open(
            url, method=method, data=body, content_type=media_type, headers=fields
        ) as answer:
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Fetched(answer.status_code, found, answer.data)

    def manage(self, *arguments: str, **settings: str) -> int:
        """Run a command in this process, and return its exit status."""
        assert not settings, "they hold for a process of its own"
        return self.app.test_cli_runner().invoke(cli, arguments).exit_code
