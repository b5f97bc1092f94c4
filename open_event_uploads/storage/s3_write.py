"""Write an object to S3, in one request or in parts; both have the server compare MD5s."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

from open_event_uploads.errors import ObjectNotFound, StorageUnavailable
from open_event_uploads.fault_points import reach
from open_event_uploads.storage.s3_errors import translate_s3_errors, unavailable

# A thread holds two of these at most. S3 wants at least 5 MiB, and at most 10,000 parts ("Amazon
# S3 multipart upload limits").
PART_BYTES = 8 * 1024**2

_MD5 = re.compile("[0-9a-f]{32}")

# `Bucket` and `Key`, as boto3's operations take them.
Address = Mapping[str, str]


def put_object(
    client: Any,  # noqa: ANN401 - boto3's
    address: Address,
    content: Iterable[bytes],
    headers: Mapping[str, str],
) -> None:
    """Write an object; on return the server has made it durable.

    The headers are boto3's parameters for those that it stores with the object.

    Raises:
        StorageFull, StorageUnavailable: nothing is left behind that the sweeper does not find.
    """
    parts = _in_parts(content)
    first = next(parts, b"")
    reach("put.begin")
    if len(first) < PART_BYTES:
        with translate_s3_errors(address["Key"]):
            answer = client.put_object(**address, **headers, **body(first))
            _check_stored(first, answer)
    else:
        _put_in_parts(client, address, chain((first,), parts), headers)
    reach("put.done")


def abort_upload(client: Any, address: Address, upload_id: str) -> None:  # noqa: ANN401 - boto3's
    """Delete the parts of an unfinished upload; do nothing if there is no such upload."""
    with suppress(ObjectNotFound), translate_s3_errors(address["Key"]):
        client.abort_multipart_upload(**address, UploadId=upload_id)


def body(content: bytes | bytearray) -> dict[str, Any]:
    """Return boto3's parameters for a body and its MD5."""
    md5 = hashlib.md5(content, usedforsecurity=False).digest()
    return {"Body": content, "ContentMD5": b64encode(md5).decode()}


def _put_in_parts(
    client: Any,  # noqa: ANN401 - boto3's
    address: Address,
    parts: Iterable[bytes | bytearray],
    headers: Mapping[str, str],
) -> None:
    key = address["Key"]
    with translate_s3_errors(key):
        upload_id = client.create_multipart_upload(**address, **headers)["UploadId"]
    upload = {**address, "UploadId": upload_id}
    try:
        done = []
        for number, part in enumerate(parts, 1):
            with translate_s3_errors(key):
                answer = client.upload_part(**upload, PartNumber=number, **body(part))
                _check_stored(part, answer)
            done.append({"PartNumber": number, "ETag": str(answer["ETag"])})
        reach("put.written")
        with translate_s3_errors(key):
            client.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})
    except BaseException:
        with suppress(StorageUnavailable):  # the sweeper finds what is left
            abort_upload(client, address, upload_id)
        raise


def _check_stored(content: bytes | bytearray, answer: Mapping[str, Any]) -> None:
    """Raise `StorageUnavailable` if the server stored other bytes than it was sent.

    The ETag is the MD5 of the body, unless the server encrypts with keys that are not its own or
    makes other tags ("Amazon S3 API Reference", Object, `ETag`).
    """
    tag = str(answer.get("ETag", "")).strip('"')
    is_digest = _MD5.fullmatch(tag) and answer.get("ServerSideEncryption") in {None, "AES256"}
    if is_digest and tag != hashlib.md5(content, usedforsecurity=False).hexdigest():
        raise unavailable() from ValueError("the storage kept other bytes than it was sent")


def _in_parts(chunks: Iterable[bytes]) -> Iterator[bytes | bytearray]:
    """Regroup chunks into parts of `PART_BYTES`; the last one may be shorter."""
    held = bytearray()
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            taken = rest[: PART_BYTES - len(held)]
            held += taken
            rest = rest[len(taken) :]
            if len(held) == PART_BYTES:
                yield held
                held = bytearray()
    if held:
        yield held
