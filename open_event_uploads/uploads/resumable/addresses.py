"""Tell the addresses of resumable uploads from others: those of the API, and of the admin pages."""

_SEGMENT = "/resumable"

# The address at which uploads begin, below the public one.
COLLECTION = f"/v1/uploads{_SEGMENT}"


def is_resumable_path(path: str) -> bool:
    """Tell whether a path, or the path of a route, is of resumable uploads."""
    return _SEGMENT in path


def make_address(collection: str, id_: str) -> str:
    """Return the address of an upload that began at a collection: of resumable uploads, or of all.

    Args:
        collection: the URL that was asked.
        id_: of the resumable upload.
    """
    return f"{collection.removesuffix(_SEGMENT)}{_SEGMENT}/{id_}"
