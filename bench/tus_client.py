"""Send files by tus 1.0, one request after the other over one connection."""

from urllib.parse import urlsplit

from bench.answer import WrongAnswer
from bench.api_client import PICTURE, ApiClient, Body, padded

_COLLECTION = "/v1/uploads/resumable"
_FIELDS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


class TusClient:
    """A client of one server.

    Args:
        client: sends its requests.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def send(self, size: int) -> str:
        """Send a JPEG of this many bytes in requests of 1 MiB, and return the upload's path.

        Raises:
            WrongAnswer: the server refuses it, or does not make an upload of it.
        """
        path, offset = self._create(size), 0
        for piece in padded(PICTURE, size):
            made = self._append(path, offset, piece, len(piece))
            offset += len(piece)
        return _path_of(made)

    def send_at_once(self, size: int) -> str:
        """Send the same in one request; see `send`."""
        return _path_of(self._append(self._create(size), 0, padded(PICTURE, size), size))

    def send_with_creation(self, file: bytes) -> str:
        """Send a file in the request that begins the upload; see `send`."""
        headers = {**_FIELDS, "Upload-Length": str(len(file))}
        found, _ = self._client.request("POST", _COLLECTION, file, headers, 201)
        return _path_of(found["Content-Location"])

    def _create(self, size: int) -> str:
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
        found, _ = self._client.request("POST", _COLLECTION, None, headers, 201)
        return urlsplit(found["Location"]).path

    def _append(self, path: str, offset: int, body: Body, size: int) -> str | None:
        """Send bytes; return the address of the upload, once it is made."""
        headers = {**_FIELDS, "Upload-Offset": str(offset), "Content-Length": str(size)}
        found, _ = self._client.request("PATCH", path, body, headers, 204)
        if found["Upload-Offset"] != str(offset + size):
            raise WrongAnswer(f"{path}: {found['Upload-Offset']} bytes instead of {offset + size}")
        return found["Content-Location"]


def _path_of(address: str | None) -> str:
    if address is None:
        raise WrongAnswer("no upload was made of a file that arrived whole")
    return urlsplit(address).path
