"""Write a form whose only part is a file."""

_BOUNDARY = "the-end-of-a-part"
FORM = f"multipart/form-data; boundary={_BOUNDARY}"


def around(filename: str, media_type: str) -> tuple[bytes, bytes]:
    """Return what a form has before the bytes of its file, and what it has behind them."""
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    return head.encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()
