"""Measure lists, admin pages and single uploads on many rows."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from flask import Flask

from bench.scale_client import ScaleClient
from bench.scale_plans import Plan, check, explain, recorded
from bench.scale_rows import Rows, upload_id
from open_event_uploads.context import db
from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.jsonapi.cursor import item_cursors
from open_event_uploads.jsonapi.negotiation import CURSOR_PAGINATION
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.uploads.model import Upload

SIZE = 20
DEEP_PAGE = 10_000
_LEAST_ROUNDS, _MOST_ROUNDS = 3, 30
# The total time of a request after which no further rounds are needed.
_ENOUGH_SECONDS = 3.0
_BY_CURSOR = {"Accept": f'{MEDIA_TYPE}; profile="{CURSOR_PAGINATION}"'}
_NEWEST = (SortKey("created_at", descending=True),)

_FILTERS = {
    "a common type (70 %)": "filter[media-type]=image/jpeg",
    "a rare type (0.1 %)": "filter[media-type]=image/avif",
    "two types (30 %)": "filter[media-type]=image/png,image/avif",
    "most sizes (95 %)": "filter[size][gte]=101",
    "few sizes (0.5 %)": "filter[size][gte]=1991",
    "sizes that none has": "filter[size][gte]=1000000",
    "a common word (all)": "filter[q]=photo",
    "a word of a tenth": "filter[q]=stage",
    "a rare word (10 uploads)": "filter[q]=keynote",
}

# No index, because nearly all uploads have the same status.
_WITHOUT_INDEX = {"a status that none has": "filter[status]=pending"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to measure.

    Args:
        name: in the table.
        addresses: used in alternation.
        headers: beside the credentials.
        by_member: whether the member with many uploads sends it, not an admin.
        by_index: whether an index must answer it.
    """

    name: str
    addresses: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)
    by_member: bool = False
    by_index: bool = True

    def send(self, client: ScaleClient, turn: int) -> None:
        """Send the request once."""
        address = self.addresses[turn % len(self.addresses)]
        client.get(address, self.headers, by_member=self.by_member)


def measure_requests(app: Flask, rows: Rows) -> Iterator[tuple[str, str, list[Plan]]]:
    """Ask everything; the requests take turns, so that a busy moment slows all of them.

    Yields:
        Its name, its median time in milliseconds, its query plans.
    """
    client = ScaleClient(app)
    with app.app_context():
        asked = _requests(rows)
        plans = {each.name: _plans(each, client, rows) for each in asked}
    seconds: dict[str, list[float]] = {each.name: [] for each in asked}
    for turn in range(_MOST_ROUNDS):
        for each in asked:
            taken = seconds[each.name]
            if turn < _LEAST_ROUNDS or sum(taken) < _ENOUGH_SECONDS:
                start = time.perf_counter()
                each.send(client, turn)
                taken.append(time.perf_counter() - start)
    for name, taken in seconds.items():
        yield name, f"{1000 * median(taken):.1f} ms", plans[name]


def _plans(request: Request, client: ScaleClient, rows: Rows) -> list[Plan]:
    with recorded(db.engine) as statements:
        request.send(client, 0)
    plans = explain(db.engine, statements)
    if request.by_index:
        check(plans, rows=rows.count, engine=db.engine)
    return plans


def _requests(rows: Rows) -> list[Request]:
    """Everything that is asked of a table of these rows."""
    some = range(0, rows.count, max(1, rows.count // 50))
    deep = min(DEEP_PAGE, rows.count // SIZE)
    number = rows.count - (deep - 1) * SIZE
    after = item_cursors([Upload(**rows.row(number))], _NEWEST)[0]
    last = rows.count // SIZE
    listed = f"/v1/uploads?page[size]={SIZE}"
    found = [
        Request("read of one", [f"/v1/uploads/{upload_id(each)}" for each in some]),
        Request("list, first page by cursor", [listed], _BY_CURSOR),
        Request("list, page 10,000 (or the last) by cursor", [f"{listed}&page[after]={after}"]),
        Request("list, first page by number", [listed]),
        Request("list, last page by number", [f"{listed}&page[number]={last}"]),
        Request("a member's list (10 %), by cursor", [listed], _BY_CURSOR, by_member=True),
        Request("a member's list (10 %), by number", [listed], by_member=True),
    ]
    for name, text in (_FILTERS | _WITHOUT_INDEX).items():
        by_index, address = name in _FILTERS, f"{listed}&{text}"
        found.append(Request(f"{name}, by cursor", [address], _BY_CURSOR, by_index=by_index))
        found.append(Request(f"{name}, by number", [address], by_index=by_index))
    pages = {
        "admin: list": "/admin/uploads/",
        "admin: list of a common word": "/admin/uploads/?q=photo",
        "admin: list of few sizes": "/admin/uploads/?least=1991",
        "admin: overview": "/admin/",
    }
    return found + [Request(name, [address]) for name, address in pages.items()]
