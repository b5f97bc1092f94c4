"""Tables that no model stands for: migrations make them, and the database itself keeps them up."""

import re

# SQLite's index of words, with the tables that its full-text module keeps behind it.
_UNMAPPED = re.compile("upload_numbers|upload_words(?:_.*)?|ix_uploads_words")


def is_mapped(name: str | None, type_: str, _: object = None) -> bool:
    """Whether Alembic should compare a database object with the models (its `include_name`)."""
    return type_ not in {"table", "index"} or not _UNMAPPED.fullmatch(name or "")
