"""`examples/gallery/thumbhash.js` draws what the author of ThumbHash draws."""

import pytest

from tests.browser.conftest import CLIENTS, OpenPage, Upload
from tests.corpus import FILES

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("node")]

LARGEST_DIFFERENCE = """async (placeholder) => {
    const { draw } = await import('/gallery/thumbhash.js');
    const { thumbHashToRGBA } = await import('/reference.js');
    const hash = Uint8Array.from(atob(placeholder), (character) => character.charCodeAt(0));
    const { w, h, rgba } = thumbHashToRGBA(hash);
    const ours = draw(hash, w, h);
    return Math.max(...rgba.map((level, at) => Math.abs(level - ours[at])));
}"""


@pytest.mark.parametrize(
    "name",
    [
        "avif-paris_exif_orientation_5.jpg",  # upright
        "ljt-testorig.jpg",  # landscape
        "gif-treescap-interlaced.gif",  # square
        "png-basn6a16.png",  # transparent
        "avif-abc_color_irot_alpha_irot.avif",  # transparent and no square
        "irs-dispose-previous-blend-source.png",  # three pixels by one
    ],
)
def test_a_preview_is_as_the_reference_draws_it(
    open_page: OpenPage, examples: str, upload: Upload, name: str
) -> None:
    placeholder = upload((FILES / name).read_bytes())["placeholder"]
    page = open_page(
        f"{examples}/form/",
        lambda page: page.route(
            "**/reference.js",
            lambda route: route.fulfill(path=CLIENTS / "node_modules/thumbhash/thumbhash.js"),
        ),
    )
    # The reference cuts what is behind the point off; a canvas rounds it.
    assert page.evaluate(LARGEST_DIFFERENCE, placeholder) <= 1
