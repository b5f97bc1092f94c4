"""Objects of the ORM, which are there for graphs alone: `include`, and pages for admins.

Everything else is read as rows (`read.py`) and written by statements (`write.py`).
"""

from typing import Any

from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from open_event_uploads.database.row import model_of, table_of


def load_object(row: object, session: Session) -> Any:  # noqa: ANN401 - an object of the row's model
    """Return the object that a row is of, without reading it again.

    Its relationships are read through the session. The row itself need not be committed yet.

    Args:
        row: as it is now; an object of the session with the same key gets its values.
        session: that the object belongs to.
    """
    made = model_of(type(row))()
    for name in table_of(type(row)).columns.keys():  # noqa: SIM118 - no mapping
        set_committed_value(made, name, getattr(row, name))
    make_transient_to_detached(made)
    return session.merge(made, load=False)
