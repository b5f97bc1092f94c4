"""The fields of an upload that clients write, each described once.

Documents, forms, direct announcements, operations, the import manifest, the export, the admin page,
the API's description and the table in docs/how-to/writing.md derive from `FIELDS`. To add a field,
add its column to `model.py`, a migration, and an entry here. Who may change an upload may write
every field (`access.py`); the default of a field is its column's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from open_event_uploads.uploads import filename
from open_event_uploads.uploads.model import Upload, UploadColumns


@dataclass(frozen=True, slots=True)
class FileName:
    """A file name; cleaned and cut, not refused. Empty for a name of ours."""

    max_characters: int = filename.MAX_CHARACTERS
    widget: ClassVar = "line"


@dataclass(frozen=True, slots=True)
class Text:
    """Text for people, in Unicode normalization form C and without NUL; empty for none.

    Args:
        max_characters: how many are allowed.
    """

    max_characters: int
    widget: ClassVar = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    words: tuple[str, ...]
    widget: ClassVar = "choice"


@dataclass(frozen=True, slots=True)
class Lease:
    """A time to come, with its zone (RFC 3339); null for no end. `lease.py` bounds it."""

    widget: ClassVar = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadField:
    """A field of an upload that clients write.

    Args:
        name: of the column; with dashes, of the attribute, the form's part and the manifest's
            member.
        type: how a value is read and bounded.
        description: what it means, for readers of the API's description or of the documentation.
        label: its name on the admin page.
        hint: what the admin page explains below it.
        null_clears: whether null on PATCH clears it; of other fields null keeps the value.
        waits: whether it changes only once the upload is published.
    """

    name: str
    type: FileName | Text | Choice | Lease
    description: str
    label: str
    hint: str = ""
    null_clears: bool = False
    waits: bool = False

    @property
    def attribute(self) -> str:
        """Return the name that clients know."""
        return self.name.replace("_", "-")

    @property
    def default(self) -> object:
        """Return what a new upload has where a client sends nothing; None where we choose."""
        default = Upload.__table__.c[self.name].default
        return default.arg if default is not None else None


FIELDS = (
    UploadField(
        name="filename",
        type=FileName(),
        description="The file's name; cleaned.",
        label="File name",
    ),
    UploadField(
        name="alt",
        type=Text(max_characters=2000),
        description="A description for people who cannot see the image.",
        label="Alt text",
        hint="A description for people who cannot see the picture.",
    ),
    UploadField(
        name="caption",
        type=Text(max_characters=2000),
        description="Shown below the image.",
        label="Caption",
    ),
    UploadField(
        name="credit",
        type=Text(max_characters=200),
        description="Whom to name as the author of the image.",
        label="Credit",
    ),
    UploadField(
        name="visibility",
        type=Choice(("public", "private")),
        description="`private`: only its owner, admins and holders of a link may see it.",
        label="Visibility",
        hint="A change gives the file a new address; the old one stops working at once.",
        waits=True,
    ),
    UploadField(
        name="expires_at",
        type=Lease(),
        description="The end of the lease: a future time with its zone; null on PATCH keeps the "
        "upload for good.",
        label="Kept until (UTC)",
        hint="After that time nobody sees the file, and the sweeper removes it. Empty keeps it.",
        null_clears=True,
        waits=True,
    ),
)

# Values by the name of their field; what is not there is as it is, or of a new upload its default.
Values = Mapping[str, Any]
NO_VALUES: Values = {}


def values_of(upload: UploadColumns) -> dict[str, Any]:
    """Return what an upload has in every field."""
    return {field.name: getattr(upload, field.name) for field in FIELDS}
