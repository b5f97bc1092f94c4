"""What PostgreSQL needs to serve several workers: bounded waits, and no connection that is dead."""

from typing import Any

from sqlalchemy import URL

# How long a start, or a request, waits for a server that does not answer. A name with two
# addresses is tried twice, and a start that cannot succeed ends within 10 seconds.
CONNECT_TIMEOUT_SECONDS = 4

# How long a request waits for a connection that another thread has: as long as for a turn to
# write to SQLite.
_POOL_TIMEOUT_SECONDS = 10

# For moments, beyond those that are kept: a thread that holds one may need a second.
_OVERFLOW = 10

_CONNECTION = {
    "application_name": "open-event-uploads",  # shown by pg_stat_activity
    "client_encoding": "utf8",
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    # A peer that is gone without a word is noticed in 25 seconds and not in two hours; unanswered
    # data in as much (tcp(7), TCP_USER_TIMEOUT).
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


def engine_options(
    address: URL, *, statement_timeout_seconds: int, read_only: bool
) -> dict[str, Any]:
    """What bounds an engine of this address; parameters in the address win.

    Args:
        address: of the database.
        statement_timeout_seconds: after which the server gives a statement up; 0 for never.
        read_only: have the server refuse whatever would write.
    """
    return {
        "max_overflow": _OVERFLOW,
        "pool_timeout": _POOL_TIMEOUT_SECONDS,
        # A server that was restarted has closed them all: the first request would find that out.
        "pool_pre_ping": True,
        "connect_args": _parameters(address, statement_timeout_seconds, read_only=read_only),
    }


def _parameters(address: URL, statement_timeout_seconds: int, *, read_only: bool) -> dict[str, Any]:
    """The parameters of each connection that its address does not give (libpq, 34.1.2)."""
    said = address.query.get("options", "")
    ours = f"-c statement_timeout={statement_timeout_seconds}s"
    if read_only:
        ours += " -c default_transaction_read_only=on"
    options = {"options": f"{ours} {said if isinstance(said, str) else ' '.join(said)}".strip()}
    return options | {
        name: value for name, value in _CONNECTION.items() if name not in address.query
    }
