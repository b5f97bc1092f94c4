"""Check the head of each request: who sends it, may they, how often, and with what body."""

from collections.abc import Callable
from typing import cast

from flask import Flask, Response

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_application, current_g, current_request
from open_event_uploads.errors import ReadOnly
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.identity import Identity
from open_event_uploads.server.policy import Policy
from open_event_uploads.server.rate_limits import (
    add_fields,
    charge_before_body,
    register_limits,
)
from open_event_uploads.server.routes import policy_of

_AUTHENTICATE = "uploads_authenticate"


def register_checks(app: Flask, authenticate: Callable[[str], Identity]) -> None:
    """Prepare the checks of an application's requests.

    The Authorization header is given to `authenticate`, which raises `InvalidToken`.
    """
    app.extensions[_AUTHENTICATE] = authenticate
    register_limits(app)
    app.after_request(_finish)


def check_sender(identify: Callable[[], Identity | None]) -> None:
    """Identify the sender, and make sure that they may make the call.

    Args:
        identify: returns the sender, None for anybody; called again by `check_sender_again`.

    Raises:
        Unauthenticated, Forbidden: as of `Policy.check`.
        As `identify`.
    """
    g = current_g()
    g.identify = identify
    g.identity = identify()
    g.policy.check(g.identity, anonymous_uploads=current_settings().anonymous_uploads)


def check_sender_again() -> None:
    """Make sure that the sender of a body that was waited for may still make the call.

    A body may take hours, in which a token is revoked, a session ends, or an admin becomes a
    member. Errors as of `check_sender`.
    """
    g = current_g()
    if "identify" in g:
        check_sender(g.identify)


def apply_policy(policy: Policy) -> None:
    """Count a call that its sender may make, and ask for its body.

    Args:
        policy: of the route.

    Raises:
        ReadOnly: it writes, and `UPLOADS_READ_ONLY` is on.
        RateLimitExceeded: no file more is allowed.
        As `Policy.body`.
    """
    if policy.writes and current_settings().read_only:
        raise ReadOnly
    charge_before_body(policy.counts)
    _ask_for_body(policy)


def check_head() -> None:
    """Check the request by its route's policy, before its body is received.

    Raises:
        UploadsError: it is refused.
    """
    request, g = current_request(), current_g()
    exchange = exchange_of(request.environ)
    policy = g.policy = policy_of(request)
    if request.url_rule:
        exchange.route = request.url_rule.rule
    exchange.logs = policy.logs
    g.request_id = exchange.request_id
    if exchange.refusal:
        raise exchange.refusal
    if not policy.checked:
        _ask_for_body(policy)
    elif not policy.has_own_guard:
        check_sender(_identify)
        apply_policy(policy)


def _ask_for_body(policy: Policy) -> None:
    if policy.body is not None:
        policy.body()


def _identify() -> Identity | None:
    """Read the Authorization header.

    A header must be valid wherever it is sent: a client that believes to be signed in must not be
    answered like a stranger.
    """
    authorization = current_request().environ.get("HTTP_AUTHORIZATION")
    if authorization is None:
        return None
    authenticate = current_application().extensions[_AUTHENTICATE]
    return cast("Identity", authenticate(authorization))


def _finish(response: Response) -> Response:
    exchange_of(current_request().environ).error_code = current_g().get("error_code")
    add_fields(response)
    return response
