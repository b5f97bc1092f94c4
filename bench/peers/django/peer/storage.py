"""Store files durably; Django's own storage flushes nothing."""

import os
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """A file storage that flushes the file and its folder before it returns the name."""

    def _save(self, name: str, content: File) -> str:
        saved: str = super()._save(name, content)
        path = Path(self.path(saved))
        for each in (path, path.parent):
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved
