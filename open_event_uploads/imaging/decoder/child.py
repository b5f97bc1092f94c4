"""Decode: the program `python -m` this module, with sockets as standard input and output.

It does one job after another until the server's end is closed, which the kernel does however the
server ends; limits bound a job in progress. PR_SET_PDEATHSIG would not work: it is tied to the
*thread* that started the process, and the server ends idle threads.
"""

import os
import signal
import socket

import msgspec
from PIL import AvifImagePlugin

from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.decoder.channel import Channel
from open_event_uploads.imaging.decoder.limits import apply_limits, confine
from open_event_uploads.imaging.decoder.messages import (
    Answer,
    Inspect,
    Job,
    Refused,
    Rendered,
    Task,
)
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.render import render

_STANDARD_INPUT, _STANDARD_OUTPUT = 0, 1

_jobs = msgspec.msgpack.Decoder(Job)
_answers = msgspec.msgpack.Encoder()


def main() -> None:
    """Do jobs until the server is gone."""
    # These signals are meant for the server, which needs its decoders to finish its requests.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    confine()
    # There are as many decoders as cores. Threads also take memory: 200 of them take more than the
    # limit for a small image.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    channel = Channel(socket.socket(fileno=_STANDARD_INPUT), _take_standard_output())
    try:
        channel.send(b"ready")
        while True:
            _do_one_job(channel)
    except (EOFError, ConnectionError):
        return


def _take_standard_output() -> socket.socket:
    """Return the socket; what a library prints must not reach it."""
    answers = socket.socket(fileno=os.dup(_STANDARD_OUTPUT))
    os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), _STANDARD_OUTPUT)
    return answers


def _do_one_job(channel: Channel) -> None:
    frame = channel.receive()
    job = _jobs.decode(frame.message)
    apply_limits(job.limits)
    if frame.descriptor is None:
        file = IncomingFile(channel.read(frame.content_bytes))
    else:
        file = IncomingFile(os.fdopen(frame.descriptor, "rb", buffering=0))
    with file:
        answer, content = run_task(job.task, file)
    channel.send(_answers.encode(answer), content)


def run_task(task: Task, file: IncomingFile) -> tuple[Answer, bytes]:
    """Run a task; return the answer and its content."""
    try:
        if isinstance(task, Inspect):
            return inspect_image(file, task.policy), b""
        return Rendered(), render(file.read(), task.preset, BY_MEDIA_TYPE[task.media_type])
    except RefusedFile as error:
        return Refused(error.code, error.detail, error.limit, error.actual), b""


if __name__ == "__main__":
    main()
