"""Describe every route: what it does, who may call it, and what a limited token needs for it."""

from collections.abc import Iterator

from open_event_uploads.openapi.route_table import routes
from open_event_uploads.server.policy import Policy, Who
from reference.application import application, description
from reference.table import table

_PAGE = """# HTTP

Look up what each address does, who may call it, and which [scope](../how-to/accounts.md#create-an-admin) a limited token needs. Every address with GET also answers HEAD, and every address answers OPTIONS. A slash at the end makes no difference. Writes to variants, policies and relationships have no row here: they are refused with 403.

`GET /v1` lists the addresses for programs. `/v1/openapi.json` describes each of them with every member and status, and `/v1/docs` shows this description to people. Not every caller sees every resource: [Who may do what](../how-to/private.md#who-may-do-what).

Made from the routes and their policies by `python -m reference`.
"""

# What is no part of the description, since no program of a client calls it.
_FOR_OPERATORS = """## For monitoring, and for people

| address | use |
|---|---|
| `GET /health/live`, `GET /health/ready` | tell whether to restart the server, and whether to send it requests: [Health](../how-to/monitoring.md#health) |
| `GET /metrics` | the metrics for Prometheus, with a token of their own: [Metrics](../how-to/monitoring.md#metrics) |
| `/admin/` | the [pages for admins](../how-to/admin.md) |
"""

_WHO = {
    Who.ANYBODY: "anybody",
    Who.UPLOADERS: "members; anybody with `UPLOADS_ANONYMOUS_UPLOADS`",
    Who.MEMBERS: "members",
    Who.ADMINS: "admins",
}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_HEAD = ("address", "what it does", "who", "scope")


def http_page() -> str:
    """Return the page of all routes, in Markdown."""
    return "\n".join([_PAGE, table(_HEAD, _rows()), "", _FOR_OPERATORS])


def _rows() -> Iterator[list[str]]:
    """Yield a row for each method of an address that somebody may call."""
    described = description()["paths"]
    for path, policies in sorted(_policies().items()):
        for method in _METHODS:
            operation = described[path].get(method.lower())
            # Every GET answers HEAD.
            is_implied = method == "HEAD" and "get" in described[path]
            if operation and not is_implied and policies[method].who is not Who.NOBODY:
                yield [f"`{method} {path}`", operation["summary"], *_policy(policies[method])]


def _policies() -> dict[str, dict[str, Policy]]:
    """Return the policies by address and method; an address may have several routes."""
    found: dict[str, dict[str, Policy]] = {}
    for route in routes(application()):
        found.setdefault(route.path, {}).update(route.policies)
    return found


def _policy(policy: Policy) -> list[str]:
    return [_WHO[policy.who], f"`{policy.scope}`" if policy.scope else ""]
