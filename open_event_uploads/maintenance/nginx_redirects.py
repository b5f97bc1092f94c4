"""Write a file that makes nginx redirect old addresses to new ones.

It has a `location` for each path or prefix, which nginx looks up in a tree. A `map` would ignore
the case of the addresses (ngx_http_map_module), so two files could get one address. The tree keeps
the length of a path in one byte (nginx 1.22: longer ones are never found), so a longer path is a
regular expression.
"""

import re
import sqlite3
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

from open_event_uploads.maintenance.whole_file import WholeFile

_HEAD = (
    b"# Old addresses of imported files; include this file in the `server` block of the old site.\n"
)

# nginx reads its configuration through a buffer of 4096 bytes that a parameter must fit into.
_MAX_PARAMETER_BYTES = 4000
_MAX_TREE_BYTES = 255

# What a URL keeps as it is; `$` would begin a variable of nginx.
_SAFE = "/:?&=#%+,;@!'()*~[]"

_ESCAPED = re.compile(rb'["\\]')
_SPECIAL = re.compile(rb"[^a-zA-Z0-9/_\x80-\xff-]")


class NginxRedirects:
    """A file of redirects.

    Args:
        path: of the file.
        base_url: of the site that nginx serves, with and without TLS; addresses of other sites are
            left out. Empty if the addresses are paths.
    """

    def __init__(self, path: Path, base_url: str = "") -> None:
        self._site = urlsplit(base_url).netloc
        self.left_out = 0
        self._file = WholeFile(path)
        # On disk and gone with the process: it sorts the addresses, of which there may be many.
        self._addresses = sqlite3.connect("", isolation_level=None)
        self._addresses.execute(
            "CREATE TABLE addresses (place BLOB, is_prefix INTEGER, query BLOB, new TEXT,"
            " PRIMARY KEY (place, is_prefix, query)) WITHOUT ROWID"
        )
        self._addresses.execute("BEGIN")

    def add(self, old: str, new: str, *, is_prefix: bool = False) -> None:
        """`AddressWriter.add`."""
        try:
            parts = urlsplit(old)
        except ValueError:  # such an address asks nobody
            self.left_out += 1
            return
        path, query = normalize_path(parts.path), parts.query.encode()
        is_here = parts.netloc.lower() in {self._site, ""}
        if not is_here or path is None or not _fits(path, query, new, is_prefix=is_prefix):
            self.left_out += 1
            return
        self._addresses.execute(
            "INSERT OR IGNORE INTO addresses VALUES (?, ?, ?, ?)",
            (_place(path, is_prefix=is_prefix), is_prefix, query, new),
        )

    def finish(self) -> None:
        """`AddressWriter.finish`."""
        self._file.write(_HEAD)
        rows = self._addresses.execute(
            "SELECT place, is_prefix, query, new FROM addresses ORDER BY 1, 2 DESC, 3 DESC"
        )
        prefix, of_prefix = b"", list[tuple[bytes, str]]()
        for (place, is_prefix), group in groupby(rows, lambda row: row[:2]):
            targets = [(query, new) for _, _, query, new in group]
            # What its prefix redirects alike is left out: nginx has 8 KB in memory for each.
            if is_prefix or targets != of_prefix or not place.startswith(prefix):
                self._file.write(_location(_path(place), targets, is_prefix=bool(is_prefix)))
            if is_prefix:
                prefix, of_prefix = place, targets
        self._file.finish()

    def close(self) -> None:
        """`AddressWriter.close`."""
        self._addresses.close()
        self._file.close()


def normalize_path(path: str) -> bytes | None:
    """Return a percent-encoded path as nginx compares it; None if it must not be redirected.

    nginx decodes it, resolves `.` and `..`, and merges slashes (ngx_http_core_module, "location").
    A name that somebody gave a file may have `..` in it: it would stand for another page.
    """
    kept = list[bytes]()
    decoded = unquote_to_bytes(path or "/")
    *folders, last = decoded.split(b"/")[1:] or [b""]
    for each in [*folders, last]:
        if each == b"..":
            return None
        if each not in {b"", b"."}:
            kept.append(each)
    if not decoded.startswith(b"/") or b"\0" in decoded:
        return None
    is_folder = last in {b"", b"."} and kept
    return b"/" + b"/".join(kept) + (b"/" if is_folder else b"")


def _fits(path: bytes, query: bytes, new: str, *, is_prefix: bool) -> bool:
    # `$` begins a variable in what `if` compares, and cannot be escaped.
    longest = max(map(len, (_matcher(path, is_prefix=is_prefix), _escape(query), _url(new))))
    return longest <= _MAX_PARAMETER_BYTES and b"$" not in query


def _location(path: bytes, targets: Iterable[tuple[bytes, str]], *, is_prefix: bool) -> bytes:
    """Return the block of one path; the target without a query comes last, and is for any other."""
    lines = list[bytes]()
    for query, new in targets:
        answer = b'return 301 "%s";' % _url(new)
        lines.append(b'if ($args = "%s") { %s }' % (_escape(query), answer) if query else answer)
    return b"location %s { %s }\n" % (_matcher(path, is_prefix=is_prefix), b" ".join(lines))


def _place(path: bytes, *, is_prefix: bool) -> bytes:
    """Return a key that sorts locations as nginx does.

    It sorts them by insertion (nginx 1.22), which takes no time if they are sorted; a slash comes
    first. Regular expressions are tried in their order, so whole addresses come before prefixes.
    """
    kind = b"0" if len(path) <= _MAX_TREE_BYTES else b"2" if is_prefix else b"1"
    return kind + path.replace(b"/", b"\0")


def _path(place: bytes) -> bytes:
    return place[1:].replace(b"\0", b"/")


def _matcher(path: bytes, *, is_prefix: bool) -> bytes:
    if len(path) <= _MAX_TREE_BYTES:
        return b'%s "%s"' % (b"^~" if is_prefix else b"=", _escape(path))
    expression = _SPECIAL.sub(rb"\\\g<0>", path)
    return b'~ "%s"' % _escape(b"^%s%s" % (expression, b"" if is_prefix else b"\\z"))


def _url(new: str) -> bytes:
    return quote(new, _SAFE).encode()


def _escape(text: bytes) -> bytes:
    return _ESCAPED.sub(rb"\\\g<0>", text)
