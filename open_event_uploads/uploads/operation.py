"""One operation on an upload, and the bytes that it needs, made durable before the write."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.changes import NewBytes, check_ready, holds, move_bytes
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.rows import read_upload
from open_event_uploads.uploads.store import StoredFile, store_file


@dataclass(frozen=True, slots=True)
class Operation:
    """One change.

    Args:
        verb: `add`, `update` or `remove`.
        id: of the upload to change.
        lid: the name that an `add` gives its upload, if any; the others know it by this where
            they have no id.
        content: the new file, or None.
        values: of its fields, by name: all of a new upload, of another those to change.
    """

    verb: str
    id: str | None = None
    lid: str | None = None
    content: IncomingFile | None = None
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownBytes:
    """The bytes that an upload has after the operations before.

    Args:
        key: where they are.
        status: whether they are handed out.
        visibility: who may see them.
        checksum: of what is served.
        received_checksum: of what was sent.
    """

    key: str = ""
    status: str = "ready"
    visibility: str = "public"
    checksum: str = ""
    received_checksum: str = ""


def _known_of(upload: Any) -> KnownBytes:  # noqa: ANN401 - a row, or what is going to be one
    return KnownBytes(*(getattr(upload, each.name) for each in fields(KnownBytes)))


class Preparation:
    """Makes durable what operations need, before their write begins.

    Args:
        engine: of the database.
        storage: where the bytes go.
        processing: how files that come in are processed.
        check: raises where an upload may not be changed: nothing is copied for whoever may not.
    """

    def __init__(
        self,
        engine: Engine,
        storage: Storage,
        processing: Processing,
        check: Callable[[UploadColumns], None],
    ) -> None:
        self.processing = processing
        self._engine = engine
        self._storage = storage
        self._check = check
        # By both: a client may choose a `lid` that looks like an id.
        self._known: dict[tuple[str | None, str | None], KnownBytes] = {}

    def bytes_for(self, operation: Operation) -> NewBytes | None:
        """Make durable what one operation needs, if anything; call it for each in their order."""
        name = operation.id, operation.lid
        if operation.verb == "add":
            check_lease(operation.values.get("expires_at"))
            known = KnownBytes()
        elif operation.content is None and "visibility" not in operation.values:
            return None
        else:
            known = self._known.get(name) or self._look_up(operation.id)
        visibility = str(operation.values.get("visibility", known.visibility))
        private = visibility == "private"
        if stored := self._stored(operation.content, known, private=private):
            self._known[name] = _known_of(SimpleNamespace(**stored.columns()))
            return stored
        if not known.key or visibility == known.visibility:
            return None
        check_ready(known)
        found = move_bytes(known.key, private=private, engine=self._engine, storage=self._storage)
        self._known[name] = replace(known, key=found.key, visibility=visibility)
        return found

    def _stored(
        self, content: IncomingFile | None, known: KnownBytes, *, private: bool
    ) -> StoredFile | None:
        if content is None or holds(known, content.checksum):
            return None
        return store_file(
            content, private=private, storage=self._storage, processing=self.processing
        )

    def _look_up(self, upload_id: str | None) -> KnownBytes:
        upload = read_upload(self._engine, upload_id) if upload_id else None
        if upload is None:
            return KnownBytes()  # the write will raise `NotFound`
        self._check(upload)
        return _known_of(upload)
