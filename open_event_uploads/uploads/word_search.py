"""Search the file names and alternative texts of uploads for words, by an index.

In both databases, words are runs of letters and digits, without regard to case
(`migrations/versions/20261123_owners.py` makes the indexes). SQLite indexes uploads in batches;
those that wait are found by the same rules (`database/full_text.py`).
"""

from typing import Any, Self

from sqlalchemy import Boolean, Integer, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType


class HasAllWords(FunctionElement[bool]):
    """The condition that each word begins a word of an upload.

    Args:
        model: of the table `uploads`.
        words: of letters, digits and marks only; quoted here, and bound.
        most: the largest number of uploads to find, on SQLite the newest; None for all. A word
            that a million uploads have costs seconds otherwise.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, model: Any, words: tuple[str, ...], most: int | None = None) -> None:  # noqa: ANN401 - any mapped class
        # SQLite's "FTS5 Prefix Queries"; PostgreSQL's "Parsing Queries" with `:*`.
        fts5 = " AND ".join(f'"{word}"*' for word in words)
        tsquery = " & ".join(f"'{word}':*" for word in words)
        bound = () if most is None else (literal(most, Integer),)
        super().__init__(model.id, literal(fts5, String), literal(tsquery, String), *bound)

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 - SQLAlchemy's signature
        """Return it unchanged: SQLAlchemy would compare it with 1 on SQLite, and lose the index."""
        return self


@compiles(HasAllWords, "sqlite")
def _in_sqlite(element: HasAllWords, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    id_, words, _, *most = element.clauses
    query = compiler.process(words, **options)
    # What waits is numbered higher than all that is indexed, and counts for the bound too.
    bound = f"ORDER BY rowid DESC LIMIT {compiler.process(most[0], **options)}" if most else ""
    return (
        f"({compiler.process(id_, **options)} IN (SELECT upload_id FROM upload_numbers "  # noqa: S608 - names and bound values
        "WHERE number IN (SELECT rowid FROM ("
        f"SELECT rowid FROM upload_words WHERE upload_words MATCH {query} {bound}) "
        "UNION ALL SELECT value FROM json_each((SELECT fts5_matching("
        "'upload_words', (SELECT sql FROM sqlite_master WHERE name = 'upload_words'), "
        f"{query}, number, waiting.filename, waiting.alt) "
        "FROM upload_numbers JOIN uploads AS waiting ON waiting.id = upload_id "
        "WHERE number > (SELECT coalesce(max(rowid), 0) FROM upload_words)))) "
        f"{bound}))"
    )


@compiles(HasAllWords, "postgresql")
def _in_postgresql(element: HasAllWords, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    id_, _, words, *most = element.clauses
    bound = f"LIMIT {compiler.process(most[0], **options)}" if most else "OFFSET 0"
    # The left of @@ is exactly the indexed expression. Its right drops the same characters from the
    # words, but not those of the query's syntax. Either bound makes the planner use the index
    # first: it assumes that words are common, and read the newest uploads one by one for rare ones
    # (120 ms, not 1, at 20,000 rows).
    return (
        f"({compiler.process(id_, **options)} IN (SELECT id FROM uploads "  # noqa: S608 - a name and a bound value
        "WHERE to_tsvector('simple', "
        "regexp_replace(filename || ' ' || alt, '[^[:alnum:]]+', ' ', 'g')) "
        f"@@ to_tsquery('simple', regexp_replace({compiler.process(words, **options)}, "
        f"'[^[:alnum:]'':*& ]+', ' ', 'g')) {bound}))"
    )
