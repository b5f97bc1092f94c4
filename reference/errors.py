"""Describe the errors: when each is raised, and what a client does about it."""

import inspect

from open_event_uploads import errors
from open_event_uploads.errors import UploadsError
from reference.table import sentence, table

_PAGE = """# Errors

Handle a refused request by its `code`. A code never changes its meaning.

```json
{"errors": [{"id": "7c0d…", "status": "422", "code": "file-too-large", "title": "File too large",
             "detail": "The file has 26214401 bytes; 26214400 are allowed.",
             "source": {"pointer": "/data/attributes/data"},
             "meta": {"limit": 26214400, "actual": 26214401, "attribute": "data",
                      "message": "The file has 26214401 bytes; 26214400 are allowed."}}]}
```

Every refusal is a JSON:API document.

- `detail` is a text for people, and may change.
- `source` names the place of the error: a `pointer` into the document (to the parent if a member is missing), a `parameter` or a `header`.
- `meta.limit` and `meta.actual` have the limit and the value that exceeded it. The error of an attribute also has `meta.attribute` and `meta.message`.
- `id` is the id of the request, as in the log and in `X-Request-Id`.

Made from [`errors.py`](../../open_event_uploads/errors.py) by `python -m reference`.
"""

_RESUMABLE = "[The protocol](../how-to/resumable.md#the-protocol)"

# What a client or a person does, where the text of the error does not say it.
ADVICE = {
    "answer-timeout": "its outcome is unknown: send it again with the same "
    "[Idempotency-Key](../how-to/writing.md#repeat-a-request-safely)",
    "body-length-mismatch": "send the request again",
    "changed-meanwhile": "read the resource again, then change it; for a resumable upload, ask for "
    "the offset",
    "checksum-mismatch": "send the same bytes again; none of them counts",
    "client-generated-id": "leave out `id`, or send null",
    "corrupt-image": "send an undamaged file; only the header of this one could be read",
    "daily-quota-exceeded": "wait for `Retry-After`: [Limit what users send](../how-to/limits.md)",
    "database-unavailable": "send it again after `Retry-After`",
    "decoder-unavailable": "send it again after `Retry-After`",
    "digest-mismatch": "send the request again: [Send a file](../how-to/writing.md#send-a-file)",
    "idempotency-key-in-use": "ask again after `Retry-After`",
    "idempotency-key-reused": "choose another key for another request",
    "inconsistent-length": _RESUMABLE,
    "internal-error": "report it, with the `id`: it is a bug",
    "length-required": "send Content-Length, or a raw body in chunks",
    "not-found": "it may be gone, or belong to another user: [Who may do what](../how-to/private.md#who-may-do-what)",
    "offset-mismatch": "continue from `Upload-Offset`",
    "overloaded": "send it again after `Retry-After`; nothing was done",
    "passwords-busy": "send it again after `Retry-After`",
    "quota-exceeded": "delete files; waiting does not help: [Limit what users send](../how-to/limits.md)",
    "rate-limit-exceeded": "wait for `Retry-After`: [Limit what users send](../how-to/limits.md)",
    "read-only": "send it again after `Retry-After`",
    "refused-file": "read `detail`",
    "representation-mismatch": "send the file again",
    "request-timeout": "send it again over a better connection, or as a "
    "[resumable upload](../how-to/resumable.md)",
    "storage-full": "tell the people who run the server",
    "storage-unavailable": "send it again after `Retry-After`",
    "too-many-resumable-uploads": f"finish or DELETE one: {_RESUMABLE}",
    "too-many-tokens": "revoke one: [Tokens](../how-to/accounts.md#tokens)",
    "unsupported-tus-version": "send `Tus-Resumable: 1.0.0`",
    "upload-completed": "`Location` has the upload: "
    "[The draft of the IETF](../how-to/resumable.md#the-draft-of-the-ietf)",
    "upload-interrupted": f"ask for the offset: {_RESUMABLE}",
    "upload-locked": "ask again in a moment: the server has all bytes, and is checking them",
    "user-owns-uploads": "delete the uploads, or name who gets them: `users delete --reassign`",
    "variants-busy": "send it again after `Retry-After`",
}

# Its own docstring is about its subclasses.
_INTERNAL = "the server has a bug"


def errors_page() -> str:
    """Return the page of all errors, in Markdown."""
    rows = [
        [str(each.status), f"`{each.code}`", _when(each), ADVICE.get(each.code, "")]
        for each in sorted(_by_code().values(), key=lambda each: (each.status, each.code))
    ]
    return f"{_PAGE}\n{table(('status', '`code`', 'when', 'what to do'), rows)}\n"


def _by_code() -> dict[str, type[UploadsError]]:
    """Return the classes by code; of those that share one, the parent."""
    found: dict[str, type[UploadsError]] = {}
    for each in vars(errors).values():
        if inspect.isclass(each) and issubclass(each, UploadsError):
            found.setdefault(each.code, each)
    return found


def _when(class_: type[UploadsError]) -> str:
    if class_ is UploadsError:
        return _INTERNAL
    return sentence(inspect.getdoc(class_) or "").removeprefix("Raised when ").removesuffix(".")
