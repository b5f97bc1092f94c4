"""Describe one file of another system, and what finds such files."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.uploads.fields import NO_VALUES, Values

# Of all ids of imported uploads (RFC 9562, section 6.5). Another one would import everything again.
_NAMESPACE = uuid.UUID("6f1d7a5e-40f0-5c1f-9d43-3c3c0c3f5a1e")


class Size(NamedTuple):
    """The size of an image, or of the box that it was made for.

    Args:
        width: pixels; None for any.
        height: pixels; None for any.
    """

    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFile:
    """One file of another system, which becomes one upload.

    Args:
        key: names it in the report; it stays the same in every run.
        open: opens the bytes; raises `UnreadableFile`. It is called only if the upload does not
            exist yet.
        upload_id: of its upload, as of `derive_upload_id`; None for a file that is known by its
            bytes.
        addresses: under which it was reachable, percent-encoded: URLs, or paths that begin with
            `/` and are relative to the base address of the old site.
        prefixes: beginnings of further addresses, which nobody can list; likewise.
        variants: further addresses, of smaller images that were made from it; with the name of the
            preset that takes their place, or with their size: then the smallest variant that is not
            smaller. Without one they lead to the original.
        values: of the fields in `uploads/fields.py`, by name; None for a field's default. The
            import checks them.
        owner: the email or id of a user; None for the owner that the command names.
        owner_name: for an account that the import creates; empty if it is not known.
        created_at: when the file came to the other system, with its zone; None for now.
    """

    key: str
    open: Callable[[], IncomingFile]
    upload_id: str | None = None
    addresses: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    variants: Mapping[str, str | Size] = field(default_factory=dict[str, "str | Size"])
    values: Values = field(default_factory=lambda: NO_VALUES)
    owner: str | None = None
    owner_name: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InvalidEntry:
    """A record that does not describe a file.

    Args:
        key: names it in the report; empty if it has no name.
        reason: what is wrong with it.
    """

    key: str
    reason: str


class Source(Protocol):
    """A system whose files can be imported.

    A source is a dataclass. Its fields are options of the command with the same names: `path`,
    `database` (an address), `files` (a folder), `base_url` and others.
    """

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """Yield each file once, in an order that stays the same; memory stays flat.

        Raises:
            InvalidImport: the source cannot be read.
        """


def derive_upload_id(source: str, instance: str, key: str) -> str:
    """Return the id of the upload that a record becomes, which is the same in every run.

    Args:
        source: the name of the source.
        instance: which of several such systems; the base address of the old site.
        key: of the record in its system.
    """
    return str(uuid.uuid5(_NAMESPACE, msgspec.json.encode([source, instance, key]).decode()))
