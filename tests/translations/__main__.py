"""Renew and compile all catalogues, and list what has no translation yet."""

import sys

from tests.translations.catalogues import CODES, is_translated, renew, source_path


def main() -> int:
    """Return how many texts of all languages have no translation, at most 1."""
    missing = [
        (code, message.id)
        for code in CODES
        for message in renew(code)
        if message.id and not is_translated(message)
    ]
    for code, text in missing:
        sys.stderr.write(f"{source_path(code)}: {text}\n")
    return min(len(missing), 1)


if __name__ == "__main__":
    sys.exit(main())
