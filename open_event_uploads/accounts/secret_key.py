"""Load the key that signs sessions and links, or generate it."""

import os
import re
import secrets
from pathlib import Path

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import Settings
from open_event_uploads.storage.flush import flush_file, flush_folder, make_durable_folder

_FILE_NAME = "secret-key"
_KEY_BYTES = 32
_KEY = re.compile("[!-~]{32,}")


def secret_keys(settings: Settings) -> list[str]:
    """Return the secret keys: the first signs, all of them verify.

    Without a key in the settings, one is generated into the data folder on the first start,
    readable by its owner alone.

    Raises:
        InvalidSettings: the key cannot be read from the data folder, or written there.
    """
    if settings.secret_key:
        return [key.get_secret_value() for key in settings.secret_key]
    path = settings.data_dir / _FILE_NAME
    try:
        return [_read_or_generate(path)]
    except OSError as error:
        raise InvalidSettings(f"UPLOADS_DATA_DIR: {error.strerror}: {path}") from None


def _read_or_generate(path: Path) -> str:
    if not path.exists():
        _generate(path)
    key = path.read_text("ascii", errors="replace").strip()
    if not _KEY.fullmatch(key):
        raise InvalidSettings(
            f"UPLOADS_DATA_DIR: {path} holds no key; delete it to have a new one generated"
        )
    return key


def _generate(path: Path) -> None:
    """Write a temporary file and link it: of several servers that start at once one succeeds.

    On return the key survives a power cut: what it signed must stay valid.
    """
    make_durable_folder(path.parent, 0o700)
    temporary = path.with_name(f"{_FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
            file.flush()
            flush_file(descriptor)
        path.hardlink_to(temporary)
    except FileExistsError:
        pass  # another server was first, and all must use the same key
    finally:
        temporary.unlink()
    flush_folder(path.parent)
