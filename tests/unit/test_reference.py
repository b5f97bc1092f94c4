"""What `python -m reference` makes from the code is what is committed, and says everything."""

import re

import pytest

from open_event_uploads.settings import Settings, load_settings
from reference.__main__ import stale_files
from reference.settings import SECTIONS, environment_file


def test_what_is_made_from_the_code_is_current() -> None:
    assert stale_files() == [], "run: python -m reference"


def test_every_setting_is_in_one_section() -> None:
    named = [name for section in SECTIONS for name in section.names]
    assert sorted(named) == sorted(Settings.model_fields)


def test_the_defaults_in_the_environment_file_are_those_in_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"UPLOADS_{name.upper()}", raising=False)
    without = load_settings()
    lines = re.findall(r"^#(UPLOADS_\w+)=(.*)$", environment_file(), re.MULTILINE)
    assert len(lines) == len(Settings.model_fields)
    for key, value in lines:
        monkeypatch.setenv(key, value)
    assert load_settings() == without
