"""A part of a bucket on an S3 server.

{prefix}/objects/{key}     what is served
{prefix}/instance          the id of the database this storage belongs to

A put is there whole or not at all, also one in parts. Nothing rests on conditional writes (several
servers ignore `If-None-Match`, and for uploads in parts it is not atomic on others): keys are
fresh. Nothing is deleted in bulk (DeleteObjects fails on several servers).
"""

import hashlib
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, cast

from boto3.session import Session
from botocore.config import Config

from open_event_uploads.errors import ObjectNotFound, StorageUnavailable
from open_event_uploads.fault_points import reach
from open_event_uploads.storage.contract import (
    SignedRequest,
    StoredObject,
    check_folder,
    check_key,
    iter_parts,
)
from open_event_uploads.storage.s3_errors import translate_s3_errors, unavailable
from open_event_uploads.storage.s3_location import S3Location
from open_event_uploads.storage.s3_reader import Body, S3Reader

# Of these a worker's thread holds two at most; a part may not be smaller than 5 MiB, and 10,000 of
# them are an upload ("Amazon S3 multipart upload limits").
PART_BYTES = 8 * 1024**2

# Together with what is between two attempts under ten seconds for a server that is not there.
_CONFIG = Config(
    signature_version="s3v4",
    connect_timeout=2,
    read_timeout=10,
    # Three at most, with a random pause between them that grows.
    retries={"mode": "standard", "total_max_attempts": 3},
    # As many as a worker has threads, and those of a command.
    max_pool_connections=80,
    # Checksums of newer kinds are refused by some servers; MD5 is understood by all.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3Storage:
    """Objects in a bucket.

    Args:
        location: where.
        headers_of: what a browser should be told of the object under a key when it asks the
            bucket itself: `Content-Type`, `Cache-Control`, `Content-Disposition`.
    """

    def __init__(
        self, location: S3Location, headers_of: Callable[[str], Mapping[str, str]] = lambda _: {}
    ) -> None:
        self._location = location
        self._headers_of = headers_of
        self._root = f"{location.prefix}/" if location.prefix else ""
        self._objects = f"{self._root}objects/"
        self._made: tuple[int, Any] = (0, None)

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`; the server compares MD5s, and answers when it is durable there."""
        where = self._where(key)
        described = {_PARAMETERS[name]: value for name, value in self._headers_of(key).items()}
        parts = _in_parts(iter_parts(content))
        first = next(parts, b"")
        reach("put.begin")
        if len(first) < PART_BYTES:
            with translate_s3_errors(key):
                _check(first, self._client.put_object(**where, **described, **_content(first)))
        else:
            self._put_in_parts(key, where, described, chain((first,), parts))
        reach("put.done")

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; of a large object what was not read yet goes when it is deleted."""
        where = self._where(key)
        with translate_s3_errors(key):
            answer = self._client.get_object(**where)
        rest = partial(self._rest, key, answer["ETag"])
        reader = S3Reader(key, answer["ContentLength"], answer["Body"], rest)
        return cast("BinaryIO", reader)

    def delete(self, key: str) -> None:
        """`Storage.delete`."""
        where = self._where(key)
        with translate_s3_errors(key), suppress(ObjectNotFound):
            self._client.delete_object(**where)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`, one by one."""
        for each in self._listed(f"{check_folder(folder)}/"):
            self.delete(each.key)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`, a thousand at a time."""
        return self._listed("")

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """`Storage.sweep_temporary`: uploads in parts that were never completed."""
        horizon = datetime.now(UTC) - older_than
        count = 0
        for each in self._unfinished():
            if each["Initiated"] < horizon:
                count += 1
                if not dry_run:
                    self._abort({"Bucket": self._location.bucket, "Key": each["Key"]}, each)
        return count

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        try:
            with translate_s3_errors("instance"):
                answer = self._client.get_object(**self._marker)
                # A damaged marker is nobody's, and must not pass for an absent one.
                return str(answer["Body"].read().decode("ascii", "replace")).strip()
        except ObjectNotFound:
            return None

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`."""
        with translate_s3_errors("instance"):
            self._client.put_object(**self._marker, **_content(instance_id.encode("ascii")))

    def presigned_get(self, key: str, life: timedelta, headers: Mapping[str, str]) -> str:
        """`Presigns.presigned_get`."""
        said = {f"Response{_PARAMETERS[name]}": value for name, value in headers.items()}
        return self._presigned("get_object", {**self._where(key), **said}, life)

    def presigned_put(self, key: str, size: int, media_type: str, life: timedelta) -> SignedRequest:
        """`Presigns.presigned_put`; another length or type has another signature."""
        wanted = {"ContentLength": size, "ContentType": media_type}
        url = self._presigned("put_object", {**self._where(key), **wanted}, life)
        return SignedRequest("PUT", url, {"Content-Type": media_type})

    @property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes when they are needed
        """This process's own: connections do not survive a fork."""
        process, client = self._made
        if process != os.getpid():
            client = _connect(self._location)
            self._made = (os.getpid(), client)
        return client

    @property
    def _marker(self) -> dict[str, str]:
        return {"Bucket": self._location.bucket, "Key": f"{self._root}instance"}

    def _where(self, key: str) -> dict[str, str]:
        return {"Bucket": self._location.bucket, "Key": f"{self._objects}{check_key(key)}"}

    def _rest(self, key: str, etag: str, start: int) -> Body:
        with translate_s3_errors(key):
            answer = self._client.get_object(
                **self._where(key), Range=f"bytes={start}-", IfMatch=etag
            )
        return cast("Body", answer["Body"])

    def _put_in_parts(
        self,
        key: str,
        where: dict[str, str],
        described: dict[str, str],
        parts: Iterator[bytes | bytearray],
    ) -> None:
        with translate_s3_errors(key):
            upload = self._client.create_multipart_upload(**where, **described)
        try:
            done = [
                {"PartNumber": number, "ETag": self._put_part(key, where, upload, number, part)}
                for number, part in enumerate(parts, 1)
            ]
            reach("put.written")
            with translate_s3_errors(key):
                self._client.complete_multipart_upload(
                    **where, UploadId=upload["UploadId"], MultipartUpload={"Parts": done}
                )
        except BaseException:
            with suppress(StorageUnavailable):  # the sweeper finds what is left
                self._abort(where, upload)
            raise

    def _put_part(
        self,
        key: str,
        where: dict[str, str],
        upload: Mapping[str, Any],
        number: int,
        part: bytes | bytearray,
    ) -> str:
        named = {"UploadId": upload["UploadId"], "PartNumber": number}
        with translate_s3_errors(key):
            answer = self._client.upload_part(**where, **named, **_content(part))
            _check(part, answer)
            return str(answer["ETag"])

    def _abort(self, where: dict[str, str], upload: Mapping[str, Any]) -> None:
        try:
            with translate_s3_errors(where["Key"]):
                self._client.abort_multipart_upload(**where, UploadId=upload["UploadId"])
        except ObjectNotFound:
            return

    def _listed(self, beginning: str) -> Iterator[StoredObject]:
        pages = self._pages("list_objects_v2", f"{self._objects}{beginning}")
        for each in chain.from_iterable(page.get("Contents", ()) for page in pages):
            key = each["Key"].removeprefix(self._objects)
            with suppress(ValueError):  # what we never made is none of ours
                yield StoredObject(check_key(key), each["Size"], each["LastModified"])

    def _unfinished(self) -> Iterator[Mapping[str, Any]]:
        pages = self._pages("list_multipart_uploads", self._objects)
        yield from chain.from_iterable(page.get("Uploads", ()) for page in pages)

    def _pages(self, operation: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        with translate_s3_errors(prefix):
            pages = iter(
                self._client.get_paginator(operation).paginate(
                    Bucket=self._location.bucket, Prefix=prefix
                )
            )
        while True:
            with translate_s3_errors(prefix):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _presigned(self, operation: str, parameters: dict[str, Any], life: timedelta) -> str:
        with translate_s3_errors(parameters["Key"]):
            return str(
                self._client.generate_presigned_url(
                    operation, Params=parameters, ExpiresIn=int(life.total_seconds())
                )
            )


_MD5 = re.compile("[0-9a-f]{32}")

_PARAMETERS = {
    "Content-Type": "ContentType",
    "Cache-Control": "CacheControl",
    "Content-Disposition": "ContentDisposition",
}


def _connect(location: S3Location) -> Any:  # noqa: ANN401 - as of `_client`
    """A client; credentials come from where boto3 looks for them."""
    # Servers that are not Amazon's have no address for each bucket.
    style = {"addressing_style": "path" if location.endpoint else "auto"}
    session = Session()
    return session.client(
        "s3",
        endpoint_url=location.endpoint or None,
        region_name=location.region or session.region_name or "us-east-1",
        config=_CONFIG.merge(Config(s3=style)),
    )


def _content(content: bytes | bytearray) -> dict[str, Any]:
    md5 = hashlib.md5(content, usedforsecurity=False).digest()
    return {"Body": content, "ContentMD5": b64encode(md5).decode()}


def _check(content: bytes | bytearray, answer: Mapping[str, Any]) -> None:
    """Compare what a server says it kept with what it was sent.

    An ETag is the MD5 of what was put at once, unless the server encrypts with other keys than its
    own or has tags of another shape ("Amazon S3 API Reference", Object, `ETag`).

    Raises:
        StorageUnavailable: it kept something else.
    """
    tag = str(answer.get("ETag", "")).strip('"')
    is_digest = _MD5.fullmatch(tag) and answer.get("ServerSideEncryption") in {None, "AES256"}
    if is_digest and tag != hashlib.md5(content, usedforsecurity=False).hexdigest():
        raise unavailable() from ValueError("the storage kept other bytes than it was sent")


def _in_parts(chunks: Iterable[bytes]) -> Iterator[bytes | bytearray]:
    """The same bytes in parts of `PART_BYTES`; the last one may be shorter."""
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
