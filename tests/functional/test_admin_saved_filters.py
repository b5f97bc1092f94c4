"""Admins save what they filter the list of uploads by."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, update

from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.admin.saved_filters.model import MAX_FILTERS, SavedFilter
from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.database.write import write
from tests.accounts import account
from tests.admins import Visitor, admin_in
from tests.documents import upload
from tests.images import picture

LIST = "/admin/uploads/"
FILTERS = "/admin/filters/"
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return admin_in(app)


@pytest.fixture
def other(app: Flask) -> Visitor:
    account(app, "Hal", "admin")
    visitor = Visitor(app)
    visitor.enter("hal@example.org")
    return visitor


def save(admin: Visitor, name: str, query: str, **fields: object) -> str:
    """Save a filter as the list's page does, and give the message that is shown."""
    back = f"{LIST}?{query}".removesuffix("?")
    answer = admin.send(FILTERS, name=name, filter=query, back=back, **fields)
    assert answer.status_code == 303
    assert answer.location == back
    found = re.search(r'<p class="(?:notice|problem)"[^>]*>([^<]*)', admin.get(LIST).text)
    assert found
    return found[1]


def shown(admin: Visitor, query: str = "") -> dict[str, str]:
    """The saved filters above the list, by name: where each leads."""
    page = admin.get(f"{LIST}?{query}").text
    above = re.search(r'<nav aria-label="Saved filters">(.*?)</nav>', page, re.DOTALL)
    links = re.findall(r'<a class="button" href="([^"]*)"[^>]*>([^<]*)', above[1] if above else "")
    return {unescape(name).strip(): unescape(url) for url, name in links}


def change(admin: Visitor, id_: str, **fields: object) -> int:
    return admin.send(f"{FILTERS}{id_}", **fields).status_code


def ids(app: Flask) -> dict[str, str]:
    with app.app_context():
        return dict(read(db.engine, select(SavedFilter.name, SavedFilter.id)))


def test_a_filter_is_saved_and_opened_again(app: Flask, admin: Visitor) -> None:
    upload(app.test_client(), picture(), filename="a.png", alt="Said")
    upload(app.test_client(), picture(), filename="b.png")
    query = "alt=missing&order=oldest&q=png&view=list&size=50"
    page = admin.get(f"{LIST}?{query}").text
    assert 'name="filter" value="alt=missing&amp;order=oldest&amp;q=png"' in page
    assert save(admin, "  Without\n alt ✓", query) == "The filter was saved."
    (name, url), *none = shown(admin).items()
    assert not none
    assert name == "Without alt ✓"
    assert url == f"{LIST}?alt=missing&order=oldest&q=png"
    page = admin.get(url).text
    assert re.findall('class="name" title="([^"]*)"', page) == ["b.png"]
    # It is the one that is shown, and need not be saved again.
    assert re.search(r'aria-current="true">Without alt', page)
    assert "Save this filter" not in page
    assert "Save this filter" in admin.get(f"{LIST}?alt=missing").text


def test_a_list_without_a_filter_offers_nothing_to_save(admin: Visitor) -> None:
    assert "Save this filter" not in admin.get(f"{LIST}?view=list&size=50").text
    assert "Nothing is filtered yet" in save(admin, "All", "")


@pytest.mark.parametrize(
    ("name", "said"), [("", "needs a name"), (" \0", "needs a name"), ("a" * 81, "at most 80")]
)
def test_a_name_is_needed_and_bounded(admin: Visitor, name: str, said: str) -> None:
    assert said in save(admin, name, "alt=missing")
    assert shown(admin) == {}


@pytest.mark.parametrize(
    ("name", "kept"),
    [("Talks \u202egnp.exe", "Talks gnp.exe"), ("a\x07\0b\u200b", "ab"), ("Rooms\n\t2", "Rooms 2")],
)
def test_a_name_has_no_character_that_is_not_seen(admin: Visitor, name: str, kept: str) -> None:
    assert save(admin, name, "q=a") == "The filter was saved."
    assert set(shown(admin)) == {kept}
    assert save(admin, "\u200b\u2060", "q=a") == "A filter needs a name."


def test_a_name_is_text(admin: Visitor, other: Visitor) -> None:
    name = '<img src=x onerror=alert(1)>" {{7*7}} %(num)s'
    save(admin, name, "q=a", shared="on")
    assert set(shown(other)) == {name}
    assert "<img src=x" not in other.get(LIST).text + other.get(FILTERS).text


def test_a_size_is_saved_for_every_language(admin: Visitor, other: Visitor) -> None:
    admin.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    admin.send(FILTERS, name="Large", filter="least=1,5+MB", shared="on")
    for each in (admin, other):
        assert each.get(shown(other)["Large"]).status_code == 200


def test_a_filter_is_ones_own_unless_it_is_shared(
    app: Flask, admin: Visitor, other: Visitor
) -> None:
    save(admin, "Own", "alt=missing")
    save(admin, "Shared", "visibility=private", shared="on")
    assert shown(admin).keys() == {"Own", "Shared"}
    assert shown(other).keys() == {"Shared"}
    assert "Shared by Grace" in other.get(FILTERS).text
    found = ids(app)
    assert change(other, found["Own"], name="Mine") == 404
    assert other.send(f"{FILTERS}{found['Own']}/delete").status_code == 404
    assert change(other, found["Shared"], name="Secret", shared="on") == 303
    assert shown(admin).keys() == {"Own", "Secret"}
    assert other.send(f"{FILTERS}{found['Shared']}/delete").status_code == 303
    assert shown(admin).keys() == {"Own"}


def test_a_filter_is_renamed_shared_and_deleted(app: Flask, admin: Visitor, other: Visitor) -> None:
    save(admin, "Old", "alt=missing")
    id_ = ids(app)["Old"]
    assert change(admin, id_, name="New", shared="on") == 303
    assert shown(other).keys() == {"New"}
    assert change(admin, id_, name="New") == 303
    assert shown(other) == {}
    assert change(admin, id_, name="") == 303
    assert "needs a name" in admin.get(FILTERS).text
    assert admin.send(f"{FILTERS}{id_}/delete").location == FILTERS
    assert "There are no saved filters" in admin.get(FILTERS).text
    assert change(admin, id_, name="Again") == 404


def test_there_is_a_bound_on_how_many(app: Flask, admin: Visitor, other: Visitor) -> None:
    for number in range(MAX_FILTERS):
        assert save(admin, str(number), "alt=missing") == "The filter was saved."
    assert "delete one first" in save(admin, "More", "alt=missing")
    assert len(ids(app)) == MAX_FILTERS
    assert save(other, "More", "alt=missing") == "The filter was saved."
    too_long = "&".join(f"{name}={'x' * 500}" for name in ("q", "owner", "type", "least", "most"))
    assert admin.send(f"{FILTERS}{ids(app)['0']}/delete").status_code == 303
    admin.send(FILTERS, name="Long", filter=too_long)
    assert "too long to be saved" in admin.get(LIST).text


def rewrite(app: Flask, name: str, query: str) -> None:
    saved = update(SavedFilter).where(SavedFilter.name == name).values(query=query)
    with app.app_context():
        write(db.engine, lambda execute: execute(saved))


def test_what_another_version_saved_is_shown_as_such(app: Flask, admin: Visitor) -> None:
    save(admin, "Newer", "alt=missing")
    save(admin, "Order", "alt=missing&order=oldest")
    rewrite(app, "Newer", "alt=missing&focus=left&_external=1&endpoint=x")
    rewrite(app, "Order", "alt=missing&order=shape")
    assert shown(admin) == {"Newer": f"{LIST}?alt=missing", "Order": f"{LIST}?alt=missing"}
    page = admin.get(f"{LIST}?alt=missing").text
    assert page.count("Not understood") == 2
    # It is not what the list shows.
    assert not re.search(r'aria-current="true">\s*Newer', page)
    assert "focus, _external, endpoint" in admin.get(FILTERS).text


def test_values_are_checked_when_a_filter_is_opened(admin: Visitor) -> None:
    admin.send(FILTERS, name="Odd", filter="least=much")
    answer = admin.get(shown(admin)["Odd"])
    assert answer.status_code == 400
    assert "Write a size as" in answer.text


def test_saving_leads_nowhere_else(admin: Visitor) -> None:
    answer = admin.send(FILTERS, name="x", filter="alt=missing", back="//evil.example/")
    assert answer.location == LIST


def test_filters_go_with_their_user(app: Flask, admin: Visitor, other: Visitor) -> None:
    save(other, "Shared", "alt=missing", shared="on")
    save(admin, "Own", "alt=missing")
    with app.app_context():
        ((user_id,),) = read(
            db.engine, select(SavedFilter.user_id).where(SavedFilter.name == "Shared")
        )
        delete_user(user_id, engine=db.engine)
    assert ids(app).keys() == {"Own"}
