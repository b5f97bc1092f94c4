"""Is there a driver for the database that the settings name?"""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from open_event_uploads.errors import InvalidSettings


def check_database_url(url: str) -> None:
    """Refuse what nothing here can open; never repeats the address, which may hold a password.

    Raises:
        InvalidSettings: it is no SQLAlchemy URL, or its driver is not installed.
    """
    try:
        address = make_url(url)
        address.get_dialect().import_dbapi()
    except ArgumentError:
        raise InvalidSettings(
            "UPLOADS_DATABASE_URL: expected an SQLAlchemy URL, such as sqlite:////srv/uploads.db"
        ) from None
    except (NoSuchModuleError, ImportError):
        raise InvalidSettings(
            "UPLOADS_DATABASE_URL: the driver of this database is not installed"
        ) from None
    if address.get_backend_name() == "sqlite" and address.database in {None, "", ":memory:"}:
        raise InvalidSettings(
            "UPLOADS_DATABASE_URL: in memory, every worker would have a database of its own"
        )
