"""The routes of an application, with addresses as OpenAPI writes them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from open_event_uploads.jsonapi import ResourceRelated, ResourceRelationship
from open_event_uploads.server.policy import Policy
from open_event_uploads.server.routes import policies_of

_VARIABLE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_RELATIONSHIP = "name"

# Every GET answers HEAD and every address OPTIONS (RFC 9110, section 9.3).
IMPLIED_METHODS = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Route:
    """One route.

    Args:
        path: an address with variables, `/v1/uploads/{id}`.
        methods: without the implied ones.
        view: the function behind it.
        patterns: by variable, the regular expression of its values.
        policies: of each method.
        relationship: the name of the relationship, if it is the route of one.
    """

    path: str
    methods: frozenset[str]
    view: Callable[..., Any]
    patterns: dict[str, str]
    policies: Mapping[str, Policy]
    relationship: str | None = None

    @property
    def resource(self) -> type[Any] | None:
        """Return the class of the view; None for a plain function."""
        found: type[Any] | None = getattr(self.view, "view_class", None)
        return found


def routes(app: Flask) -> Iterator[Route]:
    """Yield every route of an application's API, and one for each relationship."""
    for rule in app.url_map.iter_rules():
        policies = policies_of(app, rule.endpoint)
        if not all(each.documented for each in policies.values()):
            continue
        route = _read(app, rule, policies)
        resource = route.resource
        if resource is None or not issubclass(resource, ResourceRelated | ResourceRelationship):
            yield route
        elif _RELATIONSHIP in route.patterns:
            yield from _each_relationship(route, resource)
        else:
            name = (rule.defaults or {}).get(_RELATIONSHIP, route.path.rpartition("/")[2])
            yield replace(route, relationship=name)


def _read(app: Flask, rule: Rule, policies: Mapping[str, Policy]) -> Route:
    variables = list(_VARIABLE.finditer(rule.rule))
    converters = app.url_map.converters
    return Route(
        _VARIABLE.sub(r"{\g<name>}", rule.rule),
        frozenset(rule.methods or ()) - IMPLIED_METHODS,
        app.view_functions[rule.endpoint],
        {each["name"]: converters[each["converter"] or "default"].regex for each in variables},
        policies,
    )


def _each_relationship(route: Route, resource: type[Any]) -> Iterator[Route]:
    patterns = {name: each for name, each in route.patterns.items() if name != _RELATIONSHIP}
    for name in resource.schema.relationships():
        path = route.path.replace(f"{{{_RELATIONSHIP}}}", name)
        yield replace(route, path=path, patterns=patterns, relationship=name)
