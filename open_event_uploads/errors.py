"""Everything that can go wrong, as one tree: adding an error is adding one class.

A class states what never changes (`status`, `code`, `title`) and, in its docstring, when it is
raised. An instance says what happened this time. `jsonapi/problems.py` is the only place
that turns these into responses; `cli/` shows an `OperatorError` as one line.
"""

from collections.abc import Mapping
from typing import ClassVar


class UploadsError(Exception):
    """Raised when a request cannot be fulfilled; only its subclasses are raised.

    Args:
        detail: one sentence for the person who reads the response.
        attribute: the attribute at fault, in public (dasherized) spelling.
        pointer: JSON Pointer (RFC 6901) to the member at fault, where it is not an attribute.
        parameter: the query parameter at fault, whole (`page[size]`).
        header: the request header at fault.
        limit: the bound that was crossed, in the unit that `detail` names.
        actual: what the request had instead.
        headers: response headers that belong to this answer.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    # Where a profile defines this kind of error, the profile and what it calls it; its address
    # (JSON:API 1.1, "Error Objects", `links.type`) is one behind the other.
    profile: ClassVar[str] = ""
    kind: ClassVar[str] = ""

    def __init__(  # noqa: PLR0913 - the members of a JSON:API error object, all but one optional
        self,
        detail: str = "",
        *,
        attribute: str | None = None,
        pointer: str | None = None,
        parameter: str | None = None,
        header: str | None = None,
        limit: int | None = None,
        actual: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.attribute = attribute
        self.pointer = pointer
        self.parameter = parameter
        self.header = header
        self.limit = limit
        self.actual = actual
        self.headers = dict(headers or {})
        # Which of several operations failed, counted from 0; set where they are run.
        self.operation: int | None = None


class ManyErrors(Exception):
    """Raised when one request has several faults that one response should name.

    Args:
        errors: at least one; the first decides the status of the response.
    """

    def __init__(self, errors: list[UploadsError]) -> None:
        super().__init__(*errors)
        self.errors = errors


# --- The request itself (RFC 9110, JSON:API 1.1) --------------------------------------------


class InvalidRequest(UploadsError):
    """Raised when the request is malformed in a way that no other class names."""

    status, code, title = 400, "invalid-request", "Invalid request"


class InvalidJson(UploadsError):
    """Raised when the body is not JSON in UTF-8 (RFC 8259), or nests too deeply."""

    status, code, title = 400, "invalid-json", "Invalid JSON"


class InvalidDocument(UploadsError):
    """Raised when the JSON is not the JSON:API document this request needs."""

    status, code, title = 400, "invalid-document", "Invalid document"


class InvalidParameter(UploadsError):
    """Raised when a query parameter is unknown, repeated or has a value it cannot have."""

    status, code, title = 400, "invalid-parameter", "Invalid query parameter"


class PageSizeExceeded(InvalidParameter):
    """Raised when `page[size]` is over the maximum (Cursor Pagination profile, "Error Cases")."""

    profile = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
    kind = "max-size-exceeded"


class UnsupportedSort(InvalidParameter):
    """Raised when pages between cursors cannot have this order (the same profile)."""

    profile = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
    kind = "unsupported-sort"


class ReadOnlyRelationship(UploadsError):
    """Raised when a client wants to change a relationship that the server keeps."""

    status, code, title = 403, "read-only-relationship", "Read-only relationship"


class ReadOnlyResource(UploadsError):
    """Raised when a client wants to change a resource that the server keeps."""

    status, code, title = 403, "read-only-resource", "Read-only resource"


class BodyLengthMismatch(UploadsError):
    """Raised when the body is shorter or longer than its Content-Length says."""

    status, code, title = 400, "body-length-mismatch", "Body and Content-Length differ"


class ClientGeneratedId(UploadsError):
    """Raised when a client chooses the id of a new resource (JSON:API, client-generated ids)."""

    status, code, title = 403, "client-generated-id", "Client-generated ids are not supported"


class QuotaExceeded(UploadsError):
    """Raised when all files of a user together would have more bytes than allowed.

    403, as for all that one may see but not do: trying again is of no use until something is
    deleted. It is no 413 (the request is none too large), no 422 (nothing in it is wrong), and no
    507: the server has room.
    """

    status, code, title = 403, "quota-exceeded", "Quota exceeded"


class NotFound(UploadsError):
    """Raised when there is nothing at this address, or nothing any more."""

    status, code, title = 404, "not-found", "Not found"


class MethodNotAllowed(UploadsError):
    """Raised when this address does not know the request's method."""

    status, code, title = 405, "method-not-allowed", "Method not allowed"


class NotAcceptable(UploadsError):
    """Raised when Accept names the JSON:API media type only with parameters that are not ours."""

    status, code, title = 406, "not-acceptable", "Not acceptable"


class TypeConflict(UploadsError):
    """Raised when a resource object has another type than its collection."""

    status, code, title = 409, "type-conflict", "Type conflict"


class IdConflict(UploadsError):
    """Raised when a resource object has another id than its address."""

    status, code, title = 409, "id-conflict", "Id conflict"


class IdempotencyKeyInUse(UploadsError):
    """Raised when a request comes again while it is still running (Idempotency-Key)."""

    status, code, title = 409, "idempotency-key-in-use", "Request in progress"


class IdempotencyKeyReused(UploadsError):
    """Raised when a key of another request comes with this one (Idempotency-Key)."""

    status, code, title = 422, "idempotency-key-reused", "Idempotency-Key reused"


class ChangedMeanwhile(UploadsError):
    """Raised when an upload's bytes became others while they were being moved."""

    status, code, title = 409, "changed-meanwhile", "Changed meanwhile"


class NotReady(UploadsError):
    """Raised when something needs an upload's bytes, and they are not handed out."""

    status, code, title = 409, "not-ready", "Not ready"


class RequestTimeout(UploadsError):
    """Raised when a request comes in so slowly that nobody waits for its end."""

    status, code, title = 408, "request-timeout", "Request timeout"


class LengthRequired(UploadsError):
    """Raised when a body arrives without a Content-Length."""

    status, code, title = 411, "length-required", "Content-Length required"


class PreconditionFailed(UploadsError):
    """Raised when If-Match or If-Unmodified-Since does not hold (RFC 9110, section 13)."""

    status, code, title = 412, "precondition-failed", "Precondition failed"


class RequestTooLarge(UploadsError):
    """Raised when Content-Length is over the limit; the body is not read."""

    status, code, title = 413, "request-too-large", "Request too large"


class UnsupportedMediaType(UploadsError):
    """Raised when the request's Content-Type is not one this address reads."""

    status, code, title = 415, "unsupported-media-type", "Unsupported media type"


class UnsupportedContentEncoding(UploadsError):
    """Raised when the body is compressed or otherwise encoded."""

    status, code, title = 415, "unsupported-content-encoding", "Unsupported content encoding"


class RangeNotSatisfiable(UploadsError):
    """Raised when the requested range lies outside the file (RFC 9110, section 15.5.17)."""

    status, code, title = 416, "range-not-satisfiable", "Range not satisfiable"


# --- Who sends it ---------------------------------------------------------------------------


class Unauthenticated(UploadsError):
    """Raised when a request needs to say who sends it, and does not (RFC 9110, section 15.5.2)."""

    status, code, title = 401, "unauthenticated", "Not signed in"
    # RFC 6750, section 3: no error is named where no token was sent.
    challenge: ClassVar[str] = 'Bearer realm="uploads"'

    def __init__(self, detail: str, *, header: str | None = None) -> None:
        super().__init__(detail, header=header, headers={"WWW-Authenticate": self.challenge})


class InvalidToken(Unauthenticated):
    """Raised when what Authorization holds is no token that is valid here (RFC 6750, section 3)."""

    code, title = "invalid-token", "Invalid token"
    challenge = 'Bearer realm="uploads", error="invalid_token"'

    def __init__(self) -> None:
        # One text for every reason: somebody who tries tokens learns nothing from it.
        super().__init__("The token is not valid, or not any more.", header="Authorization")


class InvalidCredentials(Unauthenticated):
    """Raised when email and password do not belong together, or to nobody who may sign in."""

    code, title = "invalid-credentials", "Invalid credentials"

    def __init__(self) -> None:
        super().__init__("Email or password is wrong.")


class Forbidden(UploadsError):
    """Raised when one may see something but not do this with it."""

    status, code, title = 403, "forbidden", "Forbidden"


class UserOwnsUploads(UploadsError):
    """Raised when a user who still owns uploads should be deleted."""

    status, code, title = 409, "user-owns-uploads", "User owns uploads"


class RateLimitExceeded(UploadsError):
    """Raised when somebody does something more often than allowed; Retry-After says how long."""

    status, code, title = 429, "rate-limit-exceeded", "Too many requests"


class DailyQuotaExceeded(UploadsError):
    """Raised when a user would send more bytes in a day (UTC) than allowed.

    429 with Retry-After, as for a rate: unlike the quota of all files, time alone heals it.
    """

    status, code, title = 429, "daily-quota-exceeded", "Daily quota exceeded"


# --- The content of a document --------------------------------------------------------------


class InvalidAttribute(UploadsError):
    """Raised when an attribute is missing or has a value it cannot have."""

    status, code, title = 422, "invalid-attribute", "Invalid attribute"


class EmailTaken(InvalidAttribute):
    """Raised when another user has this email already."""

    code, title = "email-taken", "Email taken"

    def __init__(self) -> None:
        super().__init__("Another user has this email.", attribute="email")


class InvalidPreset(InvalidAttribute):
    """Raised when a named size makes no sense, is not there, or is there already."""

    code, title = "invalid-preset", "Invalid preset"


class InvalidDataUri(InvalidAttribute):
    """Raised when a text is not a base64 data URI (RFC 2397, WHATWG Infra)."""

    code, title = "invalid-data-uri", "Invalid data URI"


class RefusedFile(InvalidAttribute):
    """Raised when a file cannot be accepted; in a document it is the attribute `data`."""

    code, title = "refused-file", "Refused file"

    def __init__(self, detail: str, *, limit: int | None = None, actual: int | None = None) -> None:
        super().__init__(detail, attribute="data", limit=limit, actual=actual)


class EmptyFile(RefusedFile):
    """Raised when a file has no bytes."""

    code, title = "empty-file", "Empty file"


class FileTooLarge(RefusedFile):
    """Raised when a file has more bytes than `UPLOADS_MAX_BYTES`."""

    code, title = "file-too-large", "File too large"


class UnsupportedFileType(RefusedFile):
    """Raised when the bytes are not an image of an allowed type."""

    code, title = "unsupported-file-type", "Unsupported file type"


class CorruptImage(RefusedFile):
    """Raised when an image's header is sound and its content is not: truncated or damaged."""

    code, title = "corrupt-image", "Corrupt image"


class UnreadableMetadata(RefusedFile):
    """Raised when nobody can say what an image tells beside its picture; it cannot be removed."""

    code, title = "unreadable-metadata", "Unreadable metadata"


class TooManyPixels(RefusedFile):
    """Raised when a frame, or all frames together, have more pixels than allowed."""

    code, title = "too-many-pixels", "Too many pixels"


class TooManyFrames(RefusedFile):
    """Raised when an animation has more frames than allowed."""

    code, title = "too-many-frames", "Too many frames"


# --- The infrastructure ---------------------------------------------------------------------


class DatabaseUnavailable(UploadsError):
    """Raised when the database does not answer, or not in time."""

    status, code, title = 503, "database-unavailable", "Database unavailable"


class ReadOnly(UploadsError):
    """Raised when something would be written while `UPLOADS_READ_ONLY` is on."""

    status, code, title = 503, "read-only", "Read-only for now"

    def __init__(self) -> None:
        # As long as a client may wait that sends a file again by itself.
        super().__init__(
            "Nothing can be changed at the moment; what is here can be read.",
            headers={"Retry-After": "60"},
        )


class CommitOutcomeUnknown(DatabaseUnavailable):
    """Raised when COMMIT was sent and failed: the database may or may not have kept the change."""


class StorageUnavailable(UploadsError):
    """Raised when the storage does not answer, or an object that should be there is not."""

    status, code, title = 503, "storage-unavailable", "Storage unavailable"


class Overloaded(UploadsError):
    """Raised when so many requests wait that another one would wait too long."""

    status, code, title = 503, "overloaded", "Too many requests at once"


class AnswerTimeout(UploadsError):
    """Raised when a request took so long that its outcome is not known when it is answered."""

    status, code, title = 503, "answer-timeout", "No answer in time"


class DecoderUnavailable(UploadsError):
    """Raised when the process that decodes images cannot be started."""

    status, code, title = 503, "decoder-unavailable", "Decoder unavailable"


class VariantsBusy(UploadsError):
    """Raised when so many images are being made that another has to wait."""

    status, code, title = 503, "variants-busy", "Too many images are being made"


class PasswordsBusy(UploadsError):
    """Raised when so many passwords are being checked that another has to wait."""

    status, code, title = 503, "passwords-busy", "Too many passwords are being checked"


class StorageFull(UploadsError):
    """Raised when the storage has no room left."""

    status, code, title = 507, "storage-full", "Storage full"


class ObjectNotFound(Exception):
    """Raised when the storage holds nothing under a key."""


# --- The operator ---------------------------------------------------------------------------


class OperatorError(Exception):
    """Raised when the start or a command cannot go on; its text is one line for the operator."""


class InvalidSettings(OperatorError):
    """Raised when a setting is missing or has a value it cannot have; the text names its key."""


class OutdatedSchema(OperatorError):
    """Raised when the database's schema is older than this version of the program needs."""


class UnusableStorage(OperatorError):
    """Raised when the storage cannot be written, read or emptied at the start."""


class UnfitDatabase(OperatorError):
    """Raised when the database cannot hold text as it should be held."""


class ForeignStorage(OperatorError):
    """Raised when the storage carries no marker, or that of another database."""


class InvalidAccount(OperatorError):
    """Raised when a command names a user or a token that is not there, or one that cannot be."""


class InvalidManifest(OperatorError):
    """Raised when a line of a manifest, or the file that it names, cannot be imported."""


class MoveRefused(OperatorError):
    """Raised when a database cannot be copied to another, or the copy would not be one."""


class SweepRefused(OperatorError):
    """Raised when a sweep would remove more than it may without being forced."""
