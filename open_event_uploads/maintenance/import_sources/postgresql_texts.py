"""Read texts, JSON and times of PostgreSQL as texts, whatever they hold.

Left to itself, psycopg raises an error for a time that Python has not (`infinity`, years before 1
and after 9999) and for bytes that are no UTF-8 (a database in SQL_ASCII checks none), which would
end an import at one row.
"""

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader

_TYPES = (
    "text", "varchar", "bpchar", "name", '"char"', "json", "jsonb",
    "date", "timestamp", "timestamptz",
)  # fmt: skip
_OTHER_TYPE = 0  # those of extensions, such as citext


class _TextLoader(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "replace")


def read_as_texts(connection: Connection) -> None:
    """Make a connection return texts, JSON and times as texts; times in ISO 8601, in UTC."""
    for each in (*_TYPES, _OTHER_TYPE):
        connection.adapters.register_loader(each, _TextLoader)
    # The server would check the texts when it converts them.
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        connection.execute("SET client_encoding TO SQL_ASCII")
    connection.execute("SET DateStyle TO ISO")
    connection.execute("SET TimeZone TO UTC")
    connection.commit()
