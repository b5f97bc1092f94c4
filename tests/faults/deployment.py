"""Kill a deployment and inspect it: the real server, its database and its storage."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from open_event_uploads.app import create_app
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.maintenance.sweep import SweepReport, sweep
from open_event_uploads.maintenance.verify import verify
from open_event_uploads.settings import load_settings
from open_event_uploads.storage.keys import original_key
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.recount_usage import find_drift
from open_event_uploads.uploads.resumable.model import ResumablePiece
from open_event_uploads.variants.preset_cache import current_presets
from tests.accounts import admin_headers
from tests.faults.power_cut import PowerCutDisk
from tests.fetch import Fetched
from tests.processes import start
from tests.server import MANAGE, NO_HEADERS, Server

SECRET = "s" * 40


class Part(Protocol):
    """A server that a deployment needs: its database's or its storage's."""

    def kill(self) -> None:
        """Kill every process at once."""

    def start(self) -> None:
        """Start it on the data that it has, and wait until it answers."""


class Deployment:
    """One database and one storage, and a server on them that may be killed at a named step.

    Args:
        folder: empty.
        settings: of database and storage, by their lower-case names without the prefix.
        token: of an admin; without one, an admin is created.
        parts: servers that lose their power with it.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, object],
        token: str = "",
        parts: Sequence[Part] = (),
    ) -> None:
        self.folder = folder
        self._parts = parts
        self._faults = folder / "faults"
        self._faults.mkdir()
        texts = {name: str(value) for name, value in settings.items()}
        ours = {"data_dir": f"{folder}/data", "secret_key": SECRET, "rate_limits": "off"}
        self.settings = ours | texts
        self._running: Server | None = None
        self._commands: set[subprocess.Popen[bytes]] = set()
        self.app = self._make_app()
        self.token = token or admin_headers(self.app)["Authorization"].removeprefix("Bearer ")

    @property
    def data_dir(self) -> Path:
        """Return the folder of `UPLOADS_DATA_DIR`."""
        return Path(self.settings["data_dir"])

    def _make_app(self) -> Flask:
        app = create_app(load_settings(**self.settings))
        with app.app_context():
            upgrade()
            claim_storage(engine=db.engine, storage=current_storage())
            db.session.remove()
        return app

    @property
    def server(self) -> Server:
        """Return the server, started if none runs."""
        if self._running is None:
            faults = {"test_faults": str(self._faults)}
            self._running = Server(self.folder, **self.settings, **faults)
            self._running.token = self.token
        return self._running

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> tuple[int, bytes]:
        """Return the status and the body that answer a request of the admin."""
        found = self.exchange(method, url, body, media_type, headers)
        return found.status, found.content

    def exchange(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        """Return what answers a request of the admin, with header fields in lower case."""
        return self.server.exchange(method, url, body, media_type, headers)

    def close(self) -> None:
        """Kill the server, and close the database."""
        if self._running is not None:
            self._running.kill()
        with self.app.app_context():
            db.engine.dispose()

    @contextmanager
    def armed(self, fault: str) -> Iterator[None]:
        """Have a fault happen at a step meanwhile: `3` kills at the third, `3 EIO` fails there."""
        (self._faults / "passed").unlink(missing_ok=True)
        self.arm(fault)
        try:
            yield
        finally:
            (self._faults / "armed").unlink()

    def arm(self, fault: str) -> None:
        """Replace the fault that is armed."""
        fresh = self._faults / "fresh"
        fresh.write_text(fault, "ascii")
        fresh.rename(self._faults / "armed")

    def passed(self) -> list[str]:
        """Return the steps that were reached while it was armed."""
        passed = self._faults / "passed"
        return passed.read_text("ascii").splitlines() if passed.exists() else []

    def leave_out(self, flush: str) -> None:
        """Have servers and commands that are started from now on not do a flush (`FLUSHES`)."""
        (self._faults / "left-out").write_text(flush, "ascii")

    def notice_a_kill(self) -> None:
        """Forget a server that has ended, so that the next use of `server` starts another."""
        if self._running is not None and self._running.has_ended():
            self._running.kill()
            self._running = None

    def kill(self) -> None:
        """Kill every process of the server; what they wrote is in the page cache and stays."""
        if self._running is not None:
            self._running.kill()
            self._running = None

    def lose_power(self, disk: PowerCutDisk) -> None:
        """Cut the power of a disk that it and its parts are on, and start the parts again.

        Every process of the program is stopped first, so nothing is acknowledged after the cut.
        """
        if self._running is not None:
            self._running.freeze()
        commands = [*self._commands]
        _signal(commands, signal.SIGSTOP)
        with disk.lose_power():
            self.kill()
            _signal(commands, signal.SIGKILL)
            # Closed later, SQLite would delete a file of this name on what the disk is then.
            self.close()
            for part in self._parts:
                part.kill()
        for part in self._parts:
            part.start()
        self.app = self._make_app()

    def manage(self, *arguments: str, **settings: str) -> int:
        """Run a command, and return its exit status, negative for a signal."""
        given = {**self.settings, "test_faults": str(self._faults), **settings}
        command = start(
            [sys.executable, MANAGE, *arguments],
            env={**os.environ, **{f"UPLOADS_{name.upper()}": text for name, text in given.items()}},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._commands.add(command)
        try:
            return command.wait(60)
        except subprocess.TimeoutExpired:
            _signal([command], signal.SIGKILL)
            raise
        finally:
            self._commands.remove(command)

    def problems(self) -> list[str]:
        """Return what `verify` finds."""
        with self.app.app_context():
            verdicts = verify(engine=db.engine, storage=current_storage())
            damaged = [f"{each.key}: {each.problem}" for each in verdicts if each.problem]
            return damaged + [str(each) for each in find_drift(engine=db.engine)]

    def sweep(self) -> SweepReport:
        """Sweep at once, as an operator does after a day."""
        with self.app.app_context():
            from_now = {"engine": db.engine, "storage": current_storage()}
            presets = current_presets(fresh=True)
            return sweep(**from_now, presets=presets, grace=timedelta(), force=True)  # type: ignore[arg-type]

    def keys(self) -> set[str]:
        """Return the key of every object in the storage except the marker."""
        with self.app.app_context():
            return {each.key for each in current_storage().objects()}

    def owned(self) -> set[str]:
        """Return the keys that rows name."""
        with self.app.app_context():
            columns = (Upload.key, ResumablePiece.key)
            return {key for each in columns for key in db.session.scalars(select(each))}

    def orphans(self) -> set[str]:
        """Return the objects, variants too, that belong to no row."""
        owned = self.owned()
        return {each for each in self.keys() if (original_key(each) or each) not in owned}


def _signal(commands: Iterable[subprocess.Popen[bytes]], number: int) -> None:
    """Send a signal to every process of commands."""
    for each in commands:
        with suppress(ProcessLookupError):
            os.killpg(each.pid, number)
