"""What `python -m reference` makes from the code is what is committed, and says everything."""

import re

import pytest

from open_event_uploads import errors
from open_event_uploads.cli import COMMANDS
from open_event_uploads.server.policy import Who
from open_event_uploads.settings import Settings, load_settings
from reference.__main__ import stale_files
from reference.application import description
from reference.commands import commands_page
from reference.errors import ADVICE
from reference.fields import fields_page
from reference.http import http_page
from reference.settings import SECTIONS, environment_file


def test_what_is_made_from_the_code_is_current() -> None:
    assert stale_files() == [], "run: python -m reference"


def test_every_setting_is_in_one_section() -> None:
    named = [name for section in SECTIONS for name in section.names]
    assert sorted(named) == sorted(Settings.model_fields)


def test_every_program_reads_the_environment_file_alike() -> None:
    values = re.findall(r"^#UPLOADS_\w+=(.*)$", environment_file(), re.MULTILINE)
    assert [each for each in values if re.search(r"""["'$#\\]|^\s|\s$""", each)] == []


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


def test_advice_is_about_errors_that_there_are() -> None:
    codes = {getattr(each, "code", "") for each in vars(errors).values()}
    assert ADVICE.keys() <= codes


def test_every_command_has_a_section() -> None:
    sections = re.findall(r"^## `([\w-]+)", commands_page(), re.MULTILINE)
    assert set(sections) == COMMANDS.keys()


def test_every_address_has_a_row_for_each_method_that_somebody_may_call() -> None:
    rows = set(re.findall(r"^\| `([A-Z]+) (/\S*)` \|", http_page(), re.MULTILINE))
    described = {
        (method.upper(), path)
        for path, operations in description()["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
        and not operation["summary"].endswith("always refused")
        and (method != "head" or "get" not in operations)
    }
    # For a monitor, no client of the API.
    assert rows == described | {("GET", "/metrics")}
    assert ("HEAD", "/v1/uploads/resumable/{id}") in rows


def test_a_route_says_who_may_call_it() -> None:
    page = http_page()
    assert "| `POST /v1/users` | Create one user | admins | `users:write` |" in page
    assert Who.NOBODY.name.lower() not in page


def test_every_type_has_a_section_with_its_attributes() -> None:
    page = fields_page()
    types = re.findall(r"^## `(\w+)`", page, re.MULTILINE)
    assert types == ["uploads", "variants", "presets", "policies", "users", "tokens"]
    assert "| `alt` | text, at most 2,000 characters | yes |" in page
    assert "| `url` | address or null |  |" in page
