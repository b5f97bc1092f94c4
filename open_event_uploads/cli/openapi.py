"""Run `openapi`: print the description of the API."""

import click
import msgspec
from flask.cli import with_appcontext

from open_event_uploads.current import current_application


@click.command("openapi")
@with_appcontext
def openapi_command() -> None:
    """Print the OpenAPI 3.1 description of the API, as /v1/openapi.json answers it."""
    # Registered by `openapi/routes.py`, which commands do not import.
    description = current_application().extensions["uploads_description"]()
    click.echo(msgspec.json.format(description))
