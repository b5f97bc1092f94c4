"""Load an object of the ORM, for the graphs of `include`.

Everything else is read as rows (`read.py`) and written by statements (`write.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from open_event_uploads.database.row import model_of, table_of
from open_event_uploads.database.write import connection_of_write


@contextmanager
def load_graph(row: object, engine: Engine) -> Iterator[Any]:
    """Provide the object that a row is of, whose relationships are read when they are used.

    Within the step of a write the row need not be committed yet. What it is related to is read
    through the connection of the write, where that is possible: if each of many requests held a
    connection and waited for a second one, none would get it.

    Args:
        row: as it is now.
        engine: of the database.
    """
    found = model_of(type(row))()
    for name in table_of(type(row)).columns.keys():  # noqa: SIM118 - no mapping
        set_committed_value(found, name, getattr(row, name))
    make_transient_to_detached(found)
    with Session(connection_of_write() or engine) as session:
        session.add(found)
        yield found
