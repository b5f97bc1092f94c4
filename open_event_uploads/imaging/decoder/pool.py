"""Share decoder processes between all threads of the server."""

import atexit
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.confined.limits import Limits
from open_event_uploads.errors import CorruptImage
from open_event_uploads.imaging.decoder.limits import (
    SourceImage,
    limits_to_inspect,
    limits_to_render,
)
from open_event_uploads.imaging.decoder.messages import (
    Answer,
    Inspect,
    Job,
    Refused,
    Render,
    Rendered,
)
from open_event_uploads.imaging.decoder.process import DecoderDied, DecoderLost, DecoderProcess
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import ImageFacts
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import Preset

log = logging.getLogger(__name__)

# Ending a decoder now and then frees what it leaks; a start costs as much as 200 small jobs.
MAX_JOBS = 10_000

_Wanted = TypeVar("_Wanted", ImageFacts, Rendered)


class DecoderPool:
    """A pool of decoders, each started when none is idle.

    Args:
        size: the number of jobs at the same time; others wait.
        limits: of every job, instead of those computed for each.
    """

    _idle: list[DecoderProcess]
    _all: set[DecoderProcess]

    def __init__(self, size: int, limits: Limits | None = None) -> None:
        self._size = size
        self._limits = limits
        self._reset()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self.abandon)

    def inspect(self, file: IncomingFile, policy: FilePolicy) -> ImageFacts:
        """Call `inspect_image` in a decoder.

        Raises:
            UnsupportedFileType, TooManyPixels, TooManyFrames, CorruptImage: by `inspect_image`;
                CorruptImage also if the decoder exceeded its limits or died.
            DecoderUnavailable: no decoder could be started.
        """
        limits = self._limits or limits_to_inspect(policy, file.size)
        facts, _ = self._run(Job(Inspect(policy), limits), file, ImageFacts)
        return facts

    def render(self, file: IncomingFile, preset: Preset, source: SourceImage) -> bytes:
        """Call `render` in a decoder; the file has been inspected.

        Raises:
            CorruptImage: the file is damaged, or the decoder exceeded its limits or died.
            DecoderUnavailable: no decoder could be started.
        """
        limits = self._limits or limits_to_render(preset, source, file.size)
        task = Render(preset, source.media_type)
        _, content = self._run(Job(task, limits), file, Rendered)
        return content

    def pids(self) -> list[int]:
        """Return the ids of all decoder processes."""
        with self._mutex:
            return [decoder.pid for decoder in self._all]

    def close(self) -> None:
        """End the idle decoders; the next job starts one again."""
        with self._mutex:
            idle, self._idle = self._idle, []
            self._all -= set(idle)
        for decoder in idle:
            decoder.end()

    def abandon(self) -> None:
        """Abandon the decoders of the parent process, after a fork."""
        for decoder in self._all:
            decoder.abandon()
        self._reset()

    def _reset(self) -> None:
        self._slots = threading.BoundedSemaphore(self._size)
        self._mutex = threading.Lock()
        self._idle = []
        self._all = set()

    def _run(self, job: Job, file: IncomingFile, wanted: type[_Wanted]) -> tuple[_Wanted, bytes]:
        """Run a job, a second time in a fresh decoder if the first one dies."""
        try:
            try:
                answer, content = self._run_once(job, file, wanted)
            except DecoderDied as error:
                # Perhaps because of an earlier job, or because the machine was short of memory.
                log.warning("a decoder %s; another one tries", error)
                answer, content = self._run_once(job, file, wanted, fresh=True)
        except DecoderLost as error:
            log.warning("a decoder %s", error)
            raise CorruptImage(
                "Decoding the image takes more memory or time than is allowed, or ends the decoder."
            ) from None
        if isinstance(answer, Refused):
            raise answer.error()
        return cast("_Wanted", answer), content

    def _run_once(
        self, job: Job, file: IncomingFile, wanted: type[_Wanted], *, fresh: bool = False
    ) -> tuple[Answer, bytes]:
        with BLOCKING, self._borrow(fresh=fresh) as decoder:
            answer, content = decoder.do(job, file)
            if not isinstance(answer, Refused | wanted):
                raise DecoderLost("gave an answer of another kind")
            return answer, content

    @contextmanager
    def _borrow(self, *, fresh: bool) -> Iterator[DecoderProcess]:
        """Borrow a decoder; it is ended if the job fails."""
        with self._slots:
            decoder = self._take(fresh=fresh)
            try:
                yield decoder
            except BaseException:
                self._end(decoder)
                raise
            if decoder.jobs_done >= MAX_JOBS:
                self._end(decoder)
                return
            with self._mutex:
                self._idle.append(decoder)

    def _take(self, *, fresh: bool) -> DecoderProcess:
        """Take an idle decoder, or start one; a fresh one replaces an idle one."""
        while True:
            with self._mutex:
                decoder = self._idle.pop() if self._idle else None
            if decoder is None:
                decoder = DecoderProcess()
                with self._mutex:
                    self._all.add(decoder)
                return decoder
            if decoder.is_alive() and not fresh:
                return decoder
            self._end(decoder)

    def _end(self, decoder: DecoderProcess) -> None:
        with self._mutex:
            self._all.discard(decoder)
        decoder.end()


# More processes than cores would gain nothing, and each may need hundreds of megabytes.
DECODERS = DecoderPool(max(2, os.cpu_count() or 2))
