"""Validate and spell email addresses."""

import unicodedata
from functools import cache
from importlib import import_module
from typing import Any

from open_event_uploads.errors import InvalidAttribute

# RFC 5321, section 4.5.3.1.
MAX_CHARACTERS = 254


@cache
def _validator() -> Any:  # noqa: ANN401 - a module
    """Import the library when it is needed first: new addresses are rare, starts are not."""
    library = import_module("email_validator")
    # No mail is sent to an address, so `localhost` and company-internal domains are as good as
    # others. The library's documented way to allow them ("Special-Use Domain Names").
    library.SPECIAL_USE_DOMAIN_NAMES.clear()
    return library


def normalize_email(text: str) -> str:
    """Return the one spelling of an address under which it is stored.

    Raises:
        InvalidAttribute: it is not an address; quoted local parts (RFC 5321) are not allowed.
    """
    folded, validator = fold_email(text), _validator()
    try:
        # `strict` limits the local part to 64 characters (RFC 5321, section 4.5.3.1.1).
        validator.validate_email(
            folded, strict=True, check_deliverability=False, globally_deliverable=False
        )
    except validator.EmailNotValidError:
        folded = ""
    if not folded or len(folded) > MAX_CHARACTERS:
        raise InvalidAttribute(
            "This is not an email address; write one such as ada@example.org.", attribute="email"
        )
    return folded


def fold_email(text: str) -> str:
    """Return the one spelling under which an address is looked up, or "" for what is never one.

    Case is folded on both sides of the `@`. The local part may be case-sensitive (RFC 5321,
    section 2.4), but no two people are told apart by that, and attackers could imitate somebody.
    The address itself is not validated: those stored by earlier versions must still be found.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())
    # Control, format, private and unassigned characters, and halves of surrogate pairs.
    is_clean = not any(unicodedata.category(each).startswith("C") for each in folded)
    return folded if is_clean else ""
