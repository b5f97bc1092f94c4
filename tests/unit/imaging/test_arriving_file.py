"""Receive a file in parts, however small they are."""

import tracemalloc

from open_event_uploads.imaging.arriving_file import ArrivingFile


def test_parts_of_a_few_bytes_take_little_more_memory_than_their_bytes() -> None:
    file = ArrivingFile()
    tracemalloc.start()
    try:
        for _ in range(300):
            # Each an object of its own, as from a connection.
            file.append([bytes([n % 251, n % 241]) for n in range(1000)])
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 2 * 300 * 2000
    content = file.content()
    assert isinstance(content, bytes)
    assert len(content) == 300 * 2000
