"""`/v1/openapi.json` and `/v1/docs`: the description of the API, for programs and for people."""

import mimetypes
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from flask import Response, render_template_string, send_file

from open_event_uploads.context import current_settings
from open_event_uploads.current import current_application, current_request
from open_event_uploads.errors import NotFound
from open_event_uploads.openapi.entry_point import get_entry_point
from open_event_uploads.server.policy import ANYBODY
from open_event_uploads.server.routes import Routes

_DESCRIPTION = "uploads_description"
_FOLDER = Path(__file__).parent
# The package carries Swagger UI; its blueprint, which writes a script into the page, is not used.
_SWAGGER_UI = Path(str(files("flask_swagger_ui"))) / "dist"
_ASSETS = {
    "start.js": _FOLDER,
    "swagger-ui-bundle.js": _SWAGGER_UI,
    "swagger-ui.css": _SWAGGER_UI,
    "favicon-32x32.png": _SWAGGER_UI,
}

# Swagger UI sets style attributes and has images in its style sheet.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self' {origin}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module; describe the application once, when all are added."""
    app = routes.app

    @cache
    def description() -> bytes:
        with app.app_context():
            # With apispec, which this request alone needs.
            document = import_module("open_event_uploads.openapi.document")
            return msgspec.json.encode(document.describe(app, current_settings()))

    app.extensions[_DESCRIPTION] = description
    routes.add("/v1", "entry_point", get_entry_point, GET=ANYBODY)
    routes.add("/v1/openapi.json", "openapi", get_openapi, GET=ANYBODY)
    routes.add("/v1/docs", "docs", get_docs, GET=ANYBODY)
    routes.add("/v1/docs/<asset>", "docs_asset", get_docs_asset, GET=ANYBODY)


def get_openapi() -> Response:
    """Answer with the description."""
    text = current_application().extensions[_DESCRIPTION]()
    response = current_application().response_class(text, content_type="application/openapi+json")
    return _conditional(response)


def get_docs() -> Response:
    """Answer with a page that shows the description and tries it out."""
    public = urlsplit(current_settings().public_url)
    page = (_FOLDER / "page.html").read_text("utf-8")
    text = render_template_string(page, base=f"{public.path}/v1/docs")
    response = current_application().response_class(text, content_type="text/html; charset=utf-8")
    origin = f"{public.scheme}://{public.netloc}"
    response.headers["Content-Security-Policy"] = _POLICY.format(origin=origin)
    return _conditional(response)


def get_docs_asset(asset: str) -> Response:
    """Answer with a file of that page.

    Raises:
        NotFound: the page has no such file.
    """
    folder = _ASSETS.get(asset)
    if folder is None:
        raise NotFound("The page has no such part.")
    return send_file(folder / asset, mimetype=mimetypes.guess_type(asset)[0])


def _conditional(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(current_request())
    return response
