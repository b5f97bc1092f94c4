"""Parse URLs of S3 storages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.storage.s3_location import S3Location, parse_location


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("s3://uploads", S3Location("uploads")),
        ("s3://uploads/", S3Location("uploads")),
        ("s3://uploads/a/b/", S3Location("uploads", "a/b")),
        ("s3://my.bucket/a?region=eu-central-1", S3Location("my.bucket", "a", "", "eu-central-1")),
        (
            "s3://uploads/x?endpoint=http://127.0.0.1:8333/",
            S3Location("uploads", "x", "http://127.0.0.1:8333"),
        ),
        (
            "s3://uploads?region=auto&endpoint=https%3A%2F%2Fs3.example.org",
            S3Location("uploads", "", "https://s3.example.org", "auto"),
        ),
    ],
)
def test_an_address_is_read(url: str, location: S3Location) -> None:
    assert parse_location(url) == location


@pytest.mark.parametrize(
    "url",
    [
        "s3:",
        "s3://",
        "s3:///prefix",
        "s3://ab",
        "s3://Uploads",
        "s3://up..loads",
        "s3://uploads:80/x",
        "s3://key:secret@uploads/x",
        "s3://uploads/a//b",
        "s3://uploads/../b",
        "s3://uploads/.a",
        "s3://uploads/a%20b",
        "s3://uploads/a#b",
        "s3://uploads?endpoint=",
        "s3://uploads?endpoint=s3.example.org",
        "s3://uploads?endpoint=http://s3.example.org/path",
        "s3://uploads?endpoint=http://user:secret@s3.example.org",
        "s3://uploads?endpoint=ftp://s3.example.org",
        "s3://uploads?endpoint=http://a&endpoint=http://b",
        "s3://uploads?region=",
        "s3://uploads?region=a%0Ab",
        "s3://uploads?acl=public-read",
        "s3://uploads?region",
        "s3://[uploads",
        "file:///srv",
    ],
)
def test_what_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^expected s3://bucket") as refusal:
        parse_location(url)
    assert "secret" not in str(refusal.value)


@given(st.text().map(lambda text: f"s3://{text}"))
def test_any_text_is_an_address_or_none(url: str) -> None:
    try:
        location = parse_location(url)
    except ValueError:
        return
    assert not {"", ".", ".."} & set(location.prefix.split("/")) or not location.prefix
    assert location.bucket
