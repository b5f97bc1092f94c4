"""Options for PostgreSQL: every wait has a bound, and dead connections are replaced."""

from typing import Any

from sqlalchemy import URL

# How long a start or a request waits for a server that does not answer. A host name with two
# addresses is tried twice, and a start that cannot succeed must end within 10 seconds.
CONNECT_TIMEOUT_SECONDS = 4

# How long a request waits for a connection while all are in use: as long as for the write lock of
# SQLite.
_POOL_TIMEOUT_SECONDS = 10

# Connections beyond those that are kept open: for many requests at once, each of which holds one at
# a time; the one thread that refreshes the presets may hold two.
_OVERFLOW = 10

_CONNECTION = {
    "application_name": "open-event-uploads",  # shown by pg_stat_activity
    "client_encoding": "utf8",
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    # A peer that vanished is noticed within 25 seconds and not two hours; so is data that
    # is not acknowledged (tcp(7), TCP_USER_TIMEOUT).
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


def engine_options(
    address: URL, *, statement_timeout_seconds: int, read_only: bool
) -> dict[str, Any]:
    """Return the options of `create_engine` that bound waits; parameters in the address win.

    Args:
        address: of the database.
        statement_timeout_seconds: after which the server cancels a statement; 0 for never.
        read_only: make the server refuse to change anything.
    """
    return {
        "max_overflow": _OVERFLOW,
        "pool_timeout": _POOL_TIMEOUT_SECONDS,
        # A server that was restarted has closed all connections; without this, requests would fail.
        "pool_pre_ping": True,
        "connect_args": _parameters(address, statement_timeout_seconds, read_only=read_only),
    }


def _parameters(address: URL, statement_timeout_seconds: int, *, read_only: bool) -> dict[str, Any]:
    """Return the parameters of connections that the address does not have (libpq, 34.1.2)."""
    given = address.query.get("options", "")
    ours = f"-c statement_timeout={statement_timeout_seconds}s"
    if read_only:
        ours += " -c default_transaction_read_only=on"
    options = {"options": f"{ours} {given if isinstance(given, str) else ' '.join(given)}".strip()}
    return options | connection_parameters(address)


def connection_parameters(address: URL) -> dict[str, Any]:
    """Return the parameters that bound the waits of a connection, without those of the address."""
    return {name: value for name, value in _CONNECTION.items() if name not in address.query}
