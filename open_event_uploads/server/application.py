"""The application of Flask, whose requests can wait for their bodies without a thread."""

from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import Any

from flask import Flask, Request, Response
from werkzeug.routing import MapAdapter

from open_event_uploads.jsonapi.expected_body import expected_body
from open_event_uploads.server.asgi import Environ, StartResponse
from open_event_uploads.server.checks import check_head, check_sender_again
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.paused_request import PausedRequest, Steps
from open_event_uploads.server.request_context import AppContext, RequestContext
from open_event_uploads.server.routes import current_policy
from open_event_uploads.server.wsgi_response import WsgiResponse


class Application(Flask):
    """Flask, with a pause between a request's head and its body; its views are plain functions."""

    response_class = WsgiResponse

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: Flask would look at each at every call."""
        return func

    def app_context(self) -> AppContext:
        """Return a context of the application, to be entered."""
        return AppContext(self)

    def request_context(self, environ: Environ) -> RequestContext:
        """Return a context of a request, to be entered."""
        return RequestContext(self, environ)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds routes and makes addresses, whatever the Host field is.

        Flask's raises `BadHost` where that is no name: an error page could not make its links.
        """
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        return self.url_map.bind(
            "localhost",
            path_info=request.path,
            default_method=environ["REQUEST_METHOD"],
            query_args=environ.get("QUERY_STRING", ""),
        )

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS with 204; Flask answers 200, with the type of a body that it lacks."""
        response = super().make_default_options_response()
        response.status_code = 204
        del response.headers["Content-Type"]
        return response

    def preprocess_request(self) -> Any:  # noqa: ANN401 - as of a view
        """Check the head; no further hook runs for a route that is called without checks."""
        check_head()
        return super().preprocess_request() if current_policy().checked else None

    def wsgi_app(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333).

        Returns:
            The body of the answer; where the request's body is awaited and its head accepted,
            nothing, and `Exchange.paused` is set.
        """
        steps, context = self._steps(environ, start_response), copy_context()
        try:
            expected = context.run(next, steps)
        except StopIteration as end:  # a generator returns its value so: there was no pause
            answer: Iterable[bytes] = end.value
            return answer
        exchange_of(environ).paused = PausedRequest(steps, context, expected)
        return ()

    def _steps(self, environ: Environ, start_response: StartResponse) -> Steps:
        """Do what `Flask.wsgi_app` does (3.1); pause before the view where it awaits the body.

        It is a generator because a function cannot stop in the middle: at `yield` the thread leaves
        it, with the request's context still open, and another thread goes on from there.
        """
        with self.request_context(environ):
            try:
                try:
                    answer = self.preprocess_request()
                    if answer is None:
                        expected = expected_body()
                        if expected is not None and exchange_of(environ).awaits_body:
                            environ["wsgi.input"] = yield expected
                            check_sender_again()
                        answer = self.dispatch_request()
                except Exception as error:  # noqa: BLE001 - Flask has a handler for each, or raises
                    answer = self.handle_user_exception(error)
                response = self.finalize_request(answer)
            except Exception as error:  # noqa: BLE001 - logged, and answered with 500
                response = self.handle_exception(error)
            return response(environ, start_response)
