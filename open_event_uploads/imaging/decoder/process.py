"""Use one decoder process."""

import os
import signal

import msgspec

from open_event_uploads.confined.process import ConfinedProcess
from open_event_uploads.errors import DecoderUnavailable
from open_event_uploads.imaging.decoder.messages import Answer, Job
from open_event_uploads.imaging.incoming import IncomingFile

_MODULE = "open_event_uploads.imaging.decoder.child"

# How long a decoder that has closed its end may take to exit.
_EXIT_SECONDS = 1.0

# A longer file is passed as shared memory: in the socket both sides would wait for each other, part
# by part. Measured, 300 KB are faster in the socket and 3.5 MB in shared memory.
_MAX_CONTENT_BYTES = 1024 * 1024

# Keep freed memory for the next job: returning it to the kernel and having new pages zeroed costs a
# tenth of a job (mallopt(3); 4 MiB).
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "4194304"}

_jobs = msgspec.msgpack.Encoder()
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class DecoderLost(Exception):
    """Raised when a decoder died, was late or sent an invalid answer; the caller ends it."""


class DecoderDied(DecoderLost):
    """Raised when a decoder died within its limits, perhaps through no fault of the job."""


class DecoderProcess(ConfinedProcess):
    """A decoder process, used by one thread at a time.

    Raises:
        DecoderUnavailable: the process could not be started.
    """

    def __init__(self) -> None:
        try:
            super().__init__(_MODULE, _ALLOCATOR)
        except (OSError, EOFError, ValueError) as error:
            raise DecoderUnavailable(
                "No decoder could be started.", headers={"Retry-After": "10"}
            ) from error
        self.jobs_done = 0

    def do(self, job: Job, file: IncomingFile) -> tuple[Answer, bytes]:
        """Run a job; return the answer and its content.

        Raises:
            DecoderLost, DecoderDied: the job failed; end this decoder.
        """
        self.channel.set_deadline(job.limits.wall_seconds)
        try:
            self._send(_jobs.encode(job), file)
            frame = self.channel.receive()
            if frame.descriptor is not None:
                os.close(frame.descriptor)
                raise DecoderLost("sent a file")
            if frame.content_bytes > job.limits.memory_bytes:
                raise DecoderLost("announced more bytes than its memory limit")
            answer = _answers.decode(frame.message)
            result = self.channel.read(frame.content_bytes)
        except TimeoutError:
            raise DecoderLost(f"did not answer in {job.limits.wall_seconds:g} seconds") from None
        except (OSError, EOFError):
            raise self._exit_error() from None
        except ValueError as error:  # msgspec's are such
            raise DecoderLost(f"sent an invalid answer: {error}") from None
        self.jobs_done += 1
        return answer, result

    def _send(self, message: bytes, file: IncomingFile) -> None:
        """Send a job with its file: as content, or as a read-only descriptor."""
        shared = _open_for_reading(file)
        if shared is None:
            self.channel.send(message, file.read())
            return
        try:
            self.channel.send(message, descriptor=shared)
        finally:
            os.close(shared)

    def _exit_error(self) -> DecoderLost:
        status = self.wait(_EXIT_SECONDS)
        if status is None:
            return DecoderLost("hung up")
        if -status == signal.SIGXCPU:
            return DecoderLost("used up its processor time")
        return DecoderDied(f"was ended by signal {-status}" if status < 0 else f"exited: {status}")


def _open_for_reading(file: IncomingFile) -> int | None:
    """Open a read-only descriptor of a long or stored file; return None to send it as content.

    A decoder must not be able to change a file that a storage adopts.
    """
    if file.descriptor is None and file.size <= _MAX_CONTENT_BYTES:
        return None
    try:
        if file.descriptor is not None:
            return os.open(f"/proc/self/fd/{file.descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(os.memfd_create("image", os.MFD_CLOEXEC), "wb", buffering=0) as memory:
            rest = memoryview(file.read())
            while rest:
                rest = rest[memory.write(rest) :]
            return os.open(f"/proc/self/fd/{memory.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, AttributeError):  # no memory, or not Linux
        return None
