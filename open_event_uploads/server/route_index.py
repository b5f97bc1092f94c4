"""Find a route by one look-up, in an index of Werkzeug's map."""

import re
from typing import cast

from flask import Flask
from werkzeug.routing import Map, Rule

_VARIABLE = "<id:id>"
_INDEX = "uploads_route_index"

Found = tuple[Rule, dict[str, str]]


class RouteIndex:
    """The routes whose addresses have no variable, or an id alone.

    Args:
        routes: all of them, with a converter `id`.
    """

    def __init__(self, routes: Map) -> None:
        self._id = re.compile(rf"(?<=/){routes.converters['id'].regex}(?=/|\Z)")
        # Apart, because a client may send any path: `/v1/uploads/<id:id>`, too.
        self._without_id: dict[tuple[str, str], Rule] = {}
        self._with_id: dict[tuple[str, str], Rule] = {}
        for rule in routes.iter_rules():
            if "<" not in rule.rule.replace(_VARIABLE, "", 1):
                rules = self._with_id if _VARIABLE in rule.rule else self._without_id
                for method in rule.methods or ():
                    rules.setdefault((method, rule.rule), rule)

    def find(self, method: str, path: str) -> Found | None:
        """Return the route of an address, and its variables; None where the map must be asked."""
        if (rule := self._without_id.get((method, path))) is not None:
            return rule, {}
        if (match := self._id.search(path)) is None:
            return None
        template = f"{path[: match.start()]}{_VARIABLE}{path[match.end() :]}"
        rule = self._with_id.get((method, template))
        return None if rule is None else (rule, {"id": match[0]})


def index_of(app: Flask) -> RouteIndex:
    """Return the index of an application's routes; none is added once requests come."""
    if (found := app.extensions.get(_INDEX)) is None:
        found = app.extensions[_INDEX] = RouteIndex(app.url_map)
    return cast("RouteIndex", found)
