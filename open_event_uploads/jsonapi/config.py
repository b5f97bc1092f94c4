"""Hold what the application configures this package with."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

from flask import Flask
from sqlalchemy import Engine

from open_event_uploads.current import current_application
from open_event_uploads.jsonapi.page import PageLimits

_KEY = "uploads_jsonapi"


class Viewer(Hashable, Protocol):
    """The identity that sends a request: a frozen dataclass; its other fields are the features'."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def user_id(self) -> str:
        """The id of the user."""


@dataclass(frozen=True, slots=True)
class JsonApiConfig:
    """The settings of the protocol's layer.

    Args:
        public_url: what every link begins with, without a slash at its end.
        page_limits: how many resources a page may hold.
        max_document_bytes: of a request's document.
        engine: of the database that lists are read from.
        viewer: returns the identity that sends the request; None for an anonymous one.
    """

    public_url: str
    page_limits: PageLimits
    max_document_bytes: int
    engine: Engine
    viewer: Callable[[], Viewer | None]


def configure(app: Flask, config: JsonApiConfig) -> None:
    """Give an application its settings."""
    app.extensions[_KEY] = config


def current_config() -> JsonApiConfig:
    """Return the settings of the application at work."""
    return cast("JsonApiConfig", current_application().extensions[_KEY])
