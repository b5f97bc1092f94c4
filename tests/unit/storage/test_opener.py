"""Open a storage from a URL, or refuse the URL in one line for the operator."""

import pytest

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.storage import open_storage


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "/srv/uploads",
        "file:",
        "file:relative",
        "file://host/srv/uploads",
        "file:///srv/uploads?mode=rw",
        "file:///srv/uploads#part",
        "file:///srv/up%00loads",
        "http://example.com/",
        "http://[bad",
        "file://[bad/x",
        "ftp://user:hunter2@example.com/",
    ],
)
def test_an_address_that_no_backend_has_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        open_storage(url)
    message = str(refusal.value)
    assert message.startswith("UPLOADS_STORAGE_URL: ")
    assert "\n" not in message
    assert "hunter2" not in message
