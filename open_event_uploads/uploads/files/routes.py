"""`/media/{key}`: the bytes."""

from functools import partial

from flask import Response

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.current import current_application, current_request
from open_event_uploads.errors import PreconditionFailed
from open_event_uploads.server.policy import ANYBODY
from open_event_uploads.server.routes import Routes
from open_event_uploads.storage.contract import FileBacked, check_key
from open_event_uploads.uploads.files.bucket_redirect import redirect_to_bucket
from open_event_uploads.uploads.files.download_link import may_open
from open_event_uploads.uploads.files.find_file import find_file, no_such_file
from open_event_uploads.uploads.files.headers import file_headers
from open_event_uploads.uploads.files.open_file import OpenFile, open_file
from open_event_uploads.uploads.files.ranges import FileChunks, requested_range
from open_event_uploads.variants.preset_cache import current_presets

ROUTE = "/media/<path:key>"


def register_routes(routes: Routes) -> None:
    """Add the route of this module; `public_files` answers a plain GET of a public file."""
    routes.add(ROUTE, "file", get_file, GET=ANYBODY)


def get_file(key: str) -> Response:
    """Answer GET and HEAD with the bytes under a storage key (RFC 9110, sections 13 and 14).

    A URL never changes its bytes, so caches may keep the answer for ever; a browser may run nothing
    in it. No shared cache keeps a private file, and a browser revalidates it each time; no cache
    keeps a file beyond the end of its lease.
    """
    try:
        check_key(key)
    except ValueError:
        raise no_such_file() from None
    upload = find_file(key, may_open=may_open, engine=db.engine)
    if redirect := redirect_to_bucket(upload, key):
        return redirect
    file = open_file(
        upload,
        key,
        presets=partial(current_presets, fresh=True),
        engine=db.engine,
        storage=current_storage(),
    )
    try:
        return _conditional(key, file, file_headers(file))
    except BaseException:
        file.reader.close()
        raise


def _conditional(key: str, file: OpenFile, headers: dict[str, str]) -> Response:
    request, sent = current_request(), current_request().headers
    if "If-Match" in sent and request.if_match and not request.if_match.contains(file.tag):
        raise PreconditionFailed("The file is not the one that If-Match names.", header="If-Match")
    if "If-None-Match" in sent and request.if_none_match.contains_weak(file.tag):
        file.reader.close()
        return current_application().response_class(status=304, headers=headers)
    part = requested_range(_applicable_range(file), file.size)
    if location := _location_in_nginx(key):
        file.reader.close()
        del headers["Accept-Ranges"]  # nginx adds its own
        headers["X-Accel-Redirect"] = location
        return current_application().response_class(headers=headers)
    if part is None:
        return _streamed(FileChunks(file.reader, 0, file.size), 200, headers)
    headers["Content-Range"] = part.content_range
    return _streamed(FileChunks(file.reader, part.start, part.length), 206, headers)


def _applicable_range(file: OpenFile) -> str | None:
    """Return the Range header, unless by If-Range the client holds part of something else.

    A date, with its resolution of a second, and a weak tag prove nothing (section 13.1.5); Range
    has a meaning for GET only (section 14.2).
    """
    request = current_request()
    condition = request.headers.get("If-Range")
    if request.method != "GET" or condition not in (None, f'"{file.tag}"'):
        return None
    return request.headers.get("Range")


def _location_in_nginx(key: str) -> str | None:
    """Return where nginx finds the file, which then sends it, or the part that is asked for."""
    prefix, storage = current_settings().x_accel_prefix, current_storage()
    if not prefix or not isinstance(storage, FileBacked):
        return None
    return f"{prefix}{storage.relative_path(key)}"


def _streamed(chunks: FileChunks, status: int, headers: dict[str, str]) -> Response:
    headers["Content-Length"] = str(chunks.length)
    return current_application().response_class(chunks, status, headers, direct_passthrough=True)
