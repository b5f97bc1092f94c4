"""Store objects in a part of a bucket on an S3 server.

{prefix}/objects/{key}     objects
{prefix}/instance          the id of the database this storage belongs to

A put is there whole or not at all, also one in parts. Nothing depends on conditional writes:
several servers ignore `If-None-Match`, and for uploads in parts it is not atomic on others. Nothing
is deleted in bulk: DeleteObjects fails on several servers.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, BinaryIO, cast

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.contract import (
    SignedRequest,
    StoredObject,
    check_folder,
    check_key,
    iter_parts,
)
from open_event_uploads.storage.s3_client import connect
from open_event_uploads.storage.s3_errors import translate_s3_errors
from open_event_uploads.storage.s3_location import S3Location
from open_event_uploads.storage.s3_reader import S3Reader
from open_event_uploads.storage.s3_write import abort_upload, body, put_object

# boto3's parameter for each header that is stored with an object.
_PARAMETERS = {
    "Content-Type": "ContentType",
    "Cache-Control": "CacheControl",
    "Content-Disposition": "ContentDisposition",
}


class S3Storage:
    """Objects in a bucket.

    Args:
        location: of the bucket.
        headers_of: returns the headers that the bucket sends with the object under a key:
            `Content-Type`, `Cache-Control`, `Content-Disposition`.
    """

    def __init__(
        self, location: S3Location, headers_of: Callable[[str], Mapping[str, str]] = lambda _: {}
    ) -> None:
        self._location = location
        self._headers_of = headers_of
        self._root = f"{location.prefix}/" if location.prefix else ""
        self._objects = f"{self._root}objects/"
        self._client_of_process: tuple[int, Any] = (0, None)

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`; the server answers once the object is durable there."""
        headers = {_PARAMETERS[name]: value for name, value in self._headers_of(key).items()}
        put_object(self._client, self._address(key), iter_parts(content), headers)

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; the unread rest of a large object is lost when it is deleted."""
        address = self._address(key)
        with translate_s3_errors(key):
            answer = self._client.get_object(**address)
        fetch = partial(self._fetch_from, key, answer["ETag"])
        reader = S3Reader(key, answer["ContentLength"], answer["Body"], fetch)
        return cast("BinaryIO", reader)

    def delete(self, key: str) -> None:
        """`Storage.delete`."""
        address = self._address(key)
        with suppress(ObjectNotFound), translate_s3_errors(key):
            self._client.delete_object(**address)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`, one by one."""
        for each in self._list(f"{check_folder(folder)}/"):
            self.delete(each.key)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`, a thousand at a time."""
        return self._list("")

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """`Storage.sweep_temporary`: uploads in parts that were never completed."""
        horizon = datetime.now(UTC) - older_than
        count = 0
        for each in self._pages("list_multipart_uploads", self._objects, "Uploads"):
            if each["Initiated"] < horizon:
                count += 1
                if not dry_run:
                    address = {"Bucket": self._location.bucket, "Key": each["Key"]}
                    abort_upload(self._client, address, each["UploadId"])
        return count

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        try:
            with translate_s3_errors("instance"):
                answer = self._client.get_object(**self._marker)
                # A damaged marker must not pass for a missing one.
                return str(answer["Body"].read().decode("ascii", "replace")).strip()
        except ObjectNotFound:
            return None

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`."""
        with translate_s3_errors("instance"):
            self._client.put_object(**self._marker, **body(instance_id.encode("ascii")))

    def presigned_get(self, key: str, life: timedelta, headers: Mapping[str, str]) -> str:
        """`Presigner.presigned_get`."""
        wanted = {f"Response{_PARAMETERS[name]}": value for name, value in headers.items()}
        return self._presign("get_object", {**self._address(key), **wanted}, life)

    def presigned_put(self, key: str, size: int, media_type: str, life: timedelta) -> SignedRequest:
        """`Presigner.presigned_put`; another size or type would need another signature."""
        wanted = {"ContentLength": size, "ContentType": media_type}
        url = self._presign("put_object", {**self._address(key), **wanted}, life)
        return SignedRequest("PUT", url, {"Content-Type": media_type})

    @property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        """A client for each process, because connections do not survive a fork."""
        process, client = self._client_of_process
        if process != os.getpid():
            client = connect(self._location)
            self._client_of_process = (os.getpid(), client)
        return client

    @property
    def _marker(self) -> dict[str, str]:
        return {"Bucket": self._location.bucket, "Key": f"{self._root}instance"}

    def _address(self, key: str) -> dict[str, str]:
        return {"Bucket": self._location.bucket, "Key": f"{self._objects}{check_key(key)}"}

    def _fetch_from(self, key: str, etag: str, start: int) -> BinaryIO:
        wanted = {"Range": f"bytes={start}-", "IfMatch": etag}
        with translate_s3_errors(key):
            return cast("BinaryIO", self._client.get_object(**self._address(key), **wanted)["Body"])

    def _list(self, prefix: str) -> Iterator[StoredObject]:
        for each in self._pages("list_objects_v2", f"{self._objects}{prefix}", "Contents"):
            key = each["Key"].removeprefix(self._objects)
            with suppress(ValueError):  # a foreign object
                yield StoredObject(check_key(key), each["Size"], each["LastModified"])

    def _pages(self, operation: str, prefix: str, member: str) -> Iterator[Mapping[str, Any]]:
        """List everything that a paginated operation finds."""
        wanted = {"Bucket": self._location.bucket, "Prefix": prefix}
        with translate_s3_errors(prefix):
            pages = iter(self._client.get_paginator(operation).paginate(**wanted))
        while True:
            with translate_s3_errors(prefix):
                page = next(pages, None)
            if page is None:
                return
            yield from page.get(member, ())

    def _presign(self, operation: str, parameters: dict[str, Any], life: timedelta) -> str:
        with translate_s3_errors(parameters["Key"]):
            return str(
                self._client.generate_presigned_url(
                    operation, Params=parameters, ExpiresIn=int(life.total_seconds())
                )
            )
