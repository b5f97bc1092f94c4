"""Add routes, and declare the policy of each of their methods."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Flask, Request

from open_event_uploads.current import current_application, current_g
from open_event_uploads.jsonapi import JsonApi
from open_event_uploads.server.policy import ANYBODY, NOBODY, Policy, Who

_POLICIES = "uploads_policies"

# OPTIONS tells what may be sent, and never carries credentials (Fetch, "CORS protocol").
_OPTIONS = Policy(Who.ANYBODY, checked=False)


class Routes:
    """Add routes to an application, each with a policy for each of its methods."""

    def __init__(self, api: JsonApi) -> None:
        self.app: Flask = api.app
        self._api = api

    def add(
        self,
        path: str,
        endpoint: str,
        view: Callable[..., Any] | type,
        **policies: Policy,
    ) -> None:
        """Add a route.

        Args:
            path: of the address, as Flask spells it.
            endpoint: the name of the route.
            view: a function, or a class of `jsonapi`.
            policies: by method; HEAD has the policy of GET (RFC 9110, section 9.3.2).
        """
        if isinstance(view, type):
            self._api.route(view, endpoint, path)
        else:
            self.app.add_url_rule(path, endpoint, view, methods=[*policies])
        declare_policies(self.app, endpoint, policies)

    def add_relationships(
        self, of: str, name: str, related: type, linkage: type, *, read: Policy
    ) -> None:
        """Add the two routes of the relationships of a resource; only the server changes linkage.

        Args:
            of: the path of one resource, as Flask spells it.
            name: with which the names of the routes begin.
            related: a `ResourceRelated`.
            linkage: a `ResourceRelationship`.
            read: the policy of GET.
        """
        self.add(f"{of}/<name:name>", f"{name}_related", related, GET=read)
        linkage_path = f"{of}/relationships/<name:name>"
        nobody = {"POST": NOBODY, "PATCH": NOBODY, "DELETE": NOBODY}
        self.add(linkage_path, f"{name}_relationship", linkage, GET=read, **nobody)


def declare_policies(app: Flask, endpoint: str, policies: Mapping[str, Policy]) -> None:
    """Note the policies, by method, of a route that something else has added."""
    of_routes: dict[str, dict[str, Policy]] = app.extensions.setdefault(_POLICIES, {})
    heads = {"HEAD": policies["GET"]} if "GET" in policies else {}
    of_route = of_routes.setdefault(endpoint, {"OPTIONS": _OPTIONS})
    of_route |= {**heads, **policies}


def policies_of(app: Flask, endpoint: str) -> Mapping[str, Policy]:
    """Return the policies of a route by method, those of HEAD and OPTIONS included."""
    of_routes: dict[str, dict[str, Policy]] = app.extensions.get(_POLICIES, {})
    return of_routes.get(endpoint, {})


def policy_of(request: Request) -> Policy:
    """Return the policy of a request whose route has been looked for."""
    if request.method == "OPTIONS":
        return _OPTIONS
    if request.url_rule is None:
        return ANYBODY
    policies = current_application().extensions[_POLICIES][request.url_rule.endpoint]
    return cast("Policy", policies[request.method])


def current_policy() -> Policy:
    """Return the policy of the request under way, as `check_head` found it."""
    return cast("Policy", current_g().policy)


def check_every_route(app: Flask) -> None:
    """Make sure that each method of each route has a policy.

    Raises:
        RuntimeError: one has none.
    """
    for rule in app.url_map.iter_rules():
        if missing := (rule.methods or set()) - policies_of(app, rule.endpoint).keys():
            raise RuntimeError(f"{rule.endpoint}: no policy for {', '.join(sorted(missing))}")
