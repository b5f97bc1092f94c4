"""Test the length, the spelling and the hashes of passwords."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from open_event_uploads.accounts import hash_password as module
from open_event_uploads.accounts.hash_password import hash_password, is_outdated, is_password
from open_event_uploads.errors import InvalidAttribute
from tests.examples import examples

LONG = st.text(st.characters(exclude_categories=["Cs"]), min_size=30, max_size=60)


def test_what_is_kept_names_its_parameters_and_not_the_password() -> None:
    kept = hash_password("correct horse battery staple")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "horse" not in kept
    assert kept != hash_password("correct horse battery staple")
    assert len(kept) < 200
    assert not is_outdated(kept)
    assert is_outdated(kept.replace("t=2", "t=1"))


@pytest.mark.parametrize("password", ["a" * 12, "a" * 1024, " " * 12, "\0" * 12, "\U0001f600" * 12])
def test_any_characters_will_do(password: str) -> None:
    assert is_password(password, hash_password(password))


@pytest.mark.parametrize("password", ["", "a" * 11, "a" * 1025, "\ud800" * 12, "e\u0301" * 11])
def test_what_is_no_password(password: str) -> None:
    with pytest.raises(InvalidAttribute) as caught:
        hash_password(password)
    assert caught.value.attribute == "password"


@settings(max_examples=examples(15))
@given(LONG, LONG)
def test_a_password_is_itself_and_no_other(one: str, other: str) -> None:
    kept = hash_password(one)
    assert is_password(one, kept)
    assert is_password(other, kept) == (module._normal(one) == module._normal(other))  # noqa: SLF001 - what equal means


@pytest.mark.parametrize("password", ["", "a" * 5000, "\ud800" * 12, "correct horse"])
def test_nobody_has_a_password(password: str) -> None:
    assert not is_password(password, None)
    assert not is_password(password, "")
    assert not is_password(password, "no hash")


def test_the_end_of_a_long_password_counts() -> None:
    kept = hash_password("a" * 1024)
    assert not is_password("a" * 1025, kept)
    assert not is_password("a" * 1023, kept)


def test_only_so_many_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    class Slow:
        def verify(self, *_: object) -> bool:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.02)
            with lock:
                at_once -= 1
            return True

    monkeypatch.setattr(module, "_HASHER", Slow())
    threads = [threading.Thread(target=is_password, args=("a", "b")) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 4
