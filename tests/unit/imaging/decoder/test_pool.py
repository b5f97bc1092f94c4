"""Decode in processes of their own, where a file can harm only its decoder."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from open_event_uploads.confined.limits import Limits
from open_event_uploads.errors import (
    CorruptImage,
    DecoderUnavailable,
    RefusedFile,
    TooManyPixels,
    UnsupportedFileType,
)
from open_event_uploads.imaging.decoder import pool as pool_module
from open_event_uploads.imaging.decoder import process as process_module
from open_event_uploads.imaging.decoder.limits import (
    SourceImage,
    limits_to_inspect,
    limits_to_render,
)
from open_event_uploads.imaging.decoder.pool import DecoderPool
from open_event_uploads.imaging.formats import FORMATS, MEDIA_TYPES, ImageFormat
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import ImageFacts, inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.imaging.render import render
from open_event_uploads.imaging.spool import open_spool
from tests.corpus import corpus
from tests.images import animation, noise, picture, png_that_claims

POLICY = FilePolicy(MEDIA_TYPES, 100_000_000, 50_000_000)
GENEROUS = Limits(memory_bytes=2**31, cpu_seconds=60, wall_seconds=60.0)
MIB = 1024 * 1024
FACTS = {
    "width": 1,
    "height": 1,
    "frames": 1,
    "placeholder": {"thumbhash": "", "color": "#ffffff"},
}
REFUSAL = {"detail": "", "limit": None, "actual": None}

MakePool = Callable[..., DecoderPool]


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    pools: list[DecoderPool] = []

    def make(size: int = 2, limits: Limits | None = GENEROUS) -> DecoderPool:
        pools.append(DecoderPool(size, limits))
        return pools[-1]

    yield make
    for each in pools:
        each.close()
        assert each.pids() == []


def job_for(
    content: bytes, media_type: str = "image/png", side: int = 20
) -> tuple[Preset, SourceImage]:
    facts = inspect_image(IncomingFile(content), POLICY)
    row = {"width": facts.width, "height": facts.height, "frames": facts.frames}
    return Preset("a", side, None), SimpleNamespace(media_type=media_type, **row)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


# --- What it does -----------------------------------------------------------------------------


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.extension)
@pytest.mark.parametrize("in_memory", [True, False])
def test_it_does_what_is_done_without_it(
    make_pool: MakePool, format_: ImageFormat, *, in_memory: bool
) -> None:
    content = picture(format_.pillow_names[0], (300, 200))
    file = IncomingFile(content) if in_memory else spooled(content)
    preset, source = job_for(content, format_.media_type)
    with file:
        assert make_pool().inspect(file, POLICY) == inspect_image(file, POLICY)
        assert make_pool().render(file, preset, source) == render(content, preset, format_)


def spooled(content: bytes) -> IncomingFile:
    spool = open_spool()
    spool.append([content])
    return IncomingFile(spool)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"no image", UnsupportedFileType),
        (picture()[:-20], CorruptImage),
        (png_that_claims(60_000, 60_000), TooManyPixels),
    ],
)
def test_a_refusal_is_the_same_one(
    make_pool: MakePool, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error) as here:
        inspect_image(IncomingFile(content), POLICY)
    with pytest.raises(error) as there:
        make_pool().inspect(IncomingFile(content), POLICY)
    assert vars(there.value) == vars(here.value)


@pytest.mark.slow
@pytest.mark.skipif(not corpus(), reason="UPLOADS_TEST_CORPUS names no corpus")
def test_every_image_of_the_corpus_is_judged_alike(make_pool: MakePool) -> None:
    pool = make_pool(2, None)
    for specimen in corpus():
        content = specimen.path.read_bytes()
        file = IncomingFile(content)
        here, there = (verdict_of(look, file) for look in (inspect_image, pool.inspect))
        assert here == there, specimen.path
        if isinstance(here, ImageFacts):
            preset, source = job_for(content, here.format.media_type)
            made = render(content, preset, here.format)
            assert pool.render(file, preset, source) == made, specimen.path
    assert len(pool.pids()) == 1


def verdict_of(
    look: Callable[[IncomingFile, FilePolicy], ImageFacts], file: IncomingFile
) -> ImageFacts | tuple[type[RefusedFile], str]:
    with warnings.catch_warnings():
        # Where tests run, what damaged metadata makes Pillow say is an error.
        warnings.simplefilter("ignore", UserWarning)
        try:
            return look(file, POLICY)
        except RefusedFile as error:
            return type(error), error.detail


@pytest.mark.slow
def test_what_a_policy_of_the_past_let_in_is_still_made_smaller(make_pool: MakePool) -> None:
    side = 7200  # more pixels than the default policy allows, in a process that has seen none
    content = picture(size=(side, side))
    row = {"width": side, "height": side, "frames": 1, "media_type": "image/png"}
    source = SimpleNamespace(**row)
    assert make_pool(1, None).render(IncomingFile(content), Preset("a", 20, None), source)


def test_many_cores_need_no_more_memory(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "many_cores.py").write_text(
        "import os\n"
        "os.cpu_count = lambda: 200\n"
        "os.sched_getaffinity = lambda _: set(range(200))\n"
        "from open_event_uploads.imaging.decoder.child import main\n"
        "main()\n"
    )
    monkeypatch.setattr(process_module, "_MODULE", "many_cores")
    monkeypatch.syspath_prepend(tmp_path)
    content = picture("AVIF", (300, 200))
    assert make_pool(1, None).render(IncomingFile(content), *job_for(content, "image/avif"))


def test_one_process_does_many_jobs_and_is_then_renewed(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make_pool()
    monkeypatch.setattr(pool_module, "MAX_JOBS", 3)
    pids = []
    for _ in range(4):
        pool.inspect(IncomingFile(picture()), POLICY)
        pids += pool.pids()
    assert len(set(pids[:2])) == 1
    assert len(set(pids)) == 2


def test_many_threads_share_few_processes(make_pool: MakePool) -> None:
    pool = make_pool(2)
    contents = [picture(size=(n + 1, 3)) for n in range(100)]

    def width(content: bytes) -> int:
        return pool.inspect(IncomingFile(content), POLICY).width

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(width, contents)) == list(range(1, 101))
    assert len(pool.pids()) <= 2


# --- What may happen to it --------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_one_that_is_killed_at_work_is_replaced(make_pool: MakePool, number: int) -> None:
    pool = make_pool(1)
    slow = animation(400, "PNG", (300, 300))
    frames = pool.inspect(IncomingFile(slow), POLICY).frames
    (pid,) = pool.pids()
    timer = threading.Timer(0.05, os.kill, (pid, number))
    timer.start()
    while pool.pids() == [pid]:
        assert pool.inspect(IncomingFile(slow), POLICY).frames == frames
    timer.join()
    assert not is_running(pid)


def test_a_file_that_kills_twice_is_refused(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Another program in the decoder's place.
    (tmp_path / "mortal.py").write_text(
        "import os, socket, struct\n"
        "from open_event_uploads.confined import limits\n"
        "limits.confine()\n"
        "jobs, answers = socket.socket(fileno=0), socket.socket(fileno=1)\n"
        "answers.sendall(struct.pack('>IQ', 5, 0) + b'ready'); jobs.recv(10); os.abort()\n"
    )
    pool = make_pool(1)
    with monkeypatch.context() as patched:
        patched.setattr(process_module, "_MODULE", "mortal")
        patched.syspath_prepend(tmp_path)
        with pytest.raises(CorruptImage, match="ends the decoder"):
            pool.inspect(IncomingFile(picture()), POLICY)
    assert pool.pids() == []
    assert pool.inspect(IncomingFile(picture()), POLICY).width == 12


def test_one_that_died_while_it_had_nothing_to_do_is_replaced(make_pool: MakePool) -> None:
    pool = make_pool(1)
    pool.inspect(IncomingFile(picture()), POLICY)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid))
    assert pool.inspect(IncomingFile(picture()), POLICY).width == 12


def test_one_that_hangs_is_ended_in_time(make_pool: MakePool) -> None:
    pool = make_pool(1, Limits(2**31, 60, 1.0))
    pool.inspect(IncomingFile(picture()), POLICY)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    with pytest.raises(CorruptImage, match="more memory or time"):
        pool.inspect(IncomingFile(picture()), POLICY)
    assert time.monotonic() - start < 10
    assert not is_running(pid)
    assert pool.inspect(IncomingFile(picture()), POLICY).width == 12


@pytest.mark.slow
def test_too_much_processor_time_ends_it(make_pool: MakePool) -> None:
    pool = make_pool(1, Limits(2**31, 0, 60.0))
    content = animation(499, "PNG", (600, 600))
    preset, source = job_for(content, side=600)
    with pytest.raises(CorruptImage):
        pool.render(IncomingFile(content), preset, source)


def test_a_jpeg_of_endless_scans_is_given_up(make_pool: MakePool) -> None:
    # Each scan says in some 75 bytes that nothing changes, and every pixel is gone through again.
    content = picture("JPEG", (4000, 4000), progressive=True)
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    bomb = content[:-2] + last_scan * 5000 + content[-2:]
    assert inspect_image(IncomingFile(content), POLICY).width == 4000
    pool = make_pool(1, Limits(2**31, 1, 60.0))
    start = time.monotonic()
    with pytest.raises(CorruptImage, match="more memory or time"):
        pool.inspect(IncomingFile(bomb), POLICY)
    assert time.monotonic() - start < 30
    assert pool.inspect(IncomingFile(content), POLICY).width == 4000


def test_too_much_memory_is_refused(make_pool: MakePool) -> None:
    pool = make_pool(1, Limits(90 * MIB, 60, 60.0))
    content = picture(size=(6000, 6000))
    with pytest.raises(CorruptImage):
        pool.render(IncomingFile(content), *job_for(content))
    assert pool.inspect(IncomingFile(picture()), POLICY).width == 12


@pytest.mark.parametrize(
    "answer",
    [
        "b'nonsense'",
        "b''",
        "b'x' * 200_000",
        # Well-formed, with an unknown format and an unknown error.
        repr(msgspec.msgpack.encode({"type": "ImageFacts", **FACTS, "media_type": "image/x"})),
        repr(msgspec.msgpack.encode({"type": "Refused", **REFUSAL, "code": "internal-error"})),
        # The answer to another task.
        repr(msgspec.msgpack.encode({"type": "Rendered"})),
    ],
)
def test_an_invalid_answer_is_refused(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
) -> None:
    # Another program in the decoder's place.
    (tmp_path / "impostor.py").write_text(
        "import socket, struct\n"
        "jobs, answers = socket.socket(fileno=0), socket.socket(fileno=1)\n"
        "def send(text): answers.sendall(struct.pack('>IQ', len(text), 0) + text)\n"
        f"send(b'ready'); jobs.recv(10); send({answer}); jobs.recv(10**6)\n"
    )
    monkeypatch.setattr(process_module, "_MODULE", "impostor")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CorruptImage):
        make_pool().inspect(IncomingFile(picture()), POLICY)


def test_one_that_cannot_be_started_is_no_fault_of_the_file(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(DecoderUnavailable) as refusal:
        make_pool().inspect(IncomingFile(picture()), POLICY)
    assert refusal.value.headers["Retry-After"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_none_is_left_when_the_server_ends(number: int) -> None:
    program = (
        "import time\n"
        "from open_event_uploads.imaging.decoder.pool import DECODERS\n"
        "from open_event_uploads.imaging.incoming import IncomingFile\n"
        "from tests.unit.imaging.decoder.test_pool import POLICY, picture\n"
        "DECODERS.inspect(IncomingFile(picture()), POLICY)\n"
        "print(*DECODERS.pids(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as server:
        assert server.stdout
        pid = int(server.stdout.readline())
        assert is_running(pid)
        server.send_signal(number)
    wait_until(lambda: not is_running(pid))


def test_a_fork_starts_its_own(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.inspect(IncomingFile(picture()), POLICY)
    (pid,) = pool.pids()
    child = os.fork()
    if child == 0:
        fine = pool.pids() == [] and pool.inspect(IncomingFile(picture()), POLICY).width == 12
        pool.close()
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert pool.pids() == [pid]
    assert pool.inspect(IncomingFile(picture()), POLICY).width == 12


def test_nothing_is_left_open(make_pool: MakePool) -> None:
    pool = make_pool(1)
    pool.inspect(IncomingFile(picture()), POLICY)
    pool.close()
    before = sorted(Path("/proc/self/fd").iterdir())
    for _ in range(3):
        pool.inspect(IncomingFile(noise((900, 900), 95)), POLICY)
        pool.close()
    assert len(sorted(Path("/proc/self/fd").iterdir())) == len(before)


def test_limits_grow_with_what_has_to_be_done() -> None:
    small, large = picture(), picture(size=(900, 900))
    assert (
        limits_to_inspect(POLICY, 10).memory_bytes < limits_to_inspect(POLICY, 10**8).memory_bytes
    )
    less, more = (limits_to_render(*job_for(each, side=900), 10) for each in (small, large))
    assert less.memory_bytes < more.memory_bytes
    assert less.cpu_seconds <= more.cpu_seconds <= more.wall_seconds
