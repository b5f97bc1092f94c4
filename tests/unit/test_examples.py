"""What docs show is what the program makes."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]


def test_the_pictures_of_each_fit_are_as_the_program_makes_them(tmp_path: Path) -> None:
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, ROOT / "examples" / "fits.py", tmp_path], check=True, cwd=ROOT
    )
    for made in tmp_path.iterdir():
        with (
            Image.open(made) as new,
            Image.open(ROOT / "docs/reference/images" / made.name) as shown,
        ):
            assert new.size == shown.size
            # Another version of Pillow may round otherwise.
            pairs = zip(new.convert("RGBA").tobytes(), shown.convert("RGBA").tobytes(), strict=True)
            assert max(abs(a - b) for a, b in pairs) < 16
    assert {made.name for made in tmp_path.iterdir()} == {
        each.name for each in (ROOT / "docs/reference/images").iterdir()
    }
