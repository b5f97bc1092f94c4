"""The contexts of a request do what Flask's do, for what is used."""

import flask.ctx
import pytest
from flask import Flask, current_app, g, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter
from werkzeug.test import create_environ

from open_event_uploads.server.application import Application
from open_event_uploads.server.request_context import AppContext, RequestContext

ID = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


class _Id(BaseConverter):
    regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def app() -> Application:
    made = Application("test", static_folder=None)
    made.url_map.strict_slashes = False
    made.url_map.converters["id"] = _Id
    for path, methods in (
        ("/things", ["GET", "POST"]),
        ("/things/<id:id>", ["GET"]),
        ("/things/<id:id>/<name>", ["GET"]),
        ("/things/<id:id>/content", ["PUT", "GET"]),
        ("/pages/", ["GET"]),
    ):
        made.add_url_rule(path, path, lambda **_: "", methods=methods)
    return made


def test_a_context_has_the_attributes_of_flasks(app: Application) -> None:
    with app.test_request_context("/things") as ours, app.app_context() as around:
        environ = ours.request.environ
        assert type(ours) is RequestContext
        assert type(around) is AppContext
        its = flask.ctx.RequestContext(Flask("test"), environ)
        # An address adapter is made when it is used.
        assert vars(its).keys() == vars(ours).keys() | {"url_adapter"}
        assert vars(flask.ctx.AppContext(Flask("test"))).keys() == vars(around).keys()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/things",
        "/things/",
        "//things",
        f"/things/{ID}",
        f"/things/{ID}/",
        f"/things/{ID.upper()}",
        f"/things/{ID}/content",
        f"/things/{ID}/{ID}",
        f"/things/{ID}/other",
        "/things/1",
        # Not the text of a route, but a path that a client sent.
        "/things/<id:id>",
        "/things/<id:id>/content",
        "/pages",
        "/pages/",
        "/nothing",
    ],
)
def test_the_route_is_the_one_that_the_map_finds(app: Application, method: str, path: str) -> None:
    with app.test_request_context(path, method=method) as context:
        its = flask.ctx.RequestContext(app, context.request.environ)
        its.match_request()
        found = (request.url_rule, request.view_args)
        assert found == (its.request.url_rule, its.request.view_args)
        assert type(request.routing_exception) is type(its.request.routing_exception)


def test_most_routes_are_found_without_the_map(app: Application) -> None:
    with app.test_request_context(f"/things/{ID}/content") as context:
        assert "url_adapter" not in vars(context)
        assert url_for("/things", _external=True) == "http://localhost/things"


@pytest.mark.parametrize("host", ["a..b", "x" * 300, ".", "xn--", "[::1", "a b"])
def test_any_host_gets_addresses(app: Application, host: str) -> None:
    environ = create_environ("/things/1")
    with app.request_context(environ | {"HTTP_HOST": host}):
        assert url_for("/things") == "/things"
        assert isinstance(request.routing_exception, NotFound)


def test_a_request_shares_nothing_with_the_context_around_it(app: Application) -> None:
    with app.app_context():
        g.left = 1
        with app.test_request_context("/things"):
            assert "left" not in g
            assert current_app == app
        assert g.left == 1
    assert not current_app
    assert not request


def test_what_ends_with_a_context_is_called_once(app: Application) -> None:
    ended: list[str] = []
    app.teardown_request(lambda _: ended.append("request"))
    app.teardown_appcontext(lambda _: ended.append("application"))
    with app.test_request_context("/things"):
        assert not ended
    assert ended == ["request", "application"]


def test_a_session_that_holds_nothing_yet_can_be_written(app: Application) -> None:
    app.config["SECRET_KEY"] = "k"  # noqa: S105 - of this test
    with app.test_request_context("/things"):
        session["name"] = "value"
        assert session.modified
