"""A lock between processes that the kernel hands on, and releases when its holder dies (flock(2)).

flock has no timeout, and polling gives up the interpreter's lock twice at each attempt: eight times
an upload, measured with two busy workers. So one thread waits in the kernel for the thread that
wants the lock, which stops waiting for that thread in time.
"""

import fcntl
import logging
import os
import threading
import time
from queue import SimpleQueue
from typing import Literal

log = logging.getLogger(__name__)


class LockFile:
    """A file whose lock one thread of a process takes at a time.

    Args:
        path: of the file, which is made if it is missing.
    """

    def __init__(self, path: str) -> None:
        self.process_id = os.getpid()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._mutex = threading.Lock()
        # What the waiting thread is told to do.
        self._told: SimpleQueue[Literal["wait", "end"]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._waits = False
        # Of the thread that wants the lock: released once the process has it.
        self._wanted: threading.Lock | None = None

    def acquire(self, deadline: float) -> bool:
        """Take the lock; return False if it was not free in time.

        Args:
            deadline: of `time.monotonic`.
        """
        with self._mutex:
            if not self._waits and self._take_if_free():
                return True
            wanted = self._wanted = threading.Lock()
            wanted.acquire()
            self._begin_to_wait()
        if wanted.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return True
        with self._mutex:
            # The waiting thread may have got it since.
            is_taken = self._wanted is None
            self._wanted = None
            return is_taken

    def release(self) -> None:
        """Release the lock."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file, as soon as no thread waits for its lock any more."""
        if self._thread is None:
            os.close(self._descriptor)
        else:
            self._told.put("end")

    def _take_if_free(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _begin_to_wait(self) -> None:
        """Let the thread wait, unless it still does for somebody who gave up."""
        if self._waits:
            return
        self._waits = True
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._wait_when_told, name="write-lock", daemon=True
            )
            self._thread.start()
        self._told.put("wait")

    def _wait_when_told(self) -> None:
        while self._told.get() == "wait":
            is_taken = self._wait()
            with self._mutex:
                self._waits = False
                if not is_taken:
                    continue  # whoever wants it gives up in time, and the next one tries again
                if self._wanted is None:
                    self.release()
                else:
                    self._wanted.release()
                    self._wanted = None
        os.close(self._descriptor)

    def _wait(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError as error:  # as ENOLCK (flock(2)), or a folder of the network that is away
            log.warning("cannot wait for the write lock: %s", error)
            return False
        return True
