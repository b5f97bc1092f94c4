"""Split the query string strictly (JSON:API 1.1, "Query Parameters")."""

import re
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import parse_qsl

from open_event_uploads.current import current_request
from open_event_uploads.errors import InvalidParameter

# "Member Names" in the recommended ASCII subset, and "Query Parameter Families".
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_PARAMETER = re.compile(rf"({_NAME})((?:\[{_NAME}\])*)")
_MEMBER = re.compile(rf"\[({_NAME})\]")
_RESERVED = re.compile("[a-z]+")
_MAX_PARAMETERS = 100

# Names and values, decoded, in their order.
Sent = tuple[tuple[str, str], ...]

# The members of a family as they were sent: `filter[size]` is `{("size",): "…"}`, `sort` is
# `{(): "…"}`.
Family = Mapping[tuple[str, ...], str]


def sent_parameters() -> Sent:
    """Return the request's parameters, decoded, in their order.

    Raises:
        InvalidParameter: they are not UTF-8, hold a NUL, or are too many.
    """
    try:
        text = current_request().query_string.decode()
        sent = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except UnicodeDecodeError:
        raise InvalidParameter("The query string is not UTF-8.") from None
    except ValueError:
        raise InvalidParameter(
            f"The query string has more than {_MAX_PARAMETERS} parameters.", limit=_MAX_PARAMETERS
        ) from None
    for name, value in sent:
        if "\0" in value:
            raise InvalidParameter("A value cannot hold a NUL character.", parameter=name)
    return tuple(sent)


def by_family(sent: Sent, known: frozenset[str]) -> dict[str, Family]:
    """Group parameters by family.

    Raises:
        InvalidParameter: a name is malformed, reserved by the specification and not known here,
            or repeated.
    """
    families: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for name, value in sent:
        match = _PARAMETER.fullmatch(name)
        if match is None:
            raise InvalidParameter("This is not a query parameter's name.", parameter=name)
        family, members = match[1], tuple(_MEMBER.findall(match[2]))
        if family not in known:
            if _RESERVED.fullmatch(family):
                raise InvalidParameter("This parameter is not supported here.", parameter=name)
            continue  # a name with another character belongs to some other implementation
        if members in families[family]:
            raise InvalidParameter("This parameter is repeated.", parameter=name)
        families[family][members] = value
    return dict(families)


def spelled(family: str, members: tuple[str, ...]) -> str:
    """Return a parameter's name as the client wrote it."""
    return family + "".join(f"[{member}]" for member in members)
