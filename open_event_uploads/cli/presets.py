"""Run `presets`: list, create, update and delete presets."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_report
from open_event_uploads.context import db
from open_event_uploads.imaging.preset import ENCODINGS, FITS, Preset
from open_event_uploads.variants.preset_cache import current_presets
from open_event_uploads.variants.write_preset import create_preset, delete_preset, update_preset

Command = Callable[..., None]


@click.group("presets")
def presets_command() -> None:
    """Manage presets, the named sizes of variants."""


def _fields(command: Command) -> Command:
    """Add an option for every field of a preset but its name."""
    options = [
        click.option("--width", type=int, help="Maximum width in pixels."),
        click.option("--height", type=int, help="Maximum height in pixels."),
        click.option("--fit", type=click.Choice(FITS), help="How an image is fitted into its box."),
        click.option("--focal-x", type=float, help="Point that `cover` keeps: 0 left, 1 right."),
        click.option("--focal-y", type=float, help="Point that `cover` keeps: 0 top, 1 bottom."),
        click.option("--format", "encoding", type=click.Choice(ENCODINGS), help="Image format."),
        click.option("--quality", type=int, help="Quality of the encoder, 1 to 100."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@presets_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_appcontext
def list_command(*, as_json: bool) -> None:
    """Print every preset."""
    for preset in current_presets(fresh=True):
        box = f"{preset.width or 'any'} x {preset.height or 'any'}"
        text = f"{preset.name}: {preset.fit} {box}, {preset.encoding} {preset.quality}"
        print_report(_facts(preset), text, as_json=as_json)


@presets_command.command("create")
@click.argument("name")
@_fields
@with_appcontext
def create_command(name: str, **values: object) -> None:
    """Create a preset."""
    create_preset(name, _given(values), engine=db.engine)


@presets_command.command("update")
@click.argument("name")
@_fields
@with_appcontext
def update_command(name: str, **values: object) -> None:
    """Change a preset; its variants get new URLs."""
    update_preset(name, _given(values), engine=db.engine)


@presets_command.command("delete")
@click.argument("name")
@click.confirmation_option(prompt="The URLs of its variants will answer 404. Continue?")
@with_appcontext
def delete_command(name: str) -> None:
    """Delete a preset; its variants stay in the storage until the sweeper removes them."""
    delete_preset(name, engine=db.engine)


def _given(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _facts(preset: Preset) -> dict[str, Any]:
    return {
        "format" if name == "encoding" else name: getattr(preset, name) for name in preset.__slots__
    }
