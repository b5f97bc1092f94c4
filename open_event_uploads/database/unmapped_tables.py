"""Tables without a model: migrations create them, and triggers of the database maintain them."""

import re

# SQLite's index of words, with the tables that its full-text module adds.
_UNMAPPED = re.compile("upload_numbers|upload_words(?:_.*)?|ix_uploads_words")


def is_mapped(name: str | None, type_: str, _: object = None) -> bool:
    """Return whether Alembic compares a database object with the models (its `include_name`)."""
    return type_ not in {"table", "index"} or not _UNMAPPED.fullmatch(name or "")
