"""Define the command line of `open-event-uploads` and `manage.py`; one module a command."""

import os
import signal
import sys
from importlib import import_module

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import InternalError, OperationalError

from open_event_uploads import __version__
from open_event_uploads.app import create_app
from open_event_uploads.errors import OperatorError, StorageFull, StorageUnavailable, UploadsError

PROGRAM = "open-event-uploads"

# Where each command is defined.
COMMANDS = {
    "backfill": "open_event_uploads.cli.backfill:backfill_command",
    "db": "flask_migrate.cli:db",
    "export": "open_event_uploads.cli.export:export_command",
    "import": "open_event_uploads.cli.import_files:import_command",
    "move-database": "open_event_uploads.cli.move_database:move_database_command",
    "move-storage": "open_event_uploads.cli.move_storage:move_storage_command",
    "openapi": "open_event_uploads.cli.openapi:openapi_command",
    "presets": "open_event_uploads.cli.presets:presets_command",
    "serve": "open_event_uploads.cli.serve:serve_command",
    "sweep": "open_event_uploads.cli.sweep:sweep_command",
    "token": "open_event_uploads.cli.tokens:token_command",
    "users": "open_event_uploads.cli.users:users_command",
    "variants": "open_event_uploads.cli.variants:variants_command",
    "verify": "open_event_uploads.cli.verify:verify_command",
}


class CommandLine(FlaskGroup):
    """Import a command when it is called: the server starts without the modules of the others.

    Flask's group adds the commands of every package that is installed.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of our commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command with a name, which Ctrl+C interrupts by an exception from here on.

        It ends `serve` at once, until granian has handlers of its own.
        """
        if name not in COMMANDS:
            return None
        module, _, command = COMMANDS[name].partition(":")
        found: click.Command = getattr(import_module(module), command)
        if name != "serve" and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return found


@click.group(
    cls=CommandLine,
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
)
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Run a JSON:API server for image uploads; settings come from UPLOADS_* variables."""


def main() -> None:
    """Run a command; print one line, not a traceback, for what the operator can correct."""
    try:
        cli.main(prog_name=PROGRAM)
    except (StorageUnavailable, StorageFull) as error:
        _stop(f"UPLOADS_STORAGE_URL: {error} {error.__cause__ or ''}")
    except (OperatorError, UploadsError) as error:
        _stop(str(error))
    except (OperationalError, InternalError) as error:
        _stop(f"UPLOADS_DATABASE_URL: the database cannot be used: {error.orig}")
    except BrokenPipeError:
        # The reader of a pipe has ended, as in `… | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _stop(reason: str) -> None:
    click.echo(f"{PROGRAM}: {' '.join(reason.split())}", err=True)
    sys.exit(2)
