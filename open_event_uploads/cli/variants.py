"""Run `variants`: render images in other sizes."""

from dataclasses import asdict

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_report, progress
from open_event_uploads.cli.requires_write import requires_write
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.warm_variants import warm_variants
from open_event_uploads.uploads.model import is_served
from open_event_uploads.uploads.walk import count_uploads
from open_event_uploads.variants.preset_cache import current_presets


@click.group("variants")
def variants_command() -> None:
    """Manage variants, images in other sizes."""


@variants_command.command("warm")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
@requires_write
def warm_command(*, as_json: bool) -> None:
    """Render every variant that does not exist yet."""
    with progress("uploads", count_uploads(is_served(), engine=db.engine)) as advance:
        report = warm_variants(
            presets=current_presets(fresh=True),
            engine=db.engine,
            storage=current_storage(),
            progress=advance,
        )
    text = f"{report.uploads} uploads: {report.made} variants made, {report.failed} failed"
    print_report(asdict(report), text, as_json=as_json)
    if report.failed:
        raise SystemExit(1)
