"""Measure the time and memory of sweep and verify over everything."""

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from bench.scale_plans import Plan, check, explain, recorded
from bench.scale_rows import Rows
from bench.scale_storage import NumberedStorage
from open_event_uploads.context import db
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.maintenance.sweep import sweep
from open_event_uploads.maintenance.verify import verify
from open_event_uploads.uploads.recount_usage import find_drift

_MIB = 1024 * 1024


def measure_jobs(app: Flask, rows: Rows) -> Iterator[tuple[str, str, list[Plan]]]:
    """Run each job once over the whole storage.

    Yields:
        Its name; its seconds and the growth of this process; its query plans.
    """
    with app.app_context():
        storage = NumberedStorage(rows.count)
        storage.write_marker(_instance_id(db.engine))
        for name, job in _jobs(storage, rows.count).items():
            with recorded(db.engine) as statements:
                cell = _cost(job)
            plans = explain(db.engine, statements)
            check(plans, rows=rows.count, engine=db.engine)
            yield name, cell, plans


def _instance_id(engine: Engine) -> str:
    """Return the id that an empty storage gets; the numbered one is full from the start."""
    empty = NumberedStorage(0)
    claim_storage(engine=engine, storage=empty)
    return empty.read_marker() or ""


def _jobs(storage: NumberedStorage, count: int) -> dict[str, Callable[[], None]]:
    def sweep_all() -> None:
        report = sweep(presets=(), engine=db.engine, storage=storage)
        assert report.objects == count + report.orphans
        assert storage.deleted == report.orphans > 0

    def verify_all() -> None:
        checked = 0
        for verdict in verify(engine=db.engine, storage=storage):
            assert verdict.problem is None, verdict
            checked += 1
        assert checked == count

    def compare_usage() -> None:
        assert not find_drift(engine=db.engine)

    return {"sweep": sweep_all, "verify": verify_all, "verify: what users have": compare_usage}


def _cost(job: Callable[[], None]) -> str:
    gc.collect()
    # Peak memory is counted from now on (proc(5), `clear_refs`).
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, start = _memory("VmRSS"), time.perf_counter()
    job()
    seconds = time.perf_counter() - start
    return f"{seconds:.2f} s, {(_memory('VmHWM') - before) / _MIB:.0f} MiB"


def _memory(name: str) -> int:
    """Return a memory figure of this process in bytes."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)
