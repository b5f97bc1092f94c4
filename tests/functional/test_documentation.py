"""Run the examples of the documentation, and follow its links."""

import json
import re
import shlex
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.documents import path_of

pytestmark = pytest.mark.default_stack("the pages are the same")

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("bench", "examples")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINES = [
    (page.name, line)
    for page in PAGES
    for line in page.read_text("utf-8").splitlines()
    if line.startswith("curl ") and " -d " in line
]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def test_there_are_examples() -> None:
    assert {name for name, _ in LINES} >= {"README.md", "writing.md"}


@pytest.mark.parametrize(("page", "line"), LINES, ids=[name for name, _ in LINES])
def test_an_example_does_what_it_shows(client: FlaskClient, page: str, line: str) -> None:
    _, url, *headers, data_flag, body = shlex.split(line)
    assert (set(headers[::2]), data_flag) == ({"-H"}, "-d"), page
    sent = dict(each.split(": ", 1) for each in headers[1::2])
    # The client has a token of its own.
    assert sent.pop("Authorization", "Bearer $TOKEN") == "Bearer $TOKEN"
    response = client.post(path_of(url), data=body, headers=sent)
    assert response.status_code in {200, 201}, response.text


def test_the_answer_in_the_readme_is_the_one_that_comes(client: FlaskClient) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    shown = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])  # type: ignore[index]  # it is there
    line = next(each for name, each in LINES if name == "README.md")
    *_, body = shlex.split(line)
    headers = {"Content-Type": "application/vnd.api+json"}
    found = client.post("/v1/uploads", data=body, headers=headers).json
    assert found is not None
    of_each = {"url", "created-at", "updated-at"}
    for document in (shown, found):
        for name in of_each:
            document["data"]["attributes"].pop(name)
    assert found["data"]["attributes"] == shown["data"]["attributes"]
    assert list(found["data"]) == list(shown["data"])


@every_page
def test_links_lead_to_files_and_headings(page: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8"))
    for link in links:
        if not link.startswith("https://"):
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not anchor or anchor in anchors_of(target), link


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each).lower().replace(" ", "-") for each in headings}
