"""Decode: the program `python -m` this module, which a `DecoderProcess` starts."""

import os
import signal

import msgspec
from PIL import AvifImagePlugin

from open_event_uploads.confined.channel import Channel
from open_event_uploads.confined.limits import apply_limits
from open_event_uploads.confined.serve import serve_jobs
from open_event_uploads.errors import RefusedFile
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

_jobs = msgspec.msgpack.Decoder(Job)
_answers = msgspec.msgpack.Encoder()


def main() -> None:
    """Do jobs until the server is gone."""
    # Meant for the server, which needs its decoders to finish its requests.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # There are as many decoders as cores. Threads also take memory: 200 of them take more than the
    # limit for a small image.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    serve_jobs(_do_one_job)


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
