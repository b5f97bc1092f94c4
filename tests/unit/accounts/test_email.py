"""Test that an address has one spelling, and that other texts are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.accounts.email import MAX_CHARACTERS, normalize_email
from open_event_uploads.errors import InvalidAttribute


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada+uploads@localhost\n", "ada+uploads@localhost"),
        ("Jo\u0308rg@B\u00fccher.example", "j\u00f6rg@b\u00fccher.example"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("stra\u00dfe@example.org", "strasse@example.org"),
        # No mail is sent, so names that are for special use are as good as others.
        ("ada@mail.local", "ada@mail.local"),
        ("ada@uploads.test", "ada@uploads.test"),
        ("o'hara!{}@example.org", "o'hara!{}@example.org"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert normalize_email(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "a@b@c",
        "a b@example.org",
        "a@.example.org",
        "a@example.org.",
        "a@example..org",
        "a\0@example.org",
        "a\u200b@example.org",
        "a@example.org, b@example.org",
        "Ada <ada@example.org>",
        '"ada lovelace"@example.org',
        ".ada@example.org",
        "ada@[192.0.2.1]",
        "ada@-example.org",
        "ada@exa_mple.org",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 253}",
        "\ud800@example.org",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidAttribute) as caught:
        normalize_email(text)
    assert caught.value.attribute == "email"


@given(st.text() | st.emails())
def test_any_text_is_an_address_in_one_spelling_or_none(text: str) -> None:
    try:
        kept = normalize_email(text)
    except InvalidAttribute:
        return
    assert normalize_email(kept) == kept == normalize_email(kept.swapcase())
    assert len(kept) <= MAX_CHARACTERS
    assert "\0" not in kept
    kept.encode()
