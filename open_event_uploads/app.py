"""The application, put together."""

from flask import Flask
from sqlalchemy import Engine

from open_event_uploads.accounts import session_routes, token_routes, user_routes
from open_event_uploads.accounts.authenticate_request import authenticate_request, register_keys
from open_event_uploads.accounts.secret_key import secret_keys
from open_event_uploads.admin import register_admin
from open_event_uploads.context import (
    bind,
    configure_database,
    current_migrations,
    current_storage,
)
from open_event_uploads.jsonapi import JsonApi, JsonApiConfig, PageLimits
from open_event_uploads.jsonapi.expected_body import max_document_bytes
from open_event_uploads.maintenance.check_parts import checks_of_parts
from open_event_uploads.maintenance.sweep_figures import SweepFigures
from open_event_uploads.maintenance.unfinished_figures import UnfinishedFigures
from open_event_uploads.open_event import routes as open_event_routes
from open_event_uploads.openapi import routes as openapi_routes
from open_event_uploads.server import monitoring
from open_event_uploads.server.application import Application
from open_event_uploads.server.checks import register_checks
from open_event_uploads.server.gateway import Gateway
from open_event_uploads.server.headers import AnswerHeaders
from open_event_uploads.server.identity import current_identity
from open_event_uploads.server.logs import RequestLog, configure_logs
from open_event_uploads.server.pipeline import Pipeline
from open_event_uploads.server.routes import Routes, check_every_route
from open_event_uploads.settings import WORKER_THREADS, Settings, load_settings
from open_event_uploads.storage import Storage, open_storage
from open_event_uploads.storage.capabilities import prepare_storage
from open_event_uploads.uploads import operation_routes, policy_routes, variant_routes
from open_event_uploads.uploads import routes as upload_routes
from open_event_uploads.uploads.converters import PolicyConverter, VariantIdConverter
from open_event_uploads.uploads.files import download_link
from open_event_uploads.uploads.files import routes as file_routes
from open_event_uploads.uploads.files.headers import headers_of
from open_event_uploads.uploads.files.public_files import PublicFiles
from open_event_uploads.uploads.resumable import routes as resumable_routes
from open_event_uploads.variants import preset_routes
from open_event_uploads.variants.preset_cache import register_presets


def create_app(settings: Settings | None = None) -> Flask:
    """Put the application together; nothing is shared between two of them.

    Args:
        settings: read from the environment when not given.

    Raises:
        InvalidSettings: a setting is bad; the text names it.
    """
    settings = settings or load_settings()
    app = Application("open_event_uploads", static_folder=None)
    storage = open_storage(settings.storage_url, settings.storage_previous_url, headers_of)
    bind(app, settings, storage)
    _configure_flask(app, settings)
    engine = configure_database(app, settings)
    register_keys(app)
    register_checks(app, authenticate_request)
    register_presets(app)
    routes = Routes(JsonApi(app, _json_api_config(settings, engine)))
    _register_monitoring(routes, engine, storage)
    _register_features(routes)
    register_admin(app)
    check_every_route(app)
    _register_pipeline(app, settings, PublicFiles(engine, storage))
    return app


def create_gateway() -> Gateway:
    """Put the application behind the gateway: what an ASGI server runs."""
    settings = load_settings()
    app = create_app(settings)
    with app.app_context():
        prepare_storage(current_storage())
    return Gateway(app, threads=WORKER_THREADS)


def _configure_flask(app: Flask, settings: Settings) -> None:
    signing, *earlier = secret_keys(settings)
    app.config["SECRET_KEY"] = signing
    app.config["SECRET_KEY_FALLBACKS"] = earlier
    # A trailing slash is the same address, and nothing redirects to a client's address.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters.update(variant_id=VariantIdConverter, policy_id=PolicyConverter)


def _json_api_config(settings: Settings, engine: Engine) -> JsonApiConfig:
    return JsonApiConfig(
        public_url=settings.public_url,
        page_limits=PageLimits(settings.page_size, settings.max_page_size),
        max_document_bytes=max_document_bytes(int(settings.max_bytes)),
        engine=engine,
        viewer=current_identity,
    )


def _register_monitoring(routes: Routes, engine: Engine, storage: Storage) -> None:
    with routes.app.app_context():
        migrations = current_migrations()
    checks = checks_of_parts(engine=engine, migrations=migrations, storage=storage)
    monitoring.register_routes(routes, checks, SweepFigures(engine), UnfinishedFigures(engine))


def _register_features(routes: Routes) -> None:
    """Add the routes of each module, which states their policies."""
    for module in (
        upload_routes,
        download_link,
        resumable_routes,
        operation_routes,
        file_routes,
        variant_routes,
        preset_routes,
        policy_routes,
        user_routes,
        token_routes,
        session_routes,
        open_event_routes,
        openapi_routes,
    ):
        module.register_routes(routes)


def _register_pipeline(app: Flask, settings: Settings, public_files: PublicFiles) -> None:
    """Put the pipeline around Flask, and the quick handler before it."""
    log = RequestLog(configure_logs(settings.log_format), sample=settings.log_sample)
    # nginx sends the files itself where it can.
    handlers = () if settings.x_accel_prefix else (public_files,)
    headers = AnswerHeaders(settings.cors_origins)
    app.wsgi_app = Pipeline(handlers, app.wsgi_app, headers, log)  # type: ignore[method-assign]  # documented (Flask, "Using Middleware")
