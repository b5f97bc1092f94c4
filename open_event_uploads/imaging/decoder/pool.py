"""As many decoders as there are cores, for all threads of the server."""

import atexit
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast
from weakref import WeakSet

from open_event_uploads.errors import CorruptImage
from open_event_uploads.imaging.decoder.limits import (
    Limits,
    SourceImage,
    limits_to_inspect,
    limits_to_render,
)
from open_event_uploads.imaging.decoder.messages import (
    Answer,
    Facts,
    Inspect,
    Job,
    Refused,
    Render,
    Rendered,
)
from open_event_uploads.imaging.decoder.process import DecoderDied, DecoderLost, DecoderProcess
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import ImageFacts
from open_event_uploads.imaging.policy import Policy
from open_event_uploads.imaging.preset import Preset

log = logging.getLogger(__name__)

# What a decoder leaks is gone with it; starting one costs as much as some 200 small jobs.
MAX_JOBS = 10_000

_Wanted = TypeVar("_Wanted", Facts, Rendered)
_pools: "WeakSet[DecoderPool]" = WeakSet()


class DecoderPool:
    """Decoders, each started when none is free, and kept.

    Args:
        size: how many jobs may be under way at once; others wait for their turn.
        limits: of every job; without them as much as an honest image may need.
    """

    def __init__(self, size: int, limits: Limits | None = None) -> None:
        self._size = size
        self._limits = limits
        self._idle: list[DecoderProcess] = []
        self._all: set[DecoderProcess] = set()
        self._start_over()
        _pools.add(self)

    def inspect(self, file: IncomingFile, policy: Policy) -> ImageFacts:
        """Do what `inspect_image` does.

        Raises:
            UnsupportedFileType, TooManyPixels, TooManyFrames, CorruptImage: as there; the last
                also where it took too much time or memory, or the decoder died of it.
            DecoderUnavailable: none could be started.
        """
        limits = self._limits or limits_to_inspect(policy, file.size)
        facts, _ = self._done(Job(Inspect(policy), limits), file, Facts)
        return facts.facts()

    def render(self, file: IncomingFile, preset: Preset, source: SourceImage) -> bytes:
        """Do what `render` does.

        Args:
            file: an image that has been checked.
            preset: the size to make.
            source: the facts that the check found.

        Raises:
            CorruptImage: it is not what was once checked, or `inspect`'s other reasons.
            DecoderUnavailable: none could be started.
        """
        limits = self._limits or limits_to_render(preset, source, file.size)
        task = Render(preset, source.media_type)
        _, content = self._done(Job(task, limits), file, Rendered)
        return content

    def pids(self) -> list[int]:
        """The ids of the processes there are."""
        with self._table:
            return [decoder.pid for decoder in self._all]

    def close(self) -> None:
        """End the decoders that have nothing to do; the next job starts one again."""
        with self._table:
            idle, self._idle = self._idle, []
            self._all -= set(idle)
        for decoder in idle:
            decoder.end()

    def forget(self) -> None:
        """Let go of decoders that the process of which this is a fork has started."""
        for decoder in self._all:
            decoder.forget()
        self._start_over()

    def _start_over(self) -> None:
        self._turns = threading.BoundedSemaphore(self._size)
        self._table = threading.Lock()
        self._idle = []
        self._all = set()

    def _done(self, job: Job, file: IncomingFile, wanted: type[_Wanted]) -> tuple[_Wanted, bytes]:
        """Have a job done, and its answer read."""
        try:
            try:
                answer, content = self._answer(job, file, wanted)
            except DecoderDied as error:
                # Of what it did before, perhaps, or because the machine was short of memory.
                log.warning("a decoder %s; another one tries", error)
                answer, content = self._answer(job, file, wanted, fresh=True)
        except DecoderLost as error:
            log.warning("a decoder %s", error)
            raise CorruptImage(
                "The image takes more memory or time than any should, or breaks the decoder."
            ) from None
        if isinstance(answer, Refused):
            raise answer.error()
        return cast("_Wanted", answer), content

    def _answer(
        self, job: Job, file: IncomingFile, wanted: type[_Wanted], *, fresh: bool = False
    ) -> tuple[Answer, bytes]:
        with self._decoder(fresh=fresh) as decoder:
            answer, content = decoder.do(job, file)
            _check_is_expected(answer, wanted)
            return answer, content

    @contextmanager
    def _decoder(self, *, fresh: bool) -> Iterator[DecoderProcess]:
        """One that is nobody else's meanwhile; ended where it did not do what it should."""
        with self._turns:
            decoder = self._taken(fresh=fresh)
            try:
                yield decoder
            except BaseException:
                self._dismiss(decoder)
                raise
            if decoder.jobs_done >= MAX_JOBS:
                self._dismiss(decoder)
                return
            with self._table:
                self._idle.append(decoder)

    def _taken(self, *, fresh: bool) -> DecoderProcess:
        """One that has nothing to do; a fresh one takes the place of such a one."""
        while True:
            with self._table:
                decoder = self._idle.pop() if self._idle else None
            if decoder is None:
                decoder = DecoderProcess()
                with self._table:
                    self._all.add(decoder)
                return decoder
            if decoder.is_alive() and not fresh:
                return decoder
            self._dismiss(decoder)

    def _dismiss(self, decoder: DecoderProcess) -> None:
        with self._table:
            self._all.discard(decoder)
        decoder.end()


def _check_is_expected(answer: Answer, wanted: type[_Wanted]) -> None:
    if not isinstance(answer, Refused | wanted):
        raise DecoderLost("answered something else")


def _close_all() -> None:
    for pool in list(_pools):
        pool.close()


def _forget_all() -> None:
    for pool in list(_pools):
        pool.forget()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)

# Decoders are processes of their own, so more of them than cores gain nothing, and each may need
# hundreds of megabytes.
DECODERS = DecoderPool(max(2, os.cpu_count() or 2))
