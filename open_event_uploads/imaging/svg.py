"""An SVG without anything that could run or call elsewhere.

What may stay is svg-hush's list (the sanitiser of Cloudflare's image service). Measured, it takes
9.5 GB for 600 KB of elements inside each other, so a scan bounds what it is given: 2 MiB within
these bounds cost it at most a second and 150 MB.
"""

from xml.parsers import expat

try:
    from py_svg_hush import filter_svg
except ImportError:  # an extra: SVG is off by default
    filter_svg = None  # type: ignore[assignment]  # as above

from open_event_uploads.errors import CorruptImage, FileTooLarge, UnsupportedFileType

MAX_SVG_BYTES = 2 * 1024 * 1024
_NAMESPACE = "http://www.w3.org/2000/svg"
_MAX_ELEMENTS = 50_000
_MAX_DEPTH = 50
_MAX_NAMESPACES = 32
# Pictures inside a picture; anything else that a `data:` address could hold goes.
_PICTURES_INSIDE = {"image": ["jpeg", "png", "gif", "webp", "avif"]}


def is_markup(head: bytes) -> bool:
    """Whether a file begins as markup does, which no other image can."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def sanitize_svg(content: bytes) -> bytes:
    """Leave of an SVG what draws.

    Args:
        content: the file.

    Returns:
        An SVG in UTF-8 without scripts, event handlers, links to elsewhere, foreign elements,
        entities and processing instructions.

    Raises:
        FileTooLarge: it has more than 2 MiB.
        UnsupportedFileType: it is no SVG.
        CorruptImage: it is not well-formed XML, or goes beyond what is sanitised.
    """
    if len(content) > MAX_SVG_BYTES:
        raise FileTooLarge(
            f"The SVG has {len(content)} bytes; {MAX_SVG_BYTES} are allowed.",
            limit=MAX_SVG_BYTES,
            actual=len(content),
        )
    _scan(content)
    try:
        return filter_svg(content, _PICTURES_INSIDE)
    except ValueError:
        raise CorruptImage("The SVG is not well-formed.") from None


def _scan(content: bytes) -> None:
    """Read it once without building anything, and refuse what costs out of proportion."""
    scan = _Scan()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.StartNamespaceDeclHandler = scan.namespace
    # Editors write a document type; one that declares anything, entities say, is refused.
    parser.StartDoctypeDeclHandler = scan.document_type
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError:
        scan.require_svg()
        raise CorruptImage("The SVG is not well-formed.") from None


class _Scan:
    """What has been seen of a document."""

    def __init__(self) -> None:
        self._is_svg = False
        self._elements = self._depth = self._namespaces = 0

    def require_svg(self) -> None:
        if not self._is_svg:
            raise UnsupportedFileType("The bytes are markup, and not an SVG.")

    def start(self, name: str, _: object) -> None:
        self._is_svg = self._is_svg or name == f"{_NAMESPACE} svg"
        self.require_svg()
        self._elements += 1
        self._depth += 1
        _check("elements", self._elements, _MAX_ELEMENTS)
        _check("elements inside each other", self._depth, _MAX_DEPTH)

    def end(self, _: str) -> None:
        self._depth -= 1

    def namespace(self, *_: object) -> None:
        self._namespaces += 1
        _check("namespaces", self._namespaces, _MAX_NAMESPACES)

    def document_type(self, _name: str, _system: object, _public: object, has_subset: bool) -> None:  # noqa: FBT001 - expat's own signature
        if has_subset:
            raise CorruptImage("An SVG with declarations of its own is not accepted.")


def _check(what: str, found: int, most: int) -> None:
    if found > most:
        raise CorruptImage(f"The SVG has more than {most} {what}.", limit=most, actual=found)
