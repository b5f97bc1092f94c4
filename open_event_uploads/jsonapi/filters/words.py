"""Read the words of a search."""

import unicodedata

from open_event_uploads.errors import InvalidParameter, Sentence

_MAX_WORDS = 10
_MAX_CHARACTERS = 200


def read_words(value: object, parameter: str) -> tuple[str, ...]:
    """Return the words of a search, each once.

    Raises:
        InvalidParameter: the value is not text, holds no words, or is too long.
    """
    if not isinstance(value, str):
        raise InvalidParameter("A search is text.", parameter=parameter)
    InvalidParameter.raise_beyond(
        _MAX_CHARACTERS,
        len(value),
        Sentence("A search has at most %(most)s characters.", most=_MAX_CHARACTERS),
        parameter=parameter,
    )
    words = _words(value)
    if not words:
        raise InvalidParameter("A search needs a letter or a digit.", parameter=parameter)
    InvalidParameter.raise_beyond(
        _MAX_WORDS,
        len(words),
        Sentence("A search has at most %(most)s words.", most=_MAX_WORDS),
        parameter=parameter,
    )
    return words


def _words(text: str) -> tuple[str, ...]:
    # File names are stored in NFC. A mark (a vowel sign of Hindi, say) stays with its letter: each
    # database splits a quoted word as it split the text that it indexed. They differ about other
    # numbers (superscripts, fractions), so these separate words.
    spaced = "".join(
        each if _is_in_a_word(unicodedata.category(each)) else " "
        for each in unicodedata.normalize("NFC", text)
    )
    words = (word for word in spaced.split() if any(map(str.isalnum, word)))
    return tuple(dict.fromkeys(words))


def _is_in_a_word(category: str) -> bool:
    return category == "Nd" or category[0] in "LM"
