"""Tell which files of Directus everybody may see.

A permission may have a filter. Those on columns of the file itself are understood; where it takes
more, a file is private.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, select

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase
from open_event_uploads.maintenance.import_sources.foreign_table import ForeignTable
from open_event_uploads.maintenance.import_sources.values import read_json, read_text

_PERMISSIONS = "directus_permissions"
_NEEDED = ("id", "collection", "action", "permissions")
_SETTINGS = "directus_settings"
# Directus shows these on its sign-in page.
_SHOWN = ("project_logo", "public_foreground", "public_background", "public_favicon")

_Operator = Callable[[str, Any], bool]
# As in SQL, null equals nothing and differs from nothing.
_OPERATORS: Mapping[str, _Operator] = {
    "_eq": lambda value, given: bool(value) and value == read_text(given),
    "_neq": lambda value, given: bool(value) and value != read_text(given),
    "_in": lambda value, given: bool(value) and value in _texts(given),
    "_nin": lambda value, given: bool(value) and value not in _texts(given),
    "_null": lambda value, given: (not value) == given,
    "_nnull": lambda value, given: bool(value) == given,
}
_OF_LISTS = frozenset({"_in", "_nin"})
_OF_NULL = frozenset({"_null", "_nnull"})


class PublicAccess:
    """Permissions of Directus' public role or policy to read files.

    Args:
        database: of Directus.
    """

    def __init__(self, database: ForeignDatabase) -> None:
        self._filters = _read_filters(database)
        self._shown = _read_shown(database)

    def includes(self, file: Row[Any]) -> bool:
        """Return whether everybody may see a file, by a row of `directus_files`."""
        if read_text(file.id) in self._shown:
            return True
        values = file._asdict()
        try:
            return any(_holds(each, values) for each in self._filters)
        except RecursionError:
            return False


def _read_filters(database: ForeignDatabase) -> list[object]:
    columns = database.columns_of(_PERMISSIONS)
    if not columns:
        return []
    owner = "policy" if "policy" in columns else "role"
    permissions = ForeignTable(database, "Directus", _PERMISSIONS, (*_NEEDED, owner))
    rows = database.read(
        select(*permissions.columns()).where(
            and_(
                permissions["collection"] == "directus_files",
                permissions["action"] == "read",
            )
        )
    )
    # Since Directus 11 a permission is of a policy, which belongs to roles and users, or to nobody.
    policies = _read_public_policies(database) if owner == "policy" else {""}
    return [
        read_json(each.permissions) if each.permissions is not None else {}
        for each in rows
        if read_text(getattr(each, owner)) in policies
    ]


def _read_public_policies(database: ForeignDatabase) -> set[str]:
    access = ForeignTable(database, "Directus", "directus_access", ("role", "user", "policy"))
    policies = ForeignTable(database, "Directus", "directus_policies", ("id",), ("ip_access",))
    rows = database.read(
        select(policies["id"], policies["ip_access"])
        .join_from(access.clause, policies.clause, access["policy"] == policies["id"])
        .where(access["role"].is_(None), access["user"].is_(None))
    )
    return {read_text(each.id) for each in rows if not each.ip_access}


def _read_shown(database: ForeignDatabase) -> set[str]:
    if not database.columns_of(_SETTINGS):
        return set()
    settings = ForeignTable(database, "Directus", _SETTINGS, ("id",), _SHOWN)
    rows = database.read(select(*(settings[each] for each in _SHOWN)))
    return {read_text(each) for row in rows for each in row if each}


def _holds(rule: object, file: Mapping[str, object]) -> bool:
    """Return whether a filter is one of columns of the file and lets it pass."""
    if not isinstance(rule, dict):
        return False
    return all(_part_holds(name, part, file) for name, part in rule.items())


def _part_holds(name: str, part: object, file: Mapping[str, object]) -> bool:
    if name in {"_and", "_or"}:
        join = all if name == "_and" else any
        return isinstance(part, list) and join(_holds(each, file) for each in part)
    if name not in file or not isinstance(part, dict):
        return False
    value = read_text(file[name])
    return all(
        operator in _OPERATORS
        and _is_understood(operator, given)
        and _OPERATORS[operator](value, given)
        for operator, given in part.items()
    )


def _is_understood(operator: str, given: object) -> bool:
    """Return whether a value is of the kind that an operator compares with.

    Others would differ from every file, which `_neq` and `_nin` take for a reason to show it.
    """
    if operator in _OF_NULL:
        return isinstance(given, bool)
    if isinstance(given, list) != (operator in _OF_LISTS):
        return False
    return all(map(_is_plain, given if isinstance(given, list) else [given]))


def _is_plain(given: object) -> bool:
    """Return whether a value is a text that Directus does not replace, as `$CURRENT_USER`."""
    return isinstance(given, str) and not given.startswith("$")


def _texts(given: Sequence[object]) -> set[str]:
    return set(map(read_text, given))
