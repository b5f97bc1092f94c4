"""Limit how often a sender may do something, and report it in header fields.

RateLimit and RateLimit-Policy are spelled as in draft-ietf-httpapi-ratelimit-headers-10.
"""

import hashlib
from typing import cast

from flask import Flask, Response
from limits import RateLimitItem

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_application, current_g, current_request
from open_event_uploads.errors import RateLimitExceeded
from open_event_uploads.jsonapi.expected_body import ALLOWANCE_BYTES
from open_event_uploads.server.client_address import current_sender
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.policy import Counts
from open_event_uploads.server.rate_counter import Count, RateCounter
from open_event_uploads.settings import parse_rates

UPLOADS, SIGN_IN, DEVICES = "uploads", "sign-in", "sign-in-devices"

# All devices of one email have the attempts of so many: whoever knows the password gets another
# device with each sign-in, and every attempt costs the processor time of a password.
_DEVICES_AT_ONCE = 10

_COUNTER, _RATES = "uploads_rate_counter", "uploads_rates"


def register_limits(app: Flask) -> None:
    """Open the counter of an application, and read its limits."""
    with app.app_context():
        settings = current_settings()
    sign_in_rates = parse_rates(settings.sign_in_rate_limits)
    app.extensions[_COUNTER] = RateCounter(settings.redis_url)
    app.extensions[_RATES] = {
        UPLOADS: parse_rates(settings.rate_limits),
        SIGN_IN: sign_in_rates,
        DEVICES: [_multiplied(each, _DEVICES_AT_ONCE) for each in sign_in_rates],
    }


def _multiplied(rate: RateLimitItem, factor: int) -> RateLimitItem:
    """Return a rate that allows so many times as much in the same time."""
    return type(rate)(rate.amount * factor, rate.multiples)


def charge_before_body(counts: Counts | None) -> None:
    """Count a request before its body is received, by its route's policy.

    A body longer than `ALLOWANCE_BYTES` is taken to hold a file. How many are in it is known, and
    counted, once it has been read.

    Raises:
        RateLimitExceeded: no file more is allowed.
    """
    if counts is Counts.FILE or (counts is Counts.LONG_BODY and _has_long_body()):
        charge_files()


def _has_long_body() -> bool:
    return (current_request().content_length or 0) > ALLOWANCE_BYTES


def charge_files(files: int = 1) -> None:
    """Count the files of a request for its sender: a user, else an address.

    Args:
        files: in all; those that were counted for this request are not counted again.

    Raises:
        RateLimitExceeded: they are too many.
    """
    g = current_g()
    charged: int = g.get("files_charged", 0)
    if files > charged:
        limit(UPLOADS, key=_sender_key(), cost=files - charged)
        g.files_charged = files


def current_sender_digest() -> str:
    """Return a digest of who sends the request: a user, else an address."""
    return _digest(_sender_key())


def _sender_key() -> str:
    user_id = current_user_id()
    return f"user {user_id}" if user_id else f"address {current_sender()}"


def charge_sign_in(email: str, device_id: str | None) -> None:
    """Count an attempt to sign in, for the address it comes from and for the email.

    So many passwords of one person are noticed, and one password of many people. A device on which
    the person has signed in before counts for itself: strangers do not lock the person out.

    Args:
        email: in the one spelling that stands for all that are alike.
        device_id: of a device on which somebody has signed in with this email; None for a stranger.

    Raises:
        RateLimitExceeded: they are too many.
    """
    if device_id is not None:
        limit(SIGN_IN, key=f"device {device_id}")
        limit(DEVICES, key=f"email {email}")
        return
    limit(SIGN_IN, key=f"address {current_sender()}")
    limit(SIGN_IN, key=f"email {email}")


def charge_confirmation(user_id: str) -> None:
    """Count an attempt of a user who is signed in to confirm a change by the password.

    It counts for the user alone, whom strangers then cannot keep from changing the password.

    Raises:
        RateLimitExceeded: they are too many.
    """
    limit(SIGN_IN, key=f"user {user_id}")


def limit(name: str, *, key: str, cost: int = 1) -> None:
    """Count an action of a sender against its limits; only a digest of the key is kept."""
    extensions = current_application().extensions
    counter = cast("RateCounter", extensions[_COUNTER])
    digest = _digest(key)
    for rate in extensions[_RATES][name]:
        count = counter.count(f"{name}-{rate.get_expiry()}s", rate, digest, cost)
        _note(count)
        if not count.allowed:
            raise _exceeded(count, cost)


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _note(count: Count) -> None:
    """Keep a count for the header fields, which name a limit once: the least that is left of it."""
    noted: dict[str, Count] = current_g().setdefault("rate_limits", {})
    earlier = noted.get(count.name)
    if earlier is None or count.remaining <= earlier.remaining:
        noted[count.name] = count


def _exceeded(count: Count, cost: int) -> RateLimitExceeded:
    allowed, seconds = count.rate.amount, count.rate.get_expiry()
    return RateLimitExceeded(
        f"{allowed} are allowed in {seconds} seconds; {count.remaining} are left.",
        limit=allowed,
        actual=allowed - count.remaining + cost,
        headers={"Retry-After": str(max(count.reset_seconds, 1))},
    )


def add_fields(response: Response) -> None:
    """Add to an answer how much is left of the limits that the request counted against."""
    noted: dict[str, Count] | None = current_g().get("rate_limits")
    if noted:
        counts = noted.values()
        response.headers["RateLimit-Policy"] = ", ".join(
            f'"{each.name}";q={each.rate.amount};w={each.rate.get_expiry()}' for each in counts
        )
        response.headers["RateLimit"] = ", ".join(
            f'"{each.name}";r={each.remaining};t={each.reset_seconds}' for each in counts
        )
