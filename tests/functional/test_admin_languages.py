"""The pages for admins are in English and in German."""

from datetime import timedelta

import pytest
from flask import Flask

from open_event_uploads.admin.formatting import (
    format_age,
    format_day,
    format_moment,
    format_size,
)
from open_event_uploads.admin.translate import format_number, ngettext
from open_event_uploads.database.types import now
from tests.accounts import PASSWORD, account
from tests.admins import EMAIL, Visitor, admin_in
from tests.documents import upload
from tests.images import picture

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("de", "de"),
        ("en-GB,de;q=0.5", "en"),
        ("fr,it;q=0.5", "en"),
        ("fr,de;q=0.1", "de"),
        ("", "en"),
        (";;q=x", "en"),
        ("fr,de;q=0", "en"),
        ("fr,en;q=0,de;q=0.1", "de"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_prefers(
    app: Flask, wanted: str, shown: str
) -> None:
    answer = Visitor(app).get("/admin/sign-in", headers={"Accept-Language": wanted})
    assert f'<html lang="{shown}">' in answer.text
    assert ("Passwort" if shown == "de" else "Password") in answer.text
    assert answer.headers["Content-Language"] == shown
    assert {"Accept-Language", "Cookie"} <= {*answer.vary}
    assert answer.headers["Cache-Control"] == "no-store"


def test_somebody_chooses_another_language_and_keeps_it(app: Flask) -> None:
    visitor = Visitor(app)
    assert "Deutsch" in visitor.get("/admin/sign-in?next=/admin/users/").text
    back = "/admin/sign-in?next=/admin/users/"
    answer = visitor.send("/admin/language", language="de", back=back)
    assert (answer.status_code, answer.location) == (303, back)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/admin/" in cookie
    assert "Anmelden" in visitor.get(back, headers={"Accept-Language": "en"}).text
    visitor.send("/admin/language", language="en", back=back)
    assert "Sign in" in visitor.get(back, headers=GERMAN).text


@pytest.mark.parametrize("code", ["fr", "", "../de", "de\r\nX: y"])
def test_there_are_no_other_languages(app: Flask, code: str) -> None:
    visitor = Visitor(app)
    visitor.get("/admin/sign-in")
    answer = visitor.send("/admin/language", language=code, back="https://elsewhere.example/")
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert "uploads_language" not in answer.headers.get("Set-Cookie", "")


def test_a_page_elsewhere_does_not_choose_the_language(app: Flask) -> None:
    answer = Visitor(app).post("/admin/language", data={"language": "de"})
    assert answer.status_code == 403


def test_every_page_is_in_german(app: Flask) -> None:
    uploaded = upload(app.test_client(), picture(), filename="stage.png")
    grace = account(app, "Grace", "admin")
    visitor = Visitor(app)
    assert visitor.enter().status_code == 303
    for path, text in {
        "/admin/": "Übersicht",
        "/admin/uploads/": "oder hierher ziehen.",
        "/admin/uploads/?view=list": "Dateiname",
        f"/admin/uploads/{uploaded['id']}": "Alternativtext",
        "/admin/users/": "Konten",
        f"/admin/users/{grace}": "Konto löschen",
        "/admin/users/new": "Neues Konto",
        "/admin/tokens/": "Neues Token",
        "/admin/presets/": "Bildgrößen",
        "/admin/presets/new": "Neue Bildgröße",
        "/admin/nothing": "Diese Seite gibt es nicht.",
    }.items():
        shown = visitor.get(path, headers=GERMAN).text
        assert text in shown, path
        assert "Abmelden" in shown, path


def test_what_a_form_is_told_is_in_german(app: Flask) -> None:
    visitor = admin_in(app)
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    facts = {"name": "Eve", "email": EMAIL, "role": "member"}
    taken = visitor.send("/admin/users/new", **facts, password=PASSWORD)
    assert "Ein anderes Konto hat diese E-Mail-Adresse" in taken.text
    assert "<strong>E-Mail-Adresse</strong>" in taken.text
    short = visitor.send("/admin/users/new", **facts, password="x" * 5)
    assert "Ein Passwort hat 12 bis 1.024 Zeichen; dieses hat 5." in short.text
    nobody = visitor.get("/admin/uploads/?owner=Eve").text
    assert ">Kein Konto hat die E-Mail-Adresse, den Namen oder die Id „Eve“.</p>" in nobody
    box = {"name": "wide", "width": "10", "encoding": "webp", "quality": "80"}
    half = visitor.send("/admin/presets/new", **box, fit="cover")
    assert "Die Anpassung cover braucht Breite und Höhe." in half.text
    # Another sentence with figures: its title, and the sentence as the API has it.
    large = visitor.send("/admin/presets/new", **box | {"width": "99999"}, fit="inside")
    assert "Ungültige Bildgröße: width and height must be between" in large.text
    saved = visitor.send("/admin/users/new", name="Eve", role="member", active="on")
    assert "Das Konto wurde angelegt." in visitor.get(saved.location).text


def test_a_refused_file_is_told_in_german_and_to_programs_in_english(app: Flask) -> None:
    visitor = admin_in(app)
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    answer = visitor.send_file(b"<!doctype html>", filename="x.png")
    assert answer.json == {"detail": "Dateien dieses Typs werden hier nicht angenommen."}
    answer = Visitor(app).get("/v1/uploads?page[size]=x", headers=GERMAN)
    assert "Send a token" in answer.text


def test_figures_are_written_for_the_language(app: Flask) -> None:
    then = now() - timedelta(days=3)
    with app.test_request_context("/admin/", headers=GERMAN):
        assert format_size(1_400_000) == "1,4 MB"
        assert format_size(1_500) == "1,5 kB"
        assert format_size(999) == "999 Byte"
        assert format_number(1_234_567) == "1.234.567"
        assert format_age(then) == "vor 3 Tagen"
        assert format_day(then) == then.strftime("%d.%m.%Y")
        assert format_moment(then).startswith(then.strftime("%d.%m.%Y, %H:"))
        assert ngettext("%(num)s day ago", "%(num)s days ago", 1) == "vor 1 Tag"


def test_a_size_is_searched_for_as_it_is_written(app: Flask) -> None:
    visitor = admin_in(app)
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    refused = visitor.get("/admin/uploads/?least=viel")
    assert refused.status_code == 400
    sentence = "Schreiben Sie eine Größe als 1500 kB oder 1,5 MB, ohne Punkt zwischen Tausendern."
    assert sentence in refused.text


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("1,5 MB", 200),
        ("1.5 MB", 200),
        ("0,125 MB", 200),
        ("1500 kB", 200),
        ("1.500 kB", 400),
        ("1,500 kB", 400),
        ("1.234.567", 400),
    ],
)
def test_a_size_is_read_alike_in_every_language(
    app: Flask, language: str, text: str, status: int
) -> None:
    visitor = admin_in(app)
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    assert visitor.get(f"/admin/uploads/?least={text}").status_code == status
