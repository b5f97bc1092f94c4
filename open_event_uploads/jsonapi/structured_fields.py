"""Parse structured header fields (RFC 9651), as far as requests have them here.

A field that is malformed, or of another type, is read as if it were absent: that is what the
documents say that define these fields.
"""

import base64
import binascii
import re

_KEY = r"[a-z*][a-z0-9_.*-]*"
# Section 3.3, in its order. What a base64 decodes to is looked at where it is wanted.
_BARE_ITEMS = (
    r"-?[0-9]{1,15}",
    r"-?[0-9]{1,12}\.[0-9]{1,3}",
    r'"(?:[ !#-\[\]-~]|\\["\\])*"',
    r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*",
    r":[A-Za-z0-9+/]*={0,2}:",
    r"\?[01]",
    r"@-?[0-9]{1,15}",
    r'%"(?:[ !#$&-~]|%[0-9a-f]{2})*"',
)
_BARE_ITEM = "|".join(_BARE_ITEMS)
_PARAMETERS = rf"(?:; *{_KEY}(?:=(?:{_BARE_ITEM}))?)*"
_ITEM = rf"(?:{_BARE_ITEM}){_PARAMETERS}"
_INTEGER = re.compile(r"-?[0-9]+")
_INNER_LIST = rf"\( *(?:{_ITEM}(?: +{_ITEM})*)? *\){_PARAMETERS}"

# Parameters are ignored: no field that is read here defines any.
_ALONE = re.compile(rf" *(?P<value>{_BARE_ITEM}){_PARAMETERS} *")
_MEMBER = re.compile(
    rf"(?P<key>{_KEY})(?:=(?:(?P<value>{_BARE_ITEM}){_PARAMETERS}|{_INNER_LIST})|{_PARAMETERS})"
    r"(?P<more>[ \t]*,[ \t]*(?!$)| *$)"
)


def read_integer(text: str | None) -> int | None:
    """Return the Integer that a field is, if it is one that is not negative."""
    value = _bare_item(text)
    number = int(value) if _INTEGER.fullmatch(value) else -1
    return number if number >= 0 else None


def read_boolean(text: str | None) -> bool | None:
    """Return the Boolean that a field is, if it is one."""
    return {"?0": False, "?1": True}.get(_bare_item(text))


def _bare_item(text: str | None) -> str:
    match = _ALONE.fullmatch(text or "")
    return match["value"] if match else ""


def read_byte_sequences(text: str | None) -> dict[str, bytes]:
    """Return the members of a Dictionary that are Byte Sequences, by key."""
    members = _members(text or "")
    decoded = {key: _decoded(value) for key, value in members.items() if value.startswith(":")}
    return {key: value for key, value in decoded.items() if value is not None}


def _members(text: str) -> dict[str, str]:
    """Return the bare items of a Dictionary by key; an inner list, and true, as empty texts."""
    found: dict[str, str] = {}
    at = len(text) - len(text.lstrip(" "))
    while at < len(text):
        match = _MEMBER.match(text, at)
        if match is None:
            return {}
        found[match["key"]] = match["value"] or ""
        at = match.end()
    return found


def _decoded(value: str) -> bytes | None:
    text = value.strip(":").rstrip("=")
    try:
        # Section 4.2.7: padding may be absent.
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
