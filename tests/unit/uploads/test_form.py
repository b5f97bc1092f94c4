"""A form is the same however it arrives: whole, in parts, with boundaries cut in two."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from open_event_uploads.errors import FileTooLarge, InvalidAttribute, InvalidRequest, StorageFull
from open_event_uploads.imaging import arriving_file
from open_event_uploads.imaging.spool import Spool, open_spool
from open_event_uploads.uploads.form import Form, FormRules

RULES = FormRules("b", MappingProxyType({"file": 1, "files[]": 3}), max_bytes=1000)
Sent = list[tuple[str, str, bytes]]

NAMES = st.sampled_from(["file", "files[]", "alt", "other"])
FILE_NAMES = st.sampled_from(["", "a.png"])
# Much that looks like a boundary and is none.
CONTENTS = st.lists(
    st.sampled_from([b"x", b"\r\n", b"\n", b"\r", b"--", b"b", b"\r\n--", b"\r\n--c", b"y" * 50])
).map(b"".join)


def body_of(sent: Sent) -> bytes:
    parts = []
    for name, filename, content in sent:
        extra = f'; filename="{filename}"' if filename else ""
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + b"--b--\r\n"


def given_in(pieces: Iterable[bytes], rules: FormRules = RULES) -> Form:
    form = Form(rules)
    for piece in pieces:
        form.append([piece])
    return form


def kept(form: Form) -> tuple[dict[str, list[tuple[bytes, str]]], dict[str, str]]:
    files = {
        name: [(each.file.read(), each.texts.get("filename", "")) for each in files]
        for name, files in form.files.items()
    }
    return files, form.texts


def expected(sent: Sent) -> tuple[dict[str, list[tuple[bytes, str]]], dict[str, str]]:
    files: dict[str, list[tuple[bytes, str]]] = {}
    texts = {}
    for name, filename, content in sent:
        if len(files.get(name, ())) < RULES.names.get(name, 0):
            files.setdefault(name, []).append((content, filename))
        elif name == "alt" and not filename:
            texts[name] = content.decode()
    return files, texts


@given(
    st.lists(st.tuples(NAMES, FILE_NAMES, CONTENTS), max_size=6).filter(
        lambda sent: not any(b"--b" in content for _, _, content in sent)
    ),
    st.lists(st.integers(1, 60), min_size=1),
)
@example([("file", "a.png", b"\r\n-"), ("alt", "", b"\r\n--")], [1])
@example([("file", "a.png", b"--"), ("files[]", "", b"--"), ("alt", "", b"")], [1])
def test_it_keeps_what_was_sent_however_it_is_cut(sent: Sent, lengths: list[int]) -> None:
    body, place = body_of(sent), 0
    pieces: list[bytes] = []
    while place < len(body):
        length = lengths[len(pieces) % len(lengths)]
        pieces.append(body[place : place + length])
        place += length
    for arriving in (pieces, [body]):
        form = given_in(arriving)
        form.finish()
        assert kept(form) == expected(sent)
        form.close()


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 60), st.integers(1, 20))
def test_a_form_that_is_none_is_refused_or_kept_and_never_more(
    noise: bytes, start: int, length: int, step: int
) -> None:
    whole = body_of([("alt", "", b"x"), ("file", "a.png", b"content")])
    body = whole[:start] + noise + whole[start + length :]
    results = []
    for size in (step, len(body) or 1):
        form = given_in(body[place : place + size] for place in range(0, len(body), size))
        try:
            form.finish()
            results.append(str(kept(form)))
        except (InvalidRequest, InvalidAttribute) as error:
            results.append(error.code)
        form.close()
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ([("file", "a.png", b"x" * 1001)], FileTooLarge),
        ([("alt", "", b"\xff")], InvalidAttribute),
        ([("alt", "", b"x" * 20_000)], InvalidAttribute),
        ([("other", "", b"x")] * 21, InvalidRequest),
    ],
    ids=["a long file", "no text", "a long text", "many parts"],
)
def test_an_error_is_told_at_the_end_and_nothing_is_kept(
    sent: Sent, error: type[Exception]
) -> None:
    before: Sent = [("files[]", "a.png", b"first")]
    form = given_in([body_of(before + sent)])
    with pytest.raises(error):
        form.finish()
    form.append([b"more"])


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"--b\n%s\n\nx\n--b--\n", b"x"),
        (b"--b\r%s\r\rx\r--b--", b"x"),
        (b"--b \t \r\n%s\r\n\r\nx\r\n--b-- \t ", b"x"),
        (b"--b\r\n%s\r\n\r\nx\r\n--b \t \r\n%s2\r\n\r\n\r\n--b--", b"x"),
        (b"ignored\r\n--b\r\n%s\r\n\r\nx\r\n--b--  \r\nignored", b"x"),
        (b"--b\r\n%s\r\n\r\n--b--\r\n", b""),
        (b"--b\r\n%s\r\n\r\n--bx\r\n--b--\r\n", b"--bx"),
        (b"--b\r\n%s\r\n\r\n\r\n--b  x\r\n--b--\r\n", b"\r\n--b  x"),
    ],
)
def test_odd_boundaries_are_found_wherever_they_are_cut(
    body: bytes, content: bytes, step: int
) -> None:
    whole = body.replace(b"%s", b'Content-Disposition: form-data; name="file"')
    form = given_in(whole[place : place + step] for place in range(0, len(whole), step))
    form.finish()
    assert [each.file.read() for each in form.files["file"]] == [content]
    form.close()


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("boundary", ["-", "--", "---", "a--"])
def test_a_boundary_of_dashes_is_found_wherever_it_is_cut(boundary: str, step: int) -> None:
    content = f"-\r\n-{boundary}\r\n--{boundary} x".encode()
    sent: Sent = [("file", "a.png", content), ("alt", "", b"x")]
    body = body_of(sent).replace(b"--b", f"--{boundary}".encode())
    pieces = (body[place : place + step] for place in range(0, len(body), step))
    form = given_in(pieces, replace(RULES, boundary=boundary))
    form.finish()
    assert kept(form) == expected(sent)
    form.close()


def test_a_form_that_is_cut_is_none() -> None:
    form = given_in([body_of([("file", "", b"x")])[:-5]])
    with pytest.raises(InvalidRequest):
        form.finish()


def test_long_files_are_closed_with_the_form_whether_they_are_whole_or_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(arriving_file, "_IN_MEMORY_BYTES", 3)
    spools: list[Spool] = []

    def recorded(*arguments: object, **options: bool) -> Spool:
        spools.append(open_spool(*arguments, **options))  # type: ignore[arg-type]  # those of the call
        return spools[-1]

    monkeypatch.setattr(arriving_file, "open_spool", recorded)
    rules = FormRules("b", RULES.names, 1000, tmp_path)
    body = body_of([("file", "", b"whole"), ("files[]", "", b"not whole" * 9)])
    form = given_in([body[:-20]], rules)
    assert [each.closed for each in spools] == [False, False]
    form.close()
    assert [each.closed for each in spools] == [True, True]


def test_a_full_disk_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Spool:
        raise StorageFull

    monkeypatch.setattr(arriving_file, "_IN_MEMORY_BYTES", 3)
    monkeypatch.setattr(arriving_file, "open_spool", full)
    with pytest.raises(StorageFull):
        given_in([body_of([("file", "", b"long")])])
