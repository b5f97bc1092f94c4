"""Say in which columns an Open Event Server names pictures, and select their rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Select, column, null, select, table

# The presets that the server has by default have the sizes of the Open Event Server.
_WIDE = {
    "large_image_url": "large",
    "thumbnail_image_url": "thumbnail",
    "icon_image_url": "icon",
}
_SQUARE = {
    "thumbnail_image_url": "thumbnail-square",
    "small_image_url": "small",
    "icon_image_url": "icon-square",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A column with the address of an original.

    Args:
        table, column: where it is.
        owner: whose it is: of the event of the row, of the user who is the row or whom it names.
        variants: columns with addresses of smaller images, with the preset that replaces each.
    """

    table: str
    column: str
    owner: Literal["nobody", "event", "itself", "user"] = "event"
    variants: Mapping[str, str] = field(default_factory=dict[str, str])


# Shared pictures come first, so that they get their own words and no owner.
PICTURES = (
    Picture("event_topics", "system_image_url", "nobody"),
    Picture("custom_placeholders", "original_image_url", "nobody", _WIDE),
    Picture("events", "original_image_url", variants=_WIDE),
    Picture("events", "logo_url"),
    Picture("speaker", "photo_url", "user", _SQUARE),
    Picture("sponsors", "logo_url"),
    Picture("exhibitors", "banner_url", variants={"thumbnail_image_url": "thumbnail"}),
    Picture("exhibitors", "logo_url"),
    Picture("groups", "banner_url", "user"),
    Picture("groups", "logo_url", "user"),
    Picture("users", "original_image_url", "itself", _SQUARE),
    Picture("users", "avatar_url", "itself"),
)

# Read where the table has them.
_WORDS = ("name", "public_name", "first_name", "last_name", "copyright", "created_at")


def select_rows(picture: Picture, columns: frozenset[str]) -> Select[*tuple[Any, ...]] | None:
    """Return a SELECT of the rows with an address; None if this version has no such column."""
    if not {"id", picture.column} <= columns:
        return None
    rows = table(picture.table, *map(column, sorted(columns)))
    original = rows.c[picture.column]
    names = (*picture.variants, *_WORDS, "event_id", "user_id")
    found = [rows.c[each] if each in columns else null().label(each) for each in names]
    statement = select(rows.c.id, original.label("original"), *found)
    statement = statement.where(original.is_not(None), original != "")
    return statement.where(rows.c.deleted_at.is_(None)) if "deleted_at" in columns else statement
