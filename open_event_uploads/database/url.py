"""Read the address of a database, and check that its driver is installed."""

from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from open_event_uploads.errors import InvalidSettings

SETTING = "UPLOADS_DATABASE_URL"

# `postgres` is what libpq and many hosts write (libpq, "Connection URIs").
_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


def database_address(url: str, *, setting: str = SETTING) -> URL:
    """Read an address, and refuse one that cannot be opened.

    Args:
        url: as an operator writes it; no error repeats it, because it may hold a password.
        setting: that it comes from.

    Returns:
        The address with the driver that is used.

    Raises:
        InvalidSettings: it is not a URL of SQLite or PostgreSQL, or the driver is not installed.
    """
    address = _read(url, setting)
    driver = _driver(address, setting)
    if address.get_backend_name() == "postgresql":
        _check_parameters(address, driver, setting)
    elif "?" in url:
        raise InvalidSettings(
            f"{setting}: SQLite takes no parameters; write %3F for a question mark in the path, "
            "and %25 for a percent sign"
        )
    elif address.database in {None, "", ":memory:"}:
        raise InvalidSettings(
            f"{setting}: in memory, every worker would have a database of its own"
        )
    return address


def _read(url: str, setting: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise InvalidSettings(
            f"{setting}: expected sqlite:////path/uploads.db or "
            "postgresql://user:password@host/database"
        ) from None
    if address.drivername in _POSTGRESQL:
        address = address.set(drivername="postgresql+psycopg")
        # The rest of a password that was cut at its `@` would be shown as the host name.
        if url.partition("?")[0].count("@") > 1:
            raise InvalidSettings(f"{setting}: write an @ in the password as %40")
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        raise InvalidSettings(f"{setting}: only SQLite and PostgreSQL are supported")
    return address


def _driver(address: URL, setting: str) -> Any:  # noqa: ANN401 - a module
    try:
        return address.get_dialect().import_dbapi()
    except (NoSuchModuleError, ImportError):
        raise InvalidSettings(
            f"{setting}: the driver of this database is not installed; for PostgreSQL it is "
            "psycopg: pip install 'open-event-uploads[postgres]'"
        ) from None


def _check_parameters(address: URL, driver: Any, setting: str) -> None:  # noqa: ANN401 - a module
    """Refuse parameters that libpq does not know, without connecting."""
    known = {each.keyword.decode() for each in driver.pq.Conninfo.get_defaults()}
    if unknown := set(address.query) - known:
        raise InvalidSettings(f"{setting}: unknown {', '.join(sorted(unknown))}")
