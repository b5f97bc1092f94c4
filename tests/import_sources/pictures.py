"""Name the files that each system is given, so that the tests can tell what became of them."""

from pathlib import Path

from tests.images import landscape, picture

_FILES = Path(__file__).parent.parent / "files"
ODD_NAME = "Grüße & 50 % [1].png"


def pictures() -> dict[str, bytes]:
    """Return the files by the names under which people upload them."""
    plain = (_FILES / "ljt-testorig.jpg").read_bytes()
    return {
        "stage.jpg": plain,
        "stage again.jpg": plain,
        "hills.jpg": landscape("skyblue", "gold", (1100, 700)),
        "wave.gif": (_FILES / "gif-treescap-interlaced.gif").read_bytes(),
        "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "plan.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        "white.avif": (_FILES / "avif-white_1x1.avif").read_bytes(),
        "film.webp": (_FILES / "irs-lossy_alpha.webp").read_bytes(),
        "lost.png": picture(colour="brown"),
        "draft.png": picture(colour="purple"),
        ODD_NAME: picture(colour="navy"),
        "no extension": picture(colour="olive"),
    }
