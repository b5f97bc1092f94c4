"""One decoder, as the server sees it."""

import os
import signal
import socket
import subprocess
import sys

import msgspec

from open_event_uploads.errors import DecoderUnavailable
from open_event_uploads.imaging.decoder.channel import Channel
from open_event_uploads.imaging.decoder.messages import Answer, Job
from open_event_uploads.imaging.incoming import IncomingFile

_MODULE = "open_event_uploads.imaging.decoder.child"

# A start takes 0.2 seconds of processor time; the machine may be busy.
_START_SECONDS = 60.0

# How long one that has closed its end may take to be gone.
_LEAVE_SECONDS = 1.0

# A longer file goes as memory of its own: in the socket each side would wait for the other, part
# after part. Measured, a file of 300 KB is quicker there, and one of 3.5 MB here.
_IN_MESSAGE_BYTES = 1024 * 1024

# What an interpreter may need; nothing of ours, where the secrets are.
_ENVIRONMENT = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

# What a job frees the next one takes again: to give it back to the kernel in between, and have new
# pages filled with zeros, costs a tenth of a job (mallopt(3); 4 MiB).
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "4194304"}

_jobs = msgspec.msgpack.Encoder()
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class DecoderLost(Exception):
    """Raised when a decoder died, was late or spoke nonsense; it can only be ended."""


class DecoderDied(DecoderLost):
    """Raised when a decoder died before its time was over, by whosever doing."""


class DecoderProcess:
    """A process that decodes, for one thread at a time.

    Raises:
        DecoderUnavailable: it could not be started.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        self.jobs_done = 0
        with theirs:
            try:
                self._process = _start(theirs)
            except OSError as error:
                self._channel.close()
                raise _unavailable() from error
        try:
            self._channel.expect_within(_START_SECONDS)
            self._channel.receive()
        except BaseException as error:
            self.end()
            if isinstance(error, OSError | EOFError | ValueError):
                raise _unavailable() from error
            raise

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def do(self, job: Job, file: IncomingFile) -> tuple[Answer, bytes]:
        """Have a job done.

        Returns:
            The answer, and the bytes that go with it.

        Raises:
            DecoderLost: it did not; DecoderDied where that may be somebody else's doing.
        """
        self._channel.expect_within(job.limits.wall_seconds)
        try:
            self._send(_jobs.encode(job), file)
            frame = self._channel.receive()
            if frame.descriptor is not None:
                os.close(frame.descriptor)
                raise DecoderLost("sent a file")
            if frame.content_bytes > job.limits.memory_bytes:
                raise DecoderLost("promised more than it may have")
            answer = _answers.decode(frame.message)
            result = self._channel.read(frame.content_bytes)
        except TimeoutError:
            raise DecoderLost(f"did not answer in {job.limits.wall_seconds:g} seconds") from None
        except (OSError, EOFError):
            raise self._how_it_ended() from None
        except ValueError as error:  # msgspec's are such
            raise DecoderLost(f"spoke nonsense: {error}") from None
        self.jobs_done += 1
        return answer, result

    def _send(self, message: bytes, file: IncomingFile) -> None:
        """Send a job: its file to be read where it is, or in memory that both can read."""
        shared = _to_be_read(file)
        if shared is None:
            self._channel.send(message, file.read())
            return
        try:
            self._channel.send(message, descriptor=shared)
        finally:
            os.close(shared)

    def end(self) -> None:
        """End it at once; there is nothing that it could lose."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Let go of a process that another one, of which this is a fork, has started."""
        self._channel.close()
        self._process.returncode = 0  # else it would be waited for

    def _how_it_ended(self) -> DecoderLost:
        try:
            status = self._process.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            return DecoderLost("hung up")
        if -status == signal.SIGXCPU:
            return DecoderLost("used up its processor time")
        return DecoderDied(f"was ended by signal {-status}" if status < 0 else f"exited: {status}")


def _to_be_read(file: IncomingFile) -> int | None:
    """A descriptor of a long file, which cannot be written by; None where there is none to be had.

    What a storage keeps as it is must not be changed by who looks at it.
    """
    if file.descriptor is None and file.size <= _IN_MESSAGE_BYTES:
        return None
    try:
        if file.descriptor is not None:
            return os.open(f"/proc/self/fd/{file.descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(os.memfd_create("image", os.MFD_CLOEXEC), "wb", buffering=0) as memory:
            rest = memoryview(file.read())
            while rest:
                rest = rest[memory.write(rest) :]
            return os.open(f"/proc/self/fd/{memory.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, AttributeError):  # no room, or no Linux
        return None


def _start(theirs: socket.socket) -> subprocess.Popen[bytes]:
    # Not a fork: what other threads hold at that moment would stay locked in it for ever.
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    environment |= _ALLOCATOR
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", _MODULE],
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        env=environment,
    )


def _unavailable() -> DecoderUnavailable:
    return DecoderUnavailable("No decoder could be started.", headers={"Retry-After": "10"})
