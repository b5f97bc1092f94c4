"""Save filters, rename, share and delete them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Engine, func, select

from open_event_uploads.accounts.update_user import lock_user
from open_event_uploads.admin.saved_filters.model import (
    MAX_FILTERS,
    NAME_MAX_CHARACTERS,
    QUERY_MAX_CHARACTERS,
    SavedFilter,
    SavedFilterRow,
)
from open_event_uploads.admin.saved_filters.read import find_filter
from open_event_uploads.database.read import read
from open_event_uploads.database.rows import delete, insert, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidAttribute, Sentence


def save_filter(
    name: str, query: str, *, shared: bool, user_id: str, engine: Engine
) -> SavedFilterRow:
    """Save a filter of an admin.

    Args:
        name: for people; two filters may have the same.
        query: as of `to_query`.
        shared: whether all admins see it.
        user_id: whose it is.
        engine: of the database.

    Raises:
        InvalidAttribute: it has no name, or the name or the query is too long, or it filters
            nothing, or the admin has as many as are allowed.
        NotFound: the admin's account was deleted meanwhile.
    """
    if not query:
        raise InvalidAttribute("Nothing is filtered yet. Choose a filter first, then save it.")
    InvalidAttribute.raise_beyond(
        QUERY_MAX_CHARACTERS,
        len(query),
        Sentence("The filter is too long to be saved."),
    )
    values = {"name": _clean(name), "query": query, "shared": shared, "user_id": user_id}
    return write(engine, partial(_insert, values))


def change_filter(id_: str, name: str, *, shared: bool, user_id: str, engine: Engine) -> None:
    """Give a filter another name, and let all admins see it or only the one who saved it.

    Raises:
        NotFound: as `find_filter`.
        InvalidAttribute: it has no name, or one that is too long.
        ChangedMeanwhile: it was deleted meanwhile.
    """
    changes = {"name": _clean(name), "shared": shared}

    def step(execute: Execute) -> None:
        update(execute, find_filter(id_, user_id, execute), changes)

    write(engine, step)


def delete_filter(id_: str, *, user_id: str, engine: Engine) -> None:
    """Delete a filter; errors as of `find_filter`."""
    write(engine, lambda execute: delete(execute, find_filter(id_, user_id, execute)))


def _clean(name: str) -> str:
    # Without characters that are not seen, or that turn round what is beside them.
    visible = (each for each in name if each.isprintable() or each.isspace())
    name = " ".join("".join(visible).split())
    if not name:
        raise InvalidAttribute("A filter needs a name.", attribute="name")
    InvalidAttribute.raise_beyond(
        NAME_MAX_CHARACTERS,
        len(name),
        Sentence("The name of a filter has at most %(most)s characters.", most=NAME_MAX_CHARACTERS),
    )
    return name


def _insert(values: Mapping[str, Any], execute: Execute) -> SavedFilterRow:
    # Locked, so that of many requests at once none exceeds the maximum.
    lock_user(values["user_id"], execute)
    is_own = SavedFilter.user_id == values["user_id"]
    ((count,),) = read(execute, select(func.count()).where(is_own))
    InvalidAttribute.raise_beyond(
        MAX_FILTERS,
        count + 1,
        Sentence("An admin can save %(most)s filters; delete one first.", most=MAX_FILTERS),
    )
    return insert(execute, SavedFilterRow, values)
