"""Make the fixture with a real Rails: `python -m tests.import_sources.active_storage.make`."""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.import_sources.pictures import pictures
from tests.import_sources.record import empty, write_answers, write_database

_HERE = Path(__file__).parent
_TABLES = ("active_storage_blobs", "active_storage_attachments", "active_storage_variant_records")


def main() -> None:
    """Run the application, and keep what the tests need."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chroot", type=Path, help="where another Debian's ruby and rails are")
    parser.add_argument("--ruby", default="ruby")
    options = parser.parse_args()
    root = options.chroot or Path("/")
    with tempfile.TemporaryDirectory(dir=root / "tmp") as name:
        application, files = Path(name, "application"), Path(name, "pictures")
        application.mkdir()
        files.mkdir()
        for title, content in pictures().items():
            (files / title).write_bytes(content)
        script = shutil.copy(_HERE / "app.rb", name)
        inside = [f"/{Path(each).relative_to(root)}" for each in (script, application, files)]
        before = ["chroot", str(root)] if options.chroot else []
        made = subprocess.run(  # noqa: S603 - ours
            [*before, options.ruby, *inside],
            check=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "LANG": "C.UTF-8"},
        )
        found = json.loads(made.stdout)
        target = empty(_HERE / found["rails"].partition(".")[0])
        write_database(application / "db.sqlite3", target / "database.sql", _TABLES)
        write_answers(target / "answers.json", found["addresses"])
        (target / "secret").write_text(f"{found['secret']}\n")
        for key in found["kept"]:
            (file,) = application.glob(f"*/{key[:2]}/{key[2:4]}/{key}")
            path = target / file.relative_to(application)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, path)


if __name__ == "__main__":
    main()
