"""Define the command line of `open-event-uploads` and `manage.py`; one module a command."""

import os
import sys

import click
from alembic.util import CommandError
from flask.cli import FlaskGroup
from flask_migrate.cli import db as db_commands
from sqlalchemy.exc import InternalError, OperationalError

from open_event_uploads import __version__
from open_event_uploads.app import create_app
from open_event_uploads.cli.backfill import backfill_command
from open_event_uploads.cli.export import export_command
from open_event_uploads.cli.import_files import import_command
from open_event_uploads.cli.move_database import move_database_command
from open_event_uploads.cli.move_storage import move_storage_command
from open_event_uploads.cli.openapi import openapi_command
from open_event_uploads.cli.presets import presets_command
from open_event_uploads.cli.serve import serve_command
from open_event_uploads.cli.sweep import sweep_command
from open_event_uploads.cli.tokens import token_command
from open_event_uploads.cli.users import users_command
from open_event_uploads.cli.variants import variants_command
from open_event_uploads.cli.verify import verify_command
from open_event_uploads.errors import OperatorError, StorageFull, StorageUnavailable, UploadsError

PROGRAM = "open-event-uploads"


@click.group(
    cls=FlaskGroup,
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
)
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Run a JSON:API server for image uploads; settings come from UPLOADS_* variables."""


cli.add_command(backfill_command)
cli.add_command(export_command)
cli.add_command(import_command)
cli.add_command(move_storage_command)
cli.add_command(move_database_command)
cli.add_command(openapi_command)
cli.add_command(presets_command)
cli.add_command(serve_command)
cli.add_command(sweep_command)
cli.add_command(token_command)
cli.add_command(users_command)
cli.add_command(variants_command)
cli.add_command(verify_command)
cli.add_command(db_commands)


def main() -> None:
    """Run a command; print one line, not a traceback, for what the operator can correct."""
    try:
        cli.main(prog_name=PROGRAM)
    except (StorageUnavailable, StorageFull) as error:
        _stop(f"UPLOADS_STORAGE_URL: {error} {error.__cause__ or ''}")
    except (OperatorError, UploadsError) as error:
        _stop(str(error))
    except CommandError as error:
        _stop(f"migrations: {error}")
    except (OperationalError, InternalError) as error:
        _stop(f"UPLOADS_DATABASE_URL: the database cannot be used: {error.orig}")
    except BrokenPipeError:
        # The reader of a pipe has ended, as in `… | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _stop(reason: str) -> None:
    click.echo(f"{PROGRAM}: {' '.join(reason.split())}", err=True)
    sys.exit(2)
