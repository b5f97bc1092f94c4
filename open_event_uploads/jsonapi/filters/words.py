"""The search for words: what a query's words are, and the SQL that an index answers.

Both engines take the words of a file name and of `alt` to be runs of letters and digits, without
regard to case (`migrations/versions/20261123_owners.py` makes the indexes).
"""

import unicodedata
from typing import Any, Self

from sqlalchemy import Boolean, Integer, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType

from open_event_uploads.errors import InvalidParameter

_MAX_WORDS = 10
_MAX_CHARACTERS = 200


def read_words(value: object, parameter: str) -> tuple[str, ...]:
    """The words of a search, each once.

    Raises:
        InvalidParameter: it is not text, holds no words, or is too long.
    """
    if not isinstance(value, str):
        raise InvalidParameter("A search is text.", parameter=parameter)
    if len(value) > _MAX_CHARACTERS:
        raise InvalidParameter(
            f"A search has at most {_MAX_CHARACTERS} characters.",
            parameter=parameter,
            limit=_MAX_CHARACTERS,
            actual=len(value),
        )
    words = _words(value)
    if not words:
        raise InvalidParameter("A search needs a letter or a digit.", parameter=parameter)
    if len(words) > _MAX_WORDS:
        raise InvalidParameter(
            f"A search has at most {_MAX_WORDS} words.",
            parameter=parameter,
            limit=_MAX_WORDS,
            actual=len(words),
        )
    return words


def _words(text: str) -> tuple[str, ...]:
    # File names are kept in NFC. A mark (a vowel sign of Hindi, say) stays with its letter: each
    # engine takes a quoted word apart just as it took apart what it indexed. Of other numbers
    # (superscripts, fractions) the engines think differently, so those separate.
    spaced = "".join(
        each if _is_in_a_word(unicodedata.category(each)) else " "
        for each in unicodedata.normalize("NFC", text)
    )
    words = (word for word in spaced.split() if any(map(str.isalnum, word)))
    return tuple(dict.fromkeys(words))


def _is_in_a_word(category: str) -> bool:
    return category == "Nd" or category[0] in "LM"


class HasAllWords(FunctionElement[bool]):
    """Each word begins a word of an upload.

    Args:
        model: of the table `uploads`.
        words: of letters, digits and marks only; quoted here, and bound.
        most: so many are looked for and no more, of which SQLite takes the last that came; None
            for all. A word that a million uploads have costs seconds otherwise.
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
        """As it is: SQLAlchemy would compare a function with 1 on SQLite, and lose the index."""
        return self


@compiles(HasAllWords, "sqlite")
def _in_sqlite(element: HasAllWords, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    id_, words, _, *most = element.clauses
    bound = f"ORDER BY rowid DESC LIMIT {compiler.process(most[0], **options)}" if most else ""
    return (
        f"({compiler.process(id_, **options)} IN (SELECT upload_id FROM upload_numbers "  # noqa: S608 - two names and a bound value
        "WHERE number IN (SELECT rowid FROM upload_words "
        f"WHERE upload_words MATCH {compiler.process(words, **options)} {bound})))"
    )


@compiles(HasAllWords, "postgresql")
def _in_postgresql(element: HasAllWords, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    id_, _, words, *most = element.clauses
    bound = f"LIMIT {compiler.process(most[0], **options)}" if most else "OFFSET 0"
    # On the left of @@ to the letter the expression that is indexed. On its right the same is
    # taken out of the words, but not the marks of the query's own syntax. Either bound has the
    # planner ask the index first: it guesses that words are common, and for rare ones it read the
    # newest uploads one by one (120 ms, not 1, at 20,000 rows).
    return (
        f"({compiler.process(id_, **options)} IN (SELECT id FROM uploads "  # noqa: S608 - a name and a bound value
        "WHERE to_tsvector('simple', "
        "regexp_replace(filename || ' ' || alt, '[^[:alnum:]]+', ' ', 'g')) "
        f"@@ to_tsquery('simple', regexp_replace({compiler.process(words, **options)}, "
        f"'[^[:alnum:]'':*& ]+', ' ', 'g')) {bound}))"
    )
