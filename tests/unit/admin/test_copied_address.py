"""Addresses that were copied from anywhere: which upload they name."""

import html
import json
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from open_event_uploads.admin.copied_address import (
    MAX_CHARACTERS,
    CopiedAddress,
    read_copied_address,
)

ID = "0b95c1d2-3f4a-4e21-9c55-a1b2c3d4e5f6"
OTHER = "ffffffff-3f4a-4e21-9c55-a1b2c3d4e5f6"
KEY = f"{ID}.jpg"
DIGEST = "9f86d081884c7d65"
HOST = "https://uploads.example.org"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        KEY,
        f"private/{KEY}",
        f"  {KEY}\n",
        f"{HOST}/media/{KEY}",
        f"{HOST}/below/a/path/media/{KEY}?width=3#top",
        f"http://localhost:8000/media/{KEY}",
        f"//cdn.example.net/{KEY}",
        f"/media/{KEY}.",
        f"{HOST}/media/variants/{ID}-jpg/{DIGEST}.webp",
        f"{HOST}/media/private/variants/{ID}-jpg/{DIGEST}.webp",
        f"{HOST}/media/private/{KEY}?expires=1700000000&signature=abc",
        f"https://bucket.s3.eu-central-1.amazonaws.com/prefix/{KEY}?X-Amz-Signature={'0' * 64}",
        f"http://127.0.0.1:8333/bucket/prefix/private/{KEY}?X-Amz-Credential=a%2Fb",
        f"s3://bucket/prefix/{KEY}",
        f"/stored/objects/{ID[:2]}/{KEY}",
        f"/srv/uploads/storage/objects/variants/{ID}-jpg/{DIGEST[:2]}/{DIGEST}.webp",
        f"{HOST}/v1/uploads/{ID}",
        f"{HOST}/v1/uploads/{ID}/content",
        f"{HOST}/v1/uploads/{ID}/relationships/variants",
        f"{HOST}/v1/uploads/{ID}?include=variants&fields[uploads]=url",
        f"{HOST}/v1/variants/{ID}-thumbnail",
        f"{HOST}/v1/uploads/resumable/{ID}",
        f"{HOST}/admin/uploads/{ID}",
        f"{HOST}/admin/uploads/{ID}?back=/admin/uploads/",
        f"{HOST}/media/{KEY}".upper(),
        quote(f"{HOST}/media/{KEY}", safe=""),
        quote(quote(f"{HOST}/media/{KEY}", safe=""), safe=""),
        f"https://example.org/_next/image?url={quote(f'{HOST}/media/{KEY}', safe='')}&w=640",
        f"![The main stage]({HOST}/media/{KEY} 'Title')",
        f'<img src="{HOST}/media/{KEY}" alt="&lt;3">',
        f"<{HOST}/media/{KEY}>,",
        f"background: url({HOST}/media/{KEY});",
        html.escape(f'<a href="{HOST}/media/{KEY}?a=1&b=2">'),
        json.dumps({"url": f"{HOST}/media/{KEY}"}),
        json.dumps({"url": [f"{HOST}/media/{KEY}"]}).replace("/", "\\/"),
        f"{HOST}/media/{ID[:9]}\n  {ID[9:]}.jpg",
        f"{HOST}/media/{ID[:9]}\u200b{ID[9:]}.jpg",
        f"see {HOST}/media/{KEY}, please",
    ],
)
def test_the_upload_is_named(text: str) -> None:
    found = read_copied_address(text)
    assert found is not None
    assert found.names == (ID,)


def test_each_name_counts_once_in_its_order() -> None:
    text = f"{OTHER}/uploads/{ID} {OTHER} {ID}"
    assert read_copied_address(text) == CopiedAddress((OTHER, ID), is_url=False)


@pytest.mark.parametrize("text", ["", "stage", "main stage 2026", f"a{ID}b", ID[1:], "3/4 // 5"])
def test_words_are_no_address(text: str) -> None:
    assert read_copied_address(text) is None


@pytest.mark.parametrize("text", [f"{HOST}/logo.png", "/media/logo.png", "//example.org/a"])
def test_a_url_without_a_name_is_told_from_words(text: str) -> None:
    assert read_copied_address(text) == CopiedAddress((), is_url=True)


@pytest.mark.parametrize(
    "text",
    ["https://[", "%", "%zz%", "&#xfffffff;", "\\/" * 9, f"{ID}%00", "https://" + "a" * 9999],
)
def test_odd_texts_are_read(text: str) -> None:
    found = read_copied_address(text)
    assert found is None or found.is_url or found.names == (ID,)


@given(st.text(max_size=50), st.uuids(version=4), st.text(max_size=50), st.integers(0, 3))
@example("https://", UUID(ID), ".png", 2)
def test_a_name_is_found_in_any_text_around_it(
    before: str, name: UUID, after: str, encodings: int
) -> None:
    text = f"{before}/{name}/{after}"
    for _ in range(encodings):
        text = quote(text, safe="", errors="replace")
    found = read_copied_address(text)
    assert found is not None
    assert str(name) in found.names


@given(st.text(alphabet=st.sampled_from("/%25&#;<>\"'()?=.-0aF\\\n") | st.characters()))
def test_nothing_is_too_odd(text: str) -> None:
    found = read_copied_address(text)
    assert found is None or found.is_url or all(len(UUID(each).hex) == 32 for each in found.names)


def test_a_text_is_read_to_a_bound() -> None:
    assert read_copied_address(" " * MAX_CHARACTERS + ID) is None
    many = " ".join(f"{number:08x}{ID[8:]}" for number in range(100))
    assert read_copied_address(many) == CopiedAddress(tuple(many.split()[:8]), is_url=False)
