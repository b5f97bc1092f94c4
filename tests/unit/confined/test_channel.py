"""Receive frames, and only valid ones."""

import os
import socket
from pathlib import Path

from open_event_uploads.confined.channel import Channel


def descriptors() -> set[int]:
    return {int(each.name) for each in Path("/proc/self/fd").iterdir() if each.exists()}


def test_of_several_descriptors_one_is_taken_and_none_stays_open() -> None:
    ours, theirs = socket.socketpair()
    with theirs, socket.socket() as outgoing:
        channel = Channel(ours, outgoing)
        before = descriptors()
        head = (3).to_bytes(4, "big") + (0).to_bytes(8, "big") + b"abc"
        socket.send_fds(theirs, [head], [0, 1, 2])
        frame = channel.receive()
        assert frame.message == b"abc"
        assert frame.descriptor is not None
        assert not os.get_inheritable(frame.descriptor)
        assert descriptors() - before == {frame.descriptor}
        os.close(frame.descriptor)
        channel.close()
