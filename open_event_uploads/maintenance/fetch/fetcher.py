"""Fetch files by a process that knows no secrets, and end it when it is late."""

import os
from collections.abc import Iterator
from typing import Self

import msgspec

from open_event_uploads.confined.process import ConfinedProcess
from open_event_uploads.errors import UnreadableFile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.fetch.download import FetchLimits
from open_event_uploads.maintenance.fetch.messages import (
    MAX_PART_BYTES,
    FetchAnswer,
    FetchJob,
)

_MODULE = "open_event_uploads.maintenance.fetch.child"

# Where OpenSSL looks for the certificates that it trusts.
_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")

_jobs = msgspec.msgpack.Encoder()
_answers = msgspec.msgpack.Decoder(FetchAnswer)


class Fetcher:
    """Fetches one file after another; use it in a `with` block.

    Args:
        limits: of each fetch.
        grace_seconds: how much later than its deadline an answer may come, before the process is
            ended: it keeps the time itself, except within a lookup or a handshake.
    """

    def __init__(self, limits: FetchLimits, *, grace_seconds: float = 10.0) -> None:
        self._limits = limits
        self._grace_seconds = grace_seconds
        self._running: _FetchingProcess | None = None

    def fetch(self, address: str) -> IncomingFile:
        """Return the file at an address.

        Raises:
            UnreadableFile: it may not be fetched, or not all of it came.
        """
        limits = self._limits
        job = FetchJob(
            address,
            limits.max_bytes,
            limits.total_seconds,
            limits.idle_seconds,
            tuple(map(str, limits.permissions.networks)),
            limits.permissions.ports,
        )
        try:
            self._running = self._running or _FetchingProcess()
            return IncomingFile.receive(
                self._running.do(job, limits.total_seconds + self._grace_seconds)
            )
        except UnreadableFile:
            raise
        except TimeoutError:
            self.close()
            raise UnreadableFile("cannot be fetched: it takes too long") from None
        except (OSError, EOFError, ValueError):  # msgspec's errors are ValueErrors
            self.close()
            raise UnreadableFile("cannot be fetched: the fetching process ended") from None
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int | None:
        """The id of the process, while there is one."""
        return self._running.pid if self._running else None

    def close(self) -> None:
        """End the process; another one starts when it is needed."""
        if self._running is not None:
            self._running.end()
            self._running = None

    def __enter__(self) -> Self:
        """Return the fetcher itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()


class _FetchingProcess(ConfinedProcess):
    """A process that fetches."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
        super().__init__(_MODULE, environment)

    def do(self, job: FetchJob, seconds: float) -> Iterator[bytes]:
        """Yield the bytes of a file.

        Raises:
            UnreadableFile: there is no file.
            OSError, EOFError, ValueError: the process failed; end it.
        """
        self.channel.set_deadline(seconds)
        self.channel.send(_jobs.encode(job))
        count = 0
        while True:
            frame = self.channel.receive()
            if frame.descriptor is not None:
                os.close(frame.descriptor)
                raise ValueError("It sent a file.")
            if frame.message:
                break
            count += frame.content_bytes
            if not 0 < frame.content_bytes <= MAX_PART_BYTES or count > job.max_bytes:
                raise ValueError("It sent too much.")
            yield self.channel.read(frame.content_bytes)
        refusal = _answers.decode(frame.message).refusal
        if refusal:
            raise UnreadableFile(f"cannot be fetched: {refusal}")
