"""Email addresses as they are kept and compared."""

import re
import unicodedata

from open_event_uploads.errors import InvalidAttribute

# RFC 5321, section 4.5.3.1: of the whole and of the part before the `@`.
MAX_CHARACTERS = 254
_PART = r'[^\s@"(),:;<>\[\]\\]'
_EMAIL = re.compile(rf"{_PART}{{1,64}}@(?!\.){_PART}{{1,253}}(?<!\.)")


def normal_email(text: str) -> str:
    """The one spelling of an address under which it is kept and found.

    Case folded on both sides of the `@`: the part before it may have case (RFC 5321, section
    2.4), but no two people ever were told apart by that, and attackers would be.

    Args:
        text: as somebody typed it.

    Raises:
        InvalidAttribute: it is no address, quoted ones of RFC 5321 included.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())
    # No control, format, private or unassigned character, and no half of a surrogate pair.
    if any(unicodedata.category(each).startswith("C") for each in folded):
        raise _no_email()
    if len(folded) > MAX_CHARACTERS or not _EMAIL.fullmatch(folded) or ".." in folded:
        raise _no_email()
    return folded


def _no_email() -> InvalidAttribute:
    return InvalidAttribute("This is not an email address.", attribute="email")


def email_or_text(text: str) -> str:
    """Return the one spelling of an address, or of a text that is none, to count attempts by."""
    try:
        return normal_email(text)
    except InvalidAttribute:
        return text.strip().casefold()
