"""Run `import`: import many files at once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.cli.file_report import report_files
from open_event_uploads.cli.import_addresses import open_writers, record_addresses
from open_event_uploads.cli.requires_write import requires_write
from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.maintenance.import_owners import ImportOwners
from open_event_uploads.maintenance.import_sources.registry import (
    SOURCES,
    open_source,
    read_base_url,
)
from open_event_uploads.maintenance.import_uploads import Imported, Importer
from open_event_uploads.uploads.processing import Processing, current_processing

_PROBLEMS = frozenset({"refused"})
# An address may have 4,000 characters.
_MAX_LINE_CHARACTERS = 5000
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--from", "source", type=click.Choice(sorted(SOURCES)), default="folder", show_default=True,
    help="Which system the files come from.",
)  # fmt: skip
@click.option("--database", metavar="URL", help="Database of the other system; it is only read.")
@click.option(
    "--files",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the files of the other system.",
)
@click.option("--base-url", metavar="URL", help="Address of the old site, where old URLs begin.")
@click.option(
    "--file-times", is_flag=True, help="Take the time of a file's last change as its own."
)
@click.option("--secret-file", type=_FILE, help="File with the secret_key_base of Rails.")
@click.option("--signed-address", metavar="URL", help="Address of any file of Active Storage.")
@click.option(
    "--allow-network",
    multiple=True,
    metavar="CIDR",
    help="Fetch from this network, though it is not public; may be repeated.",
)
@click.option(
    "--allow-port",
    multiple=True,
    type=click.IntRange(1, 65535),
    help="Fetch from this port, beside 80 and 443; may be repeated.",
)
@click.option("--owner", metavar="WHO", help="Owner of files without one: an email or an id.")
@click.option("--create-owners", is_flag=True, help="Create an account for each unknown email.")
@click.option("--map", "map_file", type=_FILE, help="Write old and new addresses (.jsonl or .csv).")
@click.option("--nginx", "nginx_file", type=_FILE, help="Write redirects for nginx.")
@click.option("--dry-run", is_flag=True, help="Check the files, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
@requires_write
def import_command(  # noqa: PLR0913 - the options of the command
    source: str,
    *,
    owner: str | None,
    create_owners: bool,
    map_file: Path | None,
    nginx_file: Path | None,
    dry_run: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - as the source's fields
) -> None:
    """Import the files of a folder, of a manifest or of another system.

    PATH is a folder, of which everything but hidden files is imported, or a manifest. A manifest
    has one JSON object a line: `file`, and optionally `filename`, `alt`, `visibility` and `owner`.
    Existing uploads are skipped, so an interrupted run can be started again. Refused files are
    printed, and the command ends with status 1.
    """
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    if "base_url" in given:
        given["base_url"] = read_base_url(given["base_url"])
    base_url = given.get("base_url", "")
    files = open_source(source, given, max_bytes=int(current_settings().max_bytes)).walk()
    importer = Importer(
        owners=ImportOwners(
            find_user(owner, engine=db.engine).id if owner else None,
            creates=create_owners,
            dry_run=dry_run,
            report=lambda text: click.echo(_printable(text), err=True),
            engine=db.engine,
        ),
        dry_run=dry_run,
        engine=db.engine,
        storage=current_storage(),
        processing=_without_daily_limit(current_processing(other_files=True)),
    )
    writers = [] if dry_run else open_writers(map_file, nginx_file, base_url)
    found = record_addresses(importer.import_files(files), writers, base_url)
    lines = ((each.outcome, _line(each)) for each in found)
    report_files(lines, "imported", _PROBLEMS, dry_run=dry_run, as_json=as_json)


def _line(found: Imported) -> str:
    return _printable(f"{found.key}: {found.reason}" if found.key else found.reason)


def _printable(line: str) -> str:
    # Names and addresses are other people's, and a terminal obeys control characters.
    return "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for each in line[:_MAX_LINE_CHARACTERS]
    )


def _without_daily_limit(processing: Processing) -> Processing:
    # The limit is for clients, and not for an operator who imports files for others.
    return replace(processing, policy=replace(processing.policy, daily_bytes=None))
