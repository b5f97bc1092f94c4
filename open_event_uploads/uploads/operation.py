"""One operation on an upload, and the bytes that it needs, made durable before the write."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Engine

from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.changes import NewBytes, check_ready, holds, move_bytes
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UploadColumns, UploadRow
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.rows import new_row, read_upload
from open_event_uploads.uploads.store import store_file


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


class Preparation:
    """Make durable what operations need, before their write begins.

    Args:
        engine: of the database.
        storage: where the bytes go.
        processing: how new files are processed.
        check: raises where the sender may not change an upload: nothing is copied then.
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
        # Uploads after the operations before, by id and `lid`: a `lid` may look like an id.
        self._known: dict[tuple[str | None, str | None], UploadRow] = {}

    def bytes_for(self, operation: Operation) -> NewBytes | None:
        """Make durable what one operation needs, if anything; call it for each in their order."""
        name, content, known = (operation.id, operation.lid), operation.content, None
        if operation.verb == "add":
            check_lease(operation.values.get("expires_at"))
        elif content is None and "visibility" not in operation.values:
            return None
        else:
            known = self._known.get(name) or self._look_up(operation.id)
        visibility = operation.values.get("visibility", known.visibility if known else "public")
        private = visibility == "private"
        if content is not None and not (known and holds(known, content.checksum)):
            stored = store_file(
                content, private=private, storage=self._storage, processing=self.processing
            )
            self._known[name] = new_row({"filename": "", **stored.columns()})
            return stored
        if known is None or visibility == known.visibility:
            return None
        check_ready(known)
        moved = move_bytes(known.key, private=private, engine=self._engine, storage=self._storage)
        self._known[name] = msgspec.structs.replace(known, **moved.columns())  # type: ignore[type-var]
        return moved

    def _look_up(self, upload_id: str | None) -> UploadRow | None:
        """Return an upload; the write raises `NotFound` where there is none."""
        upload = read_upload(self._engine, upload_id) if upload_id else None
        if upload is not None:
            self._check(upload)
        return upload
