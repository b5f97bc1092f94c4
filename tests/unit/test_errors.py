"""Test that each error has a status, a code, a title and a description."""

import inspect
import re
from pathlib import Path

import pytest

from open_event_uploads import errors
from open_event_uploads.errors import (
    IdempotencyKeyReused,
    InvalidAttribute,
    OperatorError,
    RefusedFile,
    UploadsError,
)

CLASSES = [
    each
    for each in vars(errors).values()
    if inspect.isclass(each) and issubclass(each, Exception) and each.__module__ == errors.__name__
]
ANSWERS = [each for each in CLASSES if issubclass(each, UploadsError) and each is not UploadsError]

# They answer as what they specialise, at most with a link to a profile's own kind of error.
SAME_ANSWER_AS_ITS_PARENT = {"CommitOutcomeUnknown", "PageSizeExceeded", "UnsupportedSort"}

every_class = pytest.mark.parametrize("class_", CLASSES, ids=lambda each: each.__name__)
every_answer = pytest.mark.parametrize("class_", ANSWERS, ids=lambda each: each.__name__)


@every_class
def test_each_class_says_when_it_is_raised(class_: type[Exception]) -> None:
    assert (class_.__doc__ or "").startswith("Raised when ")


@every_answer
def test_each_answer_has_a_status_of_its_kind(class_: type[UploadsError]) -> None:
    assert 400 <= class_.status < 600
    assert class_.status != 500


@every_answer
def test_each_answer_has_a_code_and_a_title(class_: type[UploadsError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", class_.code)
    assert class_.title[0].isupper()
    assert not class_.title.endswith(".")


def test_no_two_classes_share_a_code() -> None:
    codes = [each.code for each in ANSWERS if each.__name__ not in SAME_ANSWER_AS_ITS_PARENT]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("name", sorted(SAME_ANSWER_AS_ITS_PARENT))
def test_a_class_that_shares_a_code_shares_it_with_its_parent(name: str) -> None:
    class_: type[UploadsError] = getattr(errors, name)
    parent = class_.__mro__[1]
    assert issubclass(parent, UploadsError)
    assert (class_.status, class_.code, class_.title) == (parent.status, parent.code, parent.title)


def test_every_code_is_documented() -> None:
    page = (Path(errors.__file__).parents[1] / "docs/reference/errors.md").read_text("utf-8")
    documented = set(re.findall(r"^\| ([0-9]{3}) \| `([a-z-]+)` \| .+ \|$", page, re.MULTILINE))
    internal = ("500", "internal-error")
    assert documented == {(str(each.status), each.code) for each in ANSWERS} | {internal}


@every_answer
def test_what_is_wrong_with_content_is_422(class_: type[UploadsError]) -> None:
    # The other is what the draft of Idempotency-Key asks for.
    assert (class_.status == 422) == issubclass(class_, InvalidAttribute | IdempotencyKeyReused)


def test_a_refused_file_is_the_attribute_data() -> None:
    error = RefusedFile("Too much.", limit=1, actual=2)
    assert (error.attribute, error.limit, error.actual) == ("data", 1, 2)
    assert str(error) == error.detail == "Too much."


def test_what_an_operator_reads_is_not_what_a_client_reads() -> None:
    assert not [
        each
        for each in CLASSES
        if issubclass(each, UploadsError) and issubclass(each, OperatorError)
    ]


def test_headers_of_one_error_are_not_those_of_another() -> None:
    headers = {"Retry-After": "5"}
    one, other = UploadsError(headers=headers), UploadsError(headers=headers)
    one.headers["Retry-After"] = "9"
    assert other.headers == headers == {"Retry-After": "5"}
