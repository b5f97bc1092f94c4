"""Describe the settings: a page of the documentation, and a file of environment variables."""

import textwrap
from dataclasses import dataclass
from typing import Literal, get_args, get_origin

from pydantic import ByteSize
from pydantic.fields import FieldInfo

from open_event_uploads.settings import PREFIX, Settings

# Of comments in the file of environment variables.
_WIDTH = 96

# What a setting has that nobody sets, where it derives from others.
_DERIVED_DEFAULTS = {
    "data_dir": "`./instance`",
    "secret_key": "generated into `UPLOADS_DATA_DIR`",
    "database_url": "SQLite in `UPLOADS_DATA_DIR`",
    "storage_url": "a folder in `UPLOADS_DATA_DIR`",
    "public_url": "where `serve` listens",
    "media_url": "`UPLOADS_PUBLIC_URL` and `/media`",
}


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that are read about together.

    Args:
        title: the heading.
        names: of the settings, as in `Settings`.
        pages: links to read more, from the page, by their text.
    """

    title: str
    names: tuple[str, ...]
    pages: dict[str, str]


SECTIONS = (
    Section(
        "Data and secrets",
        ("data_dir", "secret_key"),
        {"backup": "../how-to/backup.md"},
    ),
    Section(
        "Database",
        (
            "database_url",
            "database_pool_size",
            "database_statement_timeout",
            "read_only",
        ),
        {"PostgreSQL": "../how-to/postgresql.md"},
    ),
    Section(
        "Storage",
        ("storage_url", "storage_previous_url", "private_redirect", "x_accel_prefix"),
        {"storage": "../how-to/storage.md", "nginx": "../how-to/nginx.md"},
    ),
    Section(
        "Addresses",
        ("public_url", "media_url", "cors_origins", "trusted_proxies"),
        {"behind nginx": "../how-to/nginx.md"},
    ),
    Section(
        "Files",
        ("max_bytes", "max_pixels", "media_types", "file_types", "variants", "metadata"),
        {"images": "images.md", "other files": "../how-to/writing.md#send-other-files-than-images"},
    ),
    Section(
        "Uploads",
        ("anonymous_uploads", "expires_after", "resumable_draft"),
        {"leases": "../how-to/leases.md", "resumable uploads": "../how-to/resumable.md"},
    ),
    Section(
        "Limits",
        ("rate_limits", "sign_in_rate_limits", "redis_url", "quota_bytes", "daily_bytes"),
        {"limits": "../how-to/limits.md"},
    ),
    Section("Lists", ("page_size", "max_page_size"), {"lists": "query.md"}),
    Section(
        "Monitoring",
        ("log_format", "log_sample", "metrics_token"),
        {"monitoring": "../how-to/monitoring.md"},
    ),
    Section(
        "Tokens of another service",
        (
            "jwt_secret",
            "jwt_public_key",
            "jwt_jwks_file",
            "jwt_audience",
            "jwt_issuer",
            "jwt_create_users",
        ),
        {"accounts": "../how-to/accounts.md#accept-tokens-of-another-service"},
    ),
)

_PAGE = """# Settings

Settings are environment variables. The server needs none of them: by default, it keeps a SQLite database and the files in one folder. An empty value counts as absent. If a value is invalid, the server does not start, and prints one line that names the variable. Write sizes as `200 kB` or `25MiB`, and separate the items of a list with commas.

[`deploy/settings.env`](../../deploy/settings.env) contains every setting as a comment. Docker Compose, systemd and Kubernetes read that file. They read quotes, `$`, `#` and backslashes differently: Compose replaces `$NAME` and cuts a value at `#`, systemd removes backslashes, and Kubernetes keeps quotes. Use none of them: make secrets of letters and digits, and write `%24` for a `$` in the password of an address.

Made from [`settings.py`](../../open_event_uploads/settings.py) by `python -m reference`.
"""

_FILE = """\
# The settings of Open Event Uploads, made from settings.py by `python -m reference`. The lines
# that are commented out show the defaults. To set one, remove its # and change the value. Docker
# Compose (env_file), systemd (EnvironmentFile) and Kubernetes (configMapGenerator) read this file:
# write NAME=value, without a comment after the value. Use no quotes, $, # or backslash in a value:
# each program reads them differently. In an address, write %22, %27, %24, %23 and %5C.
"""


def settings_page() -> str:
    """Return the page of all settings, in Markdown."""
    return "\n".join([_PAGE, *(_section(each) for each in SECTIONS)])


def environment_file() -> str:
    """Return every setting as a comment, in a file of environment variables."""
    return "\n".join([_FILE, *(_lines(each) for each in SECTIONS)])


def _section(section: Section) -> str:
    more = ", ".join(f"[{text}]({page})" for text, page in section.pages.items())
    rows = [f"| `{_key(name)}` | {_default(name)} | {_meaning(name)} |" for name in section.names]
    head = ["| variable | default | meaning |", "|---|---|---|"]
    return "\n".join([f"## {section.title}", "", *head, *rows, "", f"See {more}.", ""])


def _lines(section: Section) -> str:
    lines = [f"# --- {section.title} ---", ""]
    for name in section.names:
        comment = f"{_meaning(name)}. Default: {_default(name)}.".replace("`", "")
        lines += textwrap.wrap(comment, _WIDTH, initial_indent="# ", subsequent_indent="# ")
        lines += [f"#{_key(name)}={_example(name)}", ""]
    return "\n".join(lines)


def _key(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _meaning(name: str) -> str:
    field = Settings.model_fields[name]
    bounds = _bounds(field)
    return f"{field.description}{f' ({bounds})' if bounds else ''}"


def _bounds(field: FieldInfo) -> str:
    """Return the words or the numbers that a setting may have; empty if anything goes."""
    words = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if words:
        return " or ".join(f"`{word}`" for word in words)
    if field.annotation is bool:
        return "`true` or `false`"
    least = [each.ge for each in field.metadata if hasattr(each, "ge")]
    most = [each.le for each in field.metadata if hasattr(each, "le")]
    return f"{least[0]} to {most[0]}" if least and most else ""


def _default(name: str) -> str:
    if name in _DERIVED_DEFAULTS:
        return _DERIVED_DEFAULTS[name]
    value = _written(Settings.model_fields[name].default)
    return f"`{value}`" if value else "none"


def _example(name: str) -> str:
    """Return the default as one would write it; empty if there is none, or it is derived."""
    return "" if name in _DERIVED_DEFAULTS else _written(Settings.model_fields[name].default)


def _written(value: object) -> str:
    if isinstance(value, ByteSize):
        return value.human_readable(separator="").replace(".0", "")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset | tuple | list):
        return ",".join(sorted(map(str, value)))
    return "" if value is None else str(value)
