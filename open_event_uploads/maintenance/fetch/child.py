"""Fetch: the program `python -m` this module, which a `Fetcher` starts.

It has no secret and no file of ours, may write no file, and ends when the importer does.
"""

import msgspec

from open_event_uploads.confined.channel import Channel
from open_event_uploads.confined.limits import Limits, apply_limits
from open_event_uploads.confined.serve import serve_jobs
from open_event_uploads.maintenance.fetch.download import FetchLimits, download
from open_event_uploads.maintenance.fetch.errors import FetchRefused
from open_event_uploads.maintenance.fetch.messages import FetchAnswer, FetchJob
from open_event_uploads.maintenance.fetch.networks import Permissions, read_network

_MEMORY_BYTES = 256 * 1024 * 1024
_CPU_SECONDS = 60

_jobs = msgspec.msgpack.Decoder(FetchJob)
_answers = msgspec.msgpack.Encoder()


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
    serve_jobs(_fetch_one)
