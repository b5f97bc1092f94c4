"""Write JSON Pointers (RFC 6901)."""


def escape_pointer(name: str) -> str:
    """Escape a member name for a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_along(node: object, path: tuple[str, ...]) -> str:
    """Return the JSON Pointer along a path, as far as its members exist."""
    pointer = ""
    for name in path:
        if not isinstance(node, dict) or name not in node:
            break
        node = node[name]
        pointer += f"/{escape_pointer(name)}"
    return pointer
