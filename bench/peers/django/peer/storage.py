"""Files that outlive a power cut: Django's own storage flushes nothing."""

import os
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """Django's storage, with the file and its folder flushed before its name is given out."""

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
