"""Who may call a route, and how the server treats the call: declared where the route is.

What a member may see or change of others' is decided by the feature, by the row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, cast

from flask import Flask, current_app, request

from open_event_uploads.errors import Forbidden, Unauthenticated
from open_event_uploads.jsonapi import JsonApi
from open_event_uploads.server.identity import Identity

_POLICIES = "uploads_policies"


class Who(Enum):
    """Who may call a route; what they then find may be less than an admin would."""

    ANYBODY = auto()
    # Members, and anybody at all where `UPLOADS_ANONYMOUS_UPLOADS` is on.
    UPLOADERS = auto()
    MEMBERS = auto()
    ADMINS = auto()
    # Nobody, not even an admin: the view says so, to those who may see the resource.
    NOBODY = auto()


class Counts(Enum):
    """What a call counts as against the rate limits."""

    # One file, before the body is read.
    FILE = auto()
    # One file, before the body is read, if the body is longer than words need.
    LONG_BODY = auto()
    # An attempt to sign in; the view counts it, since the body names the account.
    SIGN_IN = auto()


@dataclass(frozen=True, slots=True)
class Policy:
    """How the server treats a call of a route by one method.

    Args:
        who: may call it.
        scope: what a limited token needs for it.
        writes: whether it is refused in read-only mode.
        counts: what it counts as against the rate limits.
        checked: False calls the view before any credentials are read and any other hook runs.
        has_own_guard: whether hooks of its blueprint identify the sender and decide instead.
        logs: whether the log has a line about each success.
        documented: whether the OpenAPI description has it.
    """

    who: Who
    scope: str | None = None
    writes: bool = False
    counts: Counts | None = None
    checked: bool = True
    has_own_guard: bool = False
    logs: bool = True
    documented: bool = True

    def check(self, identity: Identity | None, *, anonymous_uploads: bool) -> None:
        """Make sure that the sender may call the route.

        Args:
            identity: of the sender; None for anybody.
            anonymous_uploads: whether files are accepted from anybody.

        Raises:
            Unauthenticated: the request must say who sends it.
            Forbidden: the sender may not.
        """
        if self.who in {Who.ANYBODY, Who.NOBODY}:
            return
        if identity is None:
            if self.who is Who.UPLOADERS and anonymous_uploads:
                return
            raise Unauthenticated(
                "Send a token: `Authorization: Bearer …`.", header="Authorization"
            )
        if self.who is Who.ADMINS and not identity.is_admin:
            raise Forbidden("Only admins may do that.")
        if self.scope and not identity.has_scope(self.scope):
            raise Forbidden(f"The token is limited, and not to `{self.scope}`.")


# The policies that several features need.
ANYBODY = Policy(Who.ANYBODY)
NOBODY = Policy(Who.NOBODY)


def read_only(read: Policy) -> dict[str, Policy]:
    """Return the policies of a relationship, which the server keeps, as `GET` has this one."""
    return {"GET": read, "POST": NOBODY, "PATCH": NOBODY, "DELETE": NOBODY}


# Of a request that no route answers.
_NO_ROUTE = ANYBODY
# OPTIONS tells what may be sent, and never carries credentials (Fetch, "CORS protocol").
_OPTIONS = Policy(Who.ANYBODY, checked=False)


class Routes:
    """Adds routes to an application, each with a policy for each of its methods.

    Args:
        api: of the application.
    """

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


def declare_policies(app: Flask, endpoint: str, policies: Mapping[str, Policy]) -> None:
    """Note the policies of a route that something else has added.

    Args:
        app: that has the route.
        endpoint: the name of the route.
        policies: by method.
    """
    of_routes: dict[str, dict[str, Policy]] = app.extensions.setdefault(_POLICIES, {})
    heads = {"HEAD": policies["GET"]} if "GET" in policies else {}
    of_route = of_routes.setdefault(endpoint, {"OPTIONS": _OPTIONS})
    of_route |= {**heads, **policies}


def policies_of(app: Flask, endpoint: str) -> Mapping[str, Policy]:
    """Return the policies of a route by method, those of HEAD and OPTIONS included."""
    of_routes: dict[str, dict[str, Policy]] = app.extensions.get(_POLICIES, {})
    return of_routes.get(endpoint, {})


def current_policy() -> Policy:
    """Return the policy of the request under way."""
    if request.method == "OPTIONS":
        return _OPTIONS
    endpoint = request.endpoint
    if endpoint is None:
        return _NO_ROUTE
    return cast("Policy", current_app.extensions[_POLICIES][endpoint][request.method])


def check_every_route(app: Flask) -> None:
    """Make sure that each method of each route has a policy.

    Raises:
        RuntimeError: one has none.
    """
    for rule in app.url_map.iter_rules():
        if missing := (rule.methods or set()) - policies_of(app, rule.endpoint).keys():
            raise RuntimeError(f"{rule.endpoint}: no policy for {', '.join(sorted(missing))}")
