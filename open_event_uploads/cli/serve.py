"""Run `serve`: prepare the database and the storage, then start granian."""

import os
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server.common import AbstractServer
from sqlalchemy import Engine

from open_event_uploads import __version__
from open_event_uploads.accounts.make_first_admin import FirstAdmin, make_first_admin
from open_event_uploads.app import create_app
from open_event_uploads.cli.worker import let_new_workers_stop
from open_event_uploads.context import current_migrations, current_settings, current_storage, db
from open_event_uploads.database.migration_lock import migration_lock
from open_event_uploads.database.migrations import Migrations
from open_event_uploads.maintenance.check_schema import check_schema
from open_event_uploads.maintenance.check_storage import check_storage
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.metrics import shared_metrics
from open_event_uploads.settings import PREFIX, WORKER_THREADS, Settings, load_settings

DEFAULT_PORT = 8000

# A stalled body must not prevent a shutdown; an upload under way may finish.
_KILL_AFTER_SECONDS = 15

# An image of 64 x 64 pixels in 241 bytes (a sun over the sea), so that the first request fits into
# a terminal.
DEMO_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAgMAAADXB5lNAAAADFBMVEUmRlPpxGrnb1EAAACKFmneAAAAoElE"
    "QVR42s2SOw4DIQxE3zocgGb7HGWPkCaXTJFy69yHhgMgkcKArXykVYoIClszzIwtAcxxltavpAcAoniFFUcs"
    "G3BxRBilEdHilNisihsVB6FubTKumlAsQru8ri5ufeI3xRsROgiHLf8hSgflsKV2kD8pTgDprGDviqy4jtBi"
    "U5WolqkZLWS3PbLpxNzFxqrn7ldPkH7/p7d5HmoG4gkkZhni7jdRGAAAAABJRU5ErkJggg=="
)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help=f"Processes, each with {WORKER_THREADS} threads.",
)
def serve_command(host: str, port: int, workers: int) -> None:
    """Serve the API; migrate the embedded SQLite database first."""
    # The workers read the settings themselves, and must make the same links.
    os.environ.setdefault(f"{PREFIX}PUBLIC_URL", f"http://{_authority(host, port)}")
    settings = load_settings()
    app = create_app(settings)
    first_admin = _prepare(app)
    click.echo(_welcome(settings.public_url, first_admin, anonymous=settings.anonymous_uploads))
    server = make_server("open_event_uploads.cli.worker:start_worker", host, port, workers)
    let_new_workers_stop()
    with shared_metrics():
        try:
            server.serve()
        except SystemExit:
            # A worker that was told to end as well may have done so before granian knew why.
            if not server.interrupt_signal:
                raise


def make_server(target: str, host: str, port: int, workers: int) -> AbstractServer[Any]:
    """Return a server whose workers run what `target` (`module:function`) makes."""
    # Asyncio's own loop takes a tenth more processor time for each request.
    return Granian(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_AFTER_SECONDS,
        # The welcome text has the address; only failures remain of granian's log.
        log_level=LogLevels.error,
    )


def _prepare(app: Flask) -> FirstAdmin | None:
    """Prepare the database and the storage.

    Returns:
        The admin who is created on the first start of an embedded database.
    """
    with app.app_context():
        migrations = current_migrations()
        settings = current_settings()
        writes = settings.embedded_database and not settings.read_only
        _migrate(db.engine, migrations, settings)
        check_schema(db.engine, migrations)
        check_storage(current_storage())
        claim_storage(engine=db.engine, storage=current_storage())
        first_admin = make_first_admin(engine=db.engine) if writes else None
        db.session.remove()
        db.engine.dispose()
    return first_admin


def _migrate(engine: Engine, migrations: Migrations, settings: Settings) -> None:
    """Migrate the embedded database; on PostgreSQL, wait for a migration under way.

    If several servers start at once, one migrates and the others wait.
    """
    if not settings.embedded_database and not migrations.is_outdated(engine):
        return
    with migration_lock(engine):
        writes = settings.embedded_database and not settings.read_only
        if writes and migrations.is_outdated(engine):
            migrations.upgrade(is_locked=True)


def _authority(host: str, port: int) -> str:
    """Return the authority of a URL that a browser on this machine can open."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _welcome(public_url: str, first_admin: FirstAdmin | None, *, anonymous: bool) -> str:
    document = (
        '{"data":{"type":"uploads","attributes":{"filename":"hello.png",'
        f'"data":"data:image/png;base64,{DEMO_PNG}"}}}}}}'
    )
    warning = f"\n  {PREFIX}ANONYMOUS_UPLOADS is on: anyone who reaches this address can upload.\n"
    token = first_admin.token if first_admin else "$TOKEN"
    headers = f'-H "Authorization: Bearer {token}" -H "Content-Type: application/vnd.api+json"'
    return f"""
Open Event Uploads {__version__}
  uploads   {public_url}/v1/uploads
  files     {public_url}/media/…
{warning if anonymous else ""}
{_credentials(first_admin)}
Try it: paste this into another terminal, then open the "url" of the response in a browser.

curl {public_url}/v1/uploads {headers} -d '{document}'
"""


def _credentials(first_admin: FirstAdmin | None) -> str:
    if first_admin is None:
        return "Create a token: TOKEN=$(open-event-uploads token create --role admin)"
    return f"""The first admin; this is shown once, so keep it:
  email     {first_admin.email}
  password  {first_admin.password}
  token     {first_admin.token}
"""
