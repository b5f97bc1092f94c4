"""Name the sources, and make one from the options of the command."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from typing import Any, cast
from urllib.parse import urlsplit

from open_event_uploads.errors import InvalidImport
from open_event_uploads.maintenance.import_sources.source import Source

_PACKAGE = "open_event_uploads.maintenance.import_sources"

# Where the class of each source is; its module is imported when it is used.
SOURCES = {
    "active-storage": "active_storage:ActiveStorage",
    "directus": "directus:Directus",
    "folder": "folder:Folder",
    "strapi": "strapi:Strapi",
    "open-event": "open_event:OpenEvent",
    "urls": "urls:Urls",
}


def open_source(name: str, options: Mapping[str, object], **provided: object) -> Source:
    """Make a source.

    Args:
        name: one of `SOURCES`.
        options: that were given, by the names of the fields of the source's class.
        provided: values that are no options, for the sources that have such a field.

    Raises:
        InvalidImport: the source has no such option, or needs one that is not there.
    """
    module, _, class_name = SOURCES[name].partition(":")
    source: Any = getattr(import_module(f"{_PACKAGE}.{module}"), class_name)
    known = {each.name: each for each in fields(source)}
    if unknown := [each for each in options if each not in known]:
        raise InvalidImport(f"--from {name} does not use {_spell(unknown[0])}")
    values = {**{each: value for each, value in provided.items() if each in known}, **options}
    for each in known.values():
        is_required = each.default is MISSING and each.default_factory is MISSING
        if is_required and each.name not in values:
            raise InvalidImport(f"--from {name} needs {_spell(each.name)}")
    return cast("Source", source(**values))


def read_base_url(text: str) -> str:
    """Return the address at which the old addresses begin, in the one spelling that ids use.

    Raises:
        InvalidImport: it is not an address of a site.
    """
    try:
        parts = urlsplit(text.strip())
        is_site = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_site = False
    if not is_site or "@" in parts.netloc or parts.query or parts.fragment or not text.isascii():
        raise InvalidImport(
            f"--base-url: expected an address such as https://old.example.org; got {text}"
        )
    return f"{parts.scheme}://{parts.netloc.lower().rstrip(':')}{parts.path.rstrip('/')}"


def _spell(option: str) -> str:
    return "PATH" if option == "path" else f"--{option.replace('_', '-')}"
