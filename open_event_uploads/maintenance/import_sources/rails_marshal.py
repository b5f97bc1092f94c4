"""Write an id as Ruby's Marshal does, version 4.8 (doc/marshal.rdoc of Ruby)."""

_VERSION = b"\x04\x08"
_MAX_FIXNUM = 2**30


def marshal(value: int | str) -> bytes:
    """Return an integer from 0, or a text in UTF-8, as `Marshal.dump` writes it."""
    if isinstance(value, str):
        text = value.encode()
        # The instance variable `E` with the value true says that the text is in UTF-8.
        return _VERSION + b'I"' + _packed(len(text)) + text + _packed(1) + b":\x06ET"
    if value < _MAX_FIXNUM:
        return _VERSION + b"i" + _packed(value)
    words = (value.bit_length() + 15) // 16
    return _VERSION + b"l+" + _packed(words) + value.to_bytes(2 * words, "little")


def _packed(value: int) -> bytes:
    if value == 0:
        return b"\0"
    if value < 123:  # noqa: PLR2004 - of the format: longer ones say how many bytes follow
        return bytes([value + 5])
    length = (value.bit_length() + 7) // 8
    return bytes([length]) + value.to_bytes(length, "little")
