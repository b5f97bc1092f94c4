"""Whether a request may go on, by the rules in `accounts/rules.py`."""

from flask import Flask, request

from open_event_uploads.accounts.rules import NEVER_WRITTEN, RULES, check_rule, is_admin_page
from open_event_uploads.context import current_settings
from open_event_uploads.server.identity import current_identity


def register_access(app: Flask) -> None:
    """Judge each request before anything of its body is read."""
    app.before_request(_judge)


def rule_name(method: str, endpoint: str) -> str:
    """What the rule for a route is called; HEAD is a GET (RFC 9110, section 9.3.2)."""
    return f"{'GET' if method == 'HEAD' else method} {endpoint}"


def _judge() -> None:
    endpoint = request.endpoint
    # OPTIONS asks what may be asked, and never says who asks (Fetch, "CORS protocol"). Without an
    # endpoint there is nothing here. The pages for admins have a guard of their own.
    if endpoint is None or request.method == "OPTIONS" or is_admin_page(endpoint):
        return
    name = rule_name(request.method, endpoint)
    if name not in RULES and endpoint in NEVER_WRITTEN:
        return
    check_rule(
        current_identity(),
        RULES[name],
        anonymous_uploads=current_settings().anonymous_uploads,
    )
