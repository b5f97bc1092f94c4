"""Make compound files ([MS-CFB]), the containers of Office until 2007."""

import struct

_FREE, _END, _TABLE, _LIST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_IN_HEADER = 109


def compound_file(*paths: str, content: bytes = b"", shift: int = 9, before: int = 0) -> bytes:
    """Make a file with an empty stream for each path.

    Args:
        paths: such as `a`, or `a/b` for a stream in a storage.
        content: lies in sectors of its own behind the directory.
        shift: 9 or 12, of a sector's size.
        before: how many empty sectors lie before the directory.
    """
    directory = _whole_sectors(b"".join(_entries(paths)), shift)
    body = bytes(before << shift) + directory + _whole_sectors(content, shift)
    in_table = 1 << shift - 2
    count = len(body) >> shift
    # Room for the table and its list, too.
    tables = -(-count // (in_table - 3)) + 1
    lists = -(-max(0, tables - _IN_HEADER) // (in_table - 1))
    end = before + (len(directory) >> shift)
    chains = [*[_FREE] * before, *range(before + 1, end), _END, *[_FREE] * (count - end)]
    chains += [_TABLE] * tables + [_LIST] * lists
    chains += [_FREE] * (tables * in_table - len(chains))
    of_table = [*range(count, count + tables)]
    head = struct.pack(
        "<8s16x5H6x9I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3 if shift == 9 else 4, 0xFFFE, shift, 6),
        *((len(directory) >> shift) * (shift == 12), tables, before, 0, 4096, _END, 0),
        *(count + tables if lists else _END, lists),
    )
    head += _numbers(of_table[:_IN_HEADER], _IN_HEADER)
    more = of_table[_IN_HEADER:]
    listed = b""
    for number in range(lists):
        part, more = more[: in_table - 1], more[in_table - 1 :]
        following = count + tables + number + 1 if more else _END
        listed += _numbers(part, in_table - 1) + _numbers([following], 1)
    return _whole_sectors(head, shift) + body + _numbers(chains, len(chains)) + listed


def _entries(paths: tuple[str, ...]) -> list[bytes]:
    """Make the entries: each storage has its first child, and each child the next."""
    kinds = {"": _ROOT}
    for path in paths:
        names = path.split("/")
        kinds |= {"/".join(names[:depth]): _STORAGE for depth in range(1, len(names))}
        kinds[path] = _STREAM
    numbers = {path: number for number, path in enumerate(kinds)}
    children: dict[str, list[str]] = {path: [] for path in kinds}
    for path in [*kinds][1:]:
        children[path.rpartition("/")[0]].append(path)
    entries = []
    for path, kind in kinds.items():
        siblings = children[path.rpartition("/")[0]] if path else []
        after = siblings[siblings.index(path) + 1 :] if path else []
        right = numbers[after[0]] if after else _FREE
        child = numbers[children[path][0]] if children[path] else _FREE
        name = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le") + bytes(2)
        links = (len(name), kind, 1, _FREE, right, child)
        entries.append(struct.pack("<64sHBB3I36xIQ", name, *links, _END if kind > 1 else 0, 0))
    return entries


def _numbers(numbers: list[int], count: int) -> bytes:
    return struct.pack(f"<{count}I", *numbers, *[_FREE] * (count - len(numbers)))


def _whole_sectors(content: bytes, shift: int) -> bytes:
    return content + bytes(-len(content) % (1 << shift))
