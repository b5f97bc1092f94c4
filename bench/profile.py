"""Profile the processor time of a 20 KB upload: `python -m bench.profile`.

The application runs in this process and one thread. The profiler's clock is the thread's processor
time, so waiting does not count. The profiler overstates small functions: compare their order.
"""

import cProfile
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from bench.floor import BASE_URL, FOLDER
from bench.floor import create_app as create_floor
from bench.images import SIZES, make_jpeg
from bench.in_process import authorization, environ_of, make_product, silence
from bench.workload import document

_UPLOADS = 400
_LINES = 45

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class _Request:
    body: bytes
    authorization: str


def main() -> None:
    """Profile the product, and print the time of an upload for product and floor."""
    body = document(make_jpeg(*SIZES["20 KB"]))
    with tempfile.TemporaryDirectory() as folder, silence():
        product, floor = make_product(Path(folder)), _floor(Path(folder))
        with product.app_context():
            request = _Request(body, authorization())
        lines = [_cost("product", product, request), _cost("floor", floor, request)]
        profile = cProfile.Profile(time.thread_time)
        profile.runcall(_repeat, product.wsgi_app, request)
    print("\n".join(lines))
    _print_profile(profile)


def _floor(folder: Path) -> Wsgi:
    os.environ[FOLDER], os.environ[BASE_URL] = str(folder), "http://127.0.0.1"
    return create_floor()


def _cost(name: str, application: Wsgi, request: _Request) -> str:
    _repeat(application, request)  # warm up
    wall, processor = time.perf_counter(), time.thread_time()
    _repeat(application, request)
    wall, processor = time.perf_counter() - wall, time.thread_time() - processor
    per_upload = 1000 / _UPLOADS
    return (
        f"{name}: {processor * per_upload:.2f} ms of processor time, "
        f"{wall * per_upload:.2f} ms in all"
    )


def _repeat(application: Wsgi, request: _Request) -> None:
    for _ in range(_UPLOADS):
        environ = environ_of("POST", "/v1/uploads", request.authorization, body=request.body)
        b"".join(application(environ, _check_status))


def _check_status(status: str, *_: object) -> None:
    assert status.startswith("201"), status


def _print_profile(profile: cProfile.Profile) -> None:
    """Print the functions with the largest share: with and without what they call."""
    entries = sorted(profile.getstats(), key=lambda each: -each.totaltime)
    whole = entries[0].totaltime
    for each in entries[:_LINES]:
        print(f"{each.totaltime / whole:6.1%} {each.inlinetime / whole:6.1%}  {_name(each.code)}")


def _name(code: CodeType | str) -> str:
    """Return the name of a function with the end of its path; C functions have no path."""
    if isinstance(code, str):
        return code
    return f"{'/'.join(Path(code.co_filename).parts[-3:])}:{code.co_firstlineno} {code.co_qualname}"


if __name__ == "__main__":
    main()
