"""File names: display data that a client chose, never a path."""

import unicodedata

MAX_CHARACTERS = 120

# `Cc` control, `Cf` format (bidirectional overrides, zero-width characters), `Cs` surrogate,
# `Co` private use, `Cn` unassigned: nothing a reader could see, several that mislead.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean_filename(name: str) -> str:
    """Return the part of a client's file name that is worth keeping.

    Takes the base name on both kinds of separator, in Unicode normalization form C, without
    control and format characters, cut to `MAX_CHARACTERS` with its extension kept.

    Returns:
        The cleaned name; empty when nothing is left (`..`, white space).
    """
    visible = "".join(each for each in name if unicodedata.category(each) not in _INVISIBLE)
    normal = unicodedata.normalize("NFC", visible)
    base = normal.replace("\\", "/").rpartition("/")[2].strip()
    return "" if base in {".", ".."} else _shorten(base)


def _shorten(name: str) -> str:
    if len(name) <= MAX_CHARACTERS:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 10:  # noqa: PLR2004 - longer than any extension people know
        return name[:MAX_CHARACTERS].rstrip()
    return stem[: MAX_CHARACTERS - len(extension) - 1].rstrip() + dot + extension
