"""Define every error in one tree: to add an error, add a class.

A class states what never changes (`status`, `code`, `title`) and, in its docstring, when it is
raised. An instance describes one occurrence. `jsonapi/problems.py` alone turns these into
responses; `cli/` prints an `OperatorError` as one line.
"""

from collections.abc import Mapping
from typing import ClassVar, Self

_PROBLEM_TYPES = "https://iana.org/assignments/http-problem-types#"


class Sentence(str):
    """Hold a sentence with values in it, which the pages for admins write in their language.

    Args:
        template: with `%(name)s` for each value.
        values: by their names.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Put the values into the template."""
        sentence = super().__new__(cls, template % values)
        sentence.template, sentence.values = template, values
        return sentence


class UploadsError(Exception):
    """Raised when a request cannot be fulfilled; only its subclasses are raised.

    Args:
        detail: one sentence for people: what is wrong, and what to do.
        attribute: the attribute at fault, in public (dasherized) spelling.
        pointer: JSON Pointer (RFC 6901) to the member at fault, where it is not an attribute.
        parameter: the query parameter at fault, whole (`page[size]`).
        header: the request header at fault.
        limit: the bound that was crossed, in the unit that `detail` names.
        actual: what the request had instead, in the same unit.
        headers: response headers that this error adds.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    # The profile that defines this kind of error, and the kind's name there; joined they are
    # `links.type` (JSON:API 1.1, "Error Objects").
    profile: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    # `links.type` of an error that IANA knows as a type of problem (RFC 9457).
    problem_type: ClassVar[str] = ""

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
        self.detail = str(detail)
        super().__init__(self.detail)
        # A `Sentence`, if it was given one.
        self.sentence = detail
        self.attribute = attribute
        self.pointer = pointer
        self.parameter = parameter
        self.header = header
        self.limit = limit
        self.actual = actual
        self.headers = dict(headers or {})
        # The index of the failed operation, from 0; set where operations are run.
        self.operation: int | None = None

    @property
    def is_of_server(self) -> bool:
        """Return whether the same request may succeed later (RFC 9110, section 15.6)."""
        return self.status >= 500  # noqa: PLR2004 - 5xx

    @classmethod
    def raise_beyond(
        cls,
        limit: int,
        actual: int,
        detail: str,
        *,
        pointer: str | None = None,
        parameter: str | None = None,
    ) -> None:
        """Raise this error if there is more than a limit allows."""
        if actual > limit:
            error = cls(detail, limit=limit, actual=actual)
            error.pointer, error.parameter = pointer, parameter
            raise error


class ManyErrors(Exception):
    """Raised when one request has several errors that one response lists.

    Args:
        errors: at least one; the first gives the response its status.
    """

    def __init__(self, errors: list[UploadsError]) -> None:
        super().__init__(*errors)
        self.errors = errors

    def describe(self) -> str:
        """Return each attribute and what is wrong with it, in one line."""
        return "; ".join(f"`{each.attribute}`: {each.detail}" for each in self.errors)


# --- The request itself (RFC 9110, JSON:API 1.1) --------------------------------------------


class InvalidRequest(UploadsError):
    """Raised when the request is malformed in a way that no other code names."""

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
    """Raised when cursor pagination does not support the sort order (the same profile)."""

    profile = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
    kind = "unsupported-sort"


class ReadOnlyRelationship(UploadsError):
    """Raised when a client tries to change a relationship that only the server changes."""

    status, code, title = 403, "read-only-relationship", "Read-only relationship"


class ReadOnlyResource(UploadsError):
    """Raised when a client tries to change a resource that only the server changes."""

    status, code, title = 403, "read-only-resource", "Read-only resource"


class BodyLengthMismatch(UploadsError):
    """Raised when the length of the body differs from Content-Length."""

    status, code, title = 400, "body-length-mismatch", "Body and Content-Length differ"


class ClientGeneratedId(UploadsError):
    """Raised when a client chooses the id of a new resource (JSON:API, client-generated ids)."""

    status, code, title = 403, "client-generated-id", "Client-generated ids are not supported"


class QuotaExceeded(UploadsError):
    """Raised when all files of a user together would exceed `UPLOADS_QUOTA_BYTES`.

    403, because a retry fails until something is deleted. It is not 413 (the request is not too
    large), 422 (nothing in it is wrong) or 507 (the storage has space).
    """

    status, code, title = 403, "quota-exceeded", "Quota exceeded"


class TooManyTokens(UploadsError):
    """Raised when a user would have more tokens than are allowed."""

    # 403 as for `QuotaExceeded`.
    status, code, title = 403, "too-many-tokens", "Too many tokens"


class TooManyResumableUploads(UploadsError):
    """Raised when a sender would have more unfinished uploads than are allowed."""

    status, code, title = 403, "too-many-resumable-uploads", "Too many unfinished uploads"


class NotFound(UploadsError):
    """Raised when nothing exists at this address."""

    status, code, title = 404, "not-found", "Not found"


class MethodNotAllowed(UploadsError):
    """Raised when this address does not allow the request's method."""

    status, code, title = 405, "method-not-allowed", "Method not allowed"


class NotAcceptable(UploadsError):
    """Raised when every JSON:API media type in Accept has parameters that are not supported."""

    status, code, title = 406, "not-acceptable", "Not acceptable"


class TypeConflict(UploadsError):
    """Raised when a resource object has another type than its collection."""

    status, code, title = 409, "type-conflict", "Type conflict"


class IdConflict(UploadsError):
    """Raised when a resource object has another id than its address."""

    status, code, title = 409, "id-conflict", "Id conflict"


class IdempotencyKeyInUse(UploadsError):
    """Raised when a request is sent again while the first one is running (Idempotency-Key)."""

    status, code, title = 409, "idempotency-key-in-use", "Request in progress"


class IdempotencyKeyReused(UploadsError):
    """Raised when a key was used for a different request before (Idempotency-Key)."""

    status, code, title = 422, "idempotency-key-reused", "Idempotency-Key reused"


class ChangedMeanwhile(UploadsError):
    """Raised when another request has changed the resource meanwhile."""

    status, code, title = 409, "changed-meanwhile", "Changed meanwhile"


class OffsetMismatch(UploadsError):
    """Raised when a client sends bytes for another place than the end of its upload (tus, "PATCH").

    Args:
        expected: bytes that have been received.
        provided: bytes that the client believes to have been.
    """

    status, code, title = 409, "offset-mismatch", "Other number of bytes received"
    problem_type = f"{_PROBLEM_TYPES}mismatching-upload-offset"

    def __init__(self, *, expected: int, provided: int) -> None:
        super().__init__(
            f"{expected} bytes have been received.",
            header="Upload-Offset",
            headers={"Upload-Offset": str(expected)},
        )
        self.expected, self.provided = expected, provided


class InconsistentLength(UploadsError):
    """Raised when what a request says of the length of an upload contradicts itself, or others."""

    status, code, title = 400, "inconsistent-length", "Inconsistent length"
    problem_type = f"{_PROBLEM_TYPES}inconsistent-upload-length"


class UploadCompleted(UploadsError):
    """Raised when a client completes a resumable upload that is complete already."""

    status, code, title = 410, "upload-completed", "Upload is completed"
    problem_type = f"{_PROBLEM_TYPES}completed-upload"


class UploadInterrupted(UploadsError):
    """Raised when the bytes of a resumable upload stop coming: those that came may count.

    It is no 408, after which clients of tus give up; after a 409 they ask for the offset.
    """

    status, code, title = 409, "upload-interrupted", "Interrupted"


class UploadLocked(UploadsError):
    """Raised when a resumable upload is being completed (RFC 4918, section 11.3)."""

    status, code, title = 423, "upload-locked", "Upload is being completed"


class ChecksumMismatch(UploadsError):
    """Raised when the bytes of a request have another checksum (460: tus 1.0, "Checksum")."""

    status, code, title = 460, "checksum-mismatch", "Other checksum"


class DigestMismatch(UploadsError):
    """Raised when a body has another digest than its Content-Digest (RFC 9530)."""

    status, code, title = 400, "digest-mismatch", "Other digest"


class NotReady(UploadsError):
    """Raised when an upload's bytes are needed and its status does not allow to serve them."""

    status, code, title = 409, "not-ready", "Not ready"


class RequestTimeout(UploadsError):
    """Raised when a request does not arrive in time."""

    status, code, title = 408, "request-timeout", "Request timeout"


class LengthRequired(UploadsError):
    """Raised when a body arrives without a Content-Length."""

    status, code, title = 411, "length-required", "Content-Length required"


class PreconditionFailed(UploadsError):
    """Raised when If-Match or If-Unmodified-Since does not hold (RFC 9110, section 13)."""

    status, code, title = 412, "precondition-failed", "Precondition failed"


class UnsupportedTusVersion(UploadsError):
    """Raised when a request is of a version of tus that the server does not speak."""

    status, code, title = 412, "unsupported-tus-version", "Unsupported version of tus"


class RequestTooLarge(UploadsError):
    """Raised when a body is longer than allowed; a Content-Length tells that before it is read."""

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


# --- Identity and permissions ---------------------------------------------------------------


class Unauthenticated(UploadsError):
    """Raised when a request needs credentials and has none (RFC 9110, section 15.5.2)."""

    status, code, title = 401, "unauthenticated", "Not signed in"
    # RFC 6750, section 3: without a token in the request there is no error code.
    challenge: ClassVar[str] = 'Bearer realm="uploads"'

    def __init__(self, detail: str, *, header: str | None = None) -> None:
        super().__init__(detail, header=header, headers={"WWW-Authenticate": self.challenge})


class InvalidToken(Unauthenticated):
    """Raised when the token in Authorization is not valid (RFC 6750, section 3)."""

    code, title = "invalid-token", "Invalid token"
    challenge = 'Bearer realm="uploads", error="invalid_token"'

    def __init__(self) -> None:
        # One text for every reason, so that an attacker who tries tokens learns nothing.
        super().__init__(
            "The token is not valid or has expired; get a new one.", header="Authorization"
        )


class InvalidCredentials(Unauthenticated):
    """Raised when email and password do not match, or the user may not sign in."""

    code, title = "invalid-credentials", "Invalid credentials"

    def __init__(self) -> None:
        super().__init__("Email or password is wrong.")


class Forbidden(UploadsError):
    """Raised when the sender may see a resource but not do this with it."""

    status, code, title = 403, "forbidden", "Forbidden"


class LastAdmin(UploadsError):
    """Raised when the last active admin would be disabled, demoted or deleted."""

    status, code, title = 409, "last-admin", "Last admin"

    def __init__(self, *, attribute: str | None = None) -> None:
        super().__init__(
            "This is the last active admin; make another user an admin first.",
            attribute=attribute,
        )


class UserOwnsUploads(UploadsError):
    """Raised when a user to be deleted still owns uploads."""

    status, code, title = 409, "user-owns-uploads", "User owns uploads"


class RateLimitExceeded(UploadsError):
    """Raised when a rate limit is exceeded; Retry-After gives the seconds to wait."""

    status, code, title = 429, "rate-limit-exceeded", "Too many requests"


class DailyQuotaExceeded(UploadsError):
    """Raised when a user would send more than `UPLOADS_DAILY_BYTES` in a day (UTC).

    429 with Retry-After, because a retry on the next day succeeds.
    """

    status, code, title = 429, "daily-quota-exceeded", "Daily quota exceeded"


# --- The content of a document --------------------------------------------------------------


class InvalidAttribute(UploadsError):
    """Raised when an attribute is missing or has a value it cannot have."""

    status, code, title = 422, "invalid-attribute", "Invalid attribute"


class EmailTaken(InvalidAttribute):
    """Raised when another user has this email."""

    code, title = "email-taken", "Email taken"

    def __init__(self) -> None:
        super().__init__("Another user has this email; choose another.", attribute="email")


class WrongPassword(InvalidAttribute):
    """Raised when the current password, which a change needs, is wrong."""

    code, title = "wrong-password", "Wrong password"

    def __init__(self, attribute: str) -> None:
        super().__init__("The current password is wrong.", attribute=attribute)


class InvalidPreset(InvalidAttribute):
    """Raised when a preset is inconsistent, does not exist, or exists already."""

    code, title = "invalid-preset", "Invalid preset"


class InvalidDataUri(InvalidAttribute):
    """Raised when a string is not a base64 data URI (RFC 2397, WHATWG Infra)."""

    code, title = "invalid-data-uri", "Invalid data URI"


class RefusedFile(InvalidAttribute):
    """Raised when a file is refused; in a document it is the attribute `data`."""

    code, title = "refused-file", "Refused file"

    def __init__(self, detail: str, *, limit: int | None = None, actual: int | None = None) -> None:
        super().__init__(detail, attribute="data", limit=limit, actual=actual)


class RepresentationMismatch(RefusedFile):
    """Raised when a file has another digest than its Repr-Digest (RFC 9530)."""

    code, title = "representation-mismatch", "Other digest of the file"


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
    """Raised when an image has a valid header and truncated or damaged content."""

    code, title = "corrupt-image", "Corrupt image"


class UnreadableMetadata(RefusedFile):
    """Raised when an image's metadata cannot be read, and so cannot be removed."""

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
    """Raised when a request would write while `UPLOADS_READ_ONLY` is on."""

    status, code, title = 503, "read-only", "Read-only for now"

    def __init__(self) -> None:
        # Seconds that a client which retries by itself may wait.
        super().__init__(
            "The server is read-only at the moment; try again later.",
            headers={"Retry-After": "60"},
        )


class CommitOutcomeUnknown(DatabaseUnavailable):
    """Raised when COMMIT failed: the change may or may not be in the database."""


class StorageUnavailable(UploadsError):
    """Raised when the storage does not answer, or an object that a row names is missing."""

    status, code, title = 503, "storage-unavailable", "Storage unavailable"


class Overloaded(UploadsError):
    """Raised when too many requests wait already."""

    status, code, title = 503, "overloaded", "Too many requests at once"


class AnswerTimeout(UploadsError):
    """Raised when a request is answered at its deadline, before its outcome is known."""

    status, code, title = 503, "answer-timeout", "No answer in time"


class DecoderUnavailable(UploadsError):
    """Raised when the process that decodes images cannot be started."""

    status, code, title = 503, "decoder-unavailable", "Decoder unavailable"


class VariantsBusy(UploadsError):
    """Raised when too many variants are being rendered."""

    status, code, title = 503, "variants-busy", "Too many images are being made"


class PasswordsBusy(UploadsError):
    """Raised when too many passwords are being checked."""

    status, code, title = 503, "passwords-busy", "Too many passwords are being checked"


class StorageFull(UploadsError):
    """Raised when the storage has no space left."""

    status, code, title = 507, "storage-full", "Storage full"


class ObjectNotFound(Exception):
    """Raised when the storage has no object under a key."""


# --- The operator ---------------------------------------------------------------------------


class OperatorError(Exception):
    """Raised when the server or a command cannot go on; its text is one line for the operator."""


class InvalidSettings(OperatorError):
    """Raised when a setting is missing or invalid; the text names its key."""


class OutdatedSchema(OperatorError):
    """Raised when the database schema is older than this version needs."""


class UnusableStorage(OperatorError):
    """Raised when an object cannot be written, read or deleted in the storage at the start."""


class UnfitDatabase(OperatorError):
    """Raised when the database has an unsuitable encoding or locale."""


class ForeignStorage(OperatorError):
    """Raised when the storage has no marker, or that of another database."""


class InvalidAccount(OperatorError):
    """Raised when a command names a user or a token that does not exist."""


class InvalidManifest(OperatorError):
    """Raised when a line of a manifest is invalid."""


class InvalidImport(OperatorError):
    """Raised when `import` cannot begin or go on: an option is wrong, or a source unreadable."""


class UnreadableFile(OperatorError):
    """Raised when a file that is to be imported cannot be read."""


class MoveRefused(OperatorError):
    """Raised when a database cannot be copied to another, or the copy would differ."""


class SweepRefused(OperatorError):
    """Raised when a sweep would remove more than it may without `--force`."""
