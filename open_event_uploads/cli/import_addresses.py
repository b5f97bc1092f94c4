"""Write the old and new addresses of imported files, for `--map` and `--nginx` of `import`."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from open_event_uploads.errors import InvalidImport
from open_event_uploads.maintenance.address_map import AddressMap, AddressWriter, write_addresses
from open_event_uploads.maintenance.import_uploads import Imported
from open_event_uploads.maintenance.nginx_redirects import NginxRedirects
from open_event_uploads.variants.preset_cache import current_presets


def open_writers(
    map_file: Path | None, nginx_file: Path | None, base_url: str
) -> list[AddressWriter]:
    """Open the files of addresses.

    Args:
        map_file: of `--map`.
        nginx_file: of `--nginx`.
        base_url: of the old site.

    Raises:
        InvalidImport: both are one file, or one cannot be written.
    """
    if map_file and nginx_file and map_file.resolve() == nginx_file.resolve():
        raise InvalidImport("--map and --nginx need a file each")
    writers = list[AddressWriter]()
    with _named_errors():
        if map_file is not None:
            writers.append(AddressMap(map_file))
        if nginx_file is not None:
            writers.append(NginxRedirects(nginx_file, base_url))
    return writers


def record_addresses(
    found: Iterable[Imported], writers: Sequence[AddressWriter], base_url: str
) -> Iterator[Imported]:
    """Yield each file once its addresses are written, and finish the files of addresses at the end.

    Existing uploads have their addresses in the files, too.

    Args:
        found: what was imported.
        writers: are closed in any case.
        base_url: of the old site.

    Raises:
        InvalidImport: a file of addresses cannot be written.
    """
    with ExitStack() as open_files:
        for writer in writers:
            open_files.callback(writer.close)
        for each in found:
            if writers and each.file is not None and each.upload is not None:
                presets = current_presets()
                with _named_errors():
                    write_addresses(
                        each.file, each.upload,
                        base_url=base_url, presets=presets, writers=writers,
                    )  # fmt: skip
            yield each
        _finish(writers)


def _finish(writers: Sequence[AddressWriter]) -> None:
    for writer in writers:
        with _named_errors():
            writer.finish()
        if isinstance(writer, NginxRedirects) and writer.left_out:
            click.echo(f"--nginx: {writer.left_out} addresses are not in the file", err=True)


@contextmanager
def _named_errors() -> Iterator[None]:
    """Raise an error that names the options, for a full disk and the like."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise InvalidImport(f"--map, --nginx: the file cannot be written: {error}") from None
