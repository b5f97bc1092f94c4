"""Fetch: the program `python -m` this module, with sockets as standard input and output.

It has no secret and no file of ours, may write no file, and ends when the importer does.
"""

import os
import signal
import socket

import msgspec

from open_event_uploads.imaging.decoder.channel import Channel
from open_event_uploads.imaging.decoder.limits import Limits, apply_limits, confine
from open_event_uploads.maintenance.fetch.download import FetchLimits, download
from open_event_uploads.maintenance.fetch.errors import FetchRefused
from open_event_uploads.maintenance.fetch.messages import FetchAnswer, FetchJob
from open_event_uploads.maintenance.fetch.networks import Permissions, read_network

_MEMORY_BYTES = 256 * 1024 * 1024
_CPU_SECONDS = 60

_jobs = msgspec.msgpack.Decoder(FetchJob)
_answers = msgspec.msgpack.Encoder()


def main() -> None:
    """Fetch one address after another until the importer is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine()
    # What a library prints must not reach the answers.
    answers = socket.socket(fileno=os.dup(1))
    os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), 1)
    channel = Channel(socket.socket(fileno=0), answers)
    try:
        channel.send(b"ready")
        while True:
            _fetch_one(channel)
    except (EOFError, ConnectionError):
        return


def _fetch_one(channel: Channel) -> None:
    job = _jobs.decode(channel.receive().message)
    apply_limits(Limits(_MEMORY_BYTES, _CPU_SECONDS, job.total_seconds))
    limits = FetchLimits(
        max_bytes=job.max_bytes,
        total_seconds=job.total_seconds,
        idle_seconds=job.idle_seconds,
        permissions=Permissions(tuple(map(read_network, job.networks)), job.ports),
    )
    try:
        for part in download(job.address, limits):
            channel.send(b"", part)
        answer = FetchAnswer()
    except FetchRefused as refusal:
        answer = FetchAnswer(str(refusal))
    channel.send(_answers.encode(answer))


if __name__ == "__main__":
    main()
