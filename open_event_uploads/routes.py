"""HTTP: translates between requests and services, and decides nothing."""

from flask import Flask

from open_event_uploads.accounts.session_routes import post_session
from open_event_uploads.accounts.token_routes import (
    TokenDetail,
    TokenList,
    TokenRelated,
    TokenRelationship,
)
from open_event_uploads.accounts.user_routes import UserDetail, UserList
from open_event_uploads.context import current_settings, db
from open_event_uploads.jsonapi import JsonApi, JsonApiConfig, PageLimits
from open_event_uploads.jsonapi.body import max_document_bytes
from open_event_uploads.jsonapi.converters import (
    IdConverter,
    NameConverter,
    PolicyConverter,
    VariantIdConverter,
)
from open_event_uploads.open_event.routes import post_files, post_image
from open_event_uploads.openapi.entry_point import get_entry_point
from open_event_uploads.openapi.routes import register_description
from open_event_uploads.server.access import register_access
from open_event_uploads.server.cors import register_cors
from open_event_uploads.server.headers import register_headers
from open_event_uploads.server.identity import current_identity, register_authentication
from open_event_uploads.server.monitoring import register_monitoring
from open_event_uploads.server.rate_limits import register_limits
from open_event_uploads.server.read_only import register_read_only
from open_event_uploads.server.refusals import register_refusals
from open_event_uploads.uploads.download_link import post_download_link
from open_event_uploads.uploads.file_routes import get_file
from open_event_uploads.uploads.operation_routes import post_operations
from open_event_uploads.uploads.policy_routes import PolicyDetail
from open_event_uploads.uploads.routes import (
    UploadContent,
    UploadDetail,
    UploadList,
    UploadRelated,
    UploadRelationship,
)
from open_event_uploads.uploads.variant_routes import (
    VariantDetail,
    VariantRelated,
    VariantRelationship,
)
from open_event_uploads.variants.preset_cache import register_presets
from open_event_uploads.variants.preset_routes import PresetDetail, PresetList


def register_api(app: Flask) -> None:
    """Add every route: the table below is all there is."""
    app.url_map.converters.update(
        id=IdConverter,
        variant_id=VariantIdConverter,
        policy_id=PolicyConverter,
        name=NameConverter,
    )
    register_refusals(app)
    register_monitoring(app)
    register_headers(app)
    register_cors(app)
    register_presets(app)
    register_authentication(app)
    register_access(app)
    register_read_only(app)
    register_limits(app)

    api = JsonApi(app, _protocol_config(app))
    api.route(UploadList, "upload_list", "/v1/uploads")
    api.route(UploadDetail, "upload_detail", "/v1/uploads/<id:id>")
    api.route(UploadContent, "upload_content", "/v1/uploads/<id:id>/content")
    api.route(UploadRelated, "upload_related", "/v1/uploads/<id:id>/<name:name>")
    api.route(
        UploadRelationship,
        "upload_relationship",
        "/v1/uploads/<id:id>/relationships/<name:name>",
    )
    api.route(VariantDetail, "variant_detail", "/v1/variants/<variant_id:id>")
    api.route(VariantRelated, "variant_related", "/v1/variants/<variant_id:id>/<name:name>")
    api.route(
        VariantRelationship,
        "variant_relationship",
        "/v1/variants/<variant_id:id>/relationships/<name:name>",
    )
    api.route(PresetList, "preset_list", "/v1/presets")
    api.route(PresetDetail, "preset_detail", "/v1/presets/<id:id>")
    api.route(UserList, "user_list", "/v1/users")
    api.route(PolicyDetail, "policy_detail", "/v1/policies/<policy_id:id>")
    api.route(UserDetail, "user_detail", "/v1/users/<id:id>")
    api.route(TokenList, "token_list", "/v1/tokens")
    api.route(TokenDetail, "token_detail", "/v1/tokens/<id:id>")
    api.route(TokenRelated, "token_related", "/v1/tokens/<id:id>/<name:name>")
    api.route(
        TokenRelationship, "token_relationship", "/v1/tokens/<id:id>/relationships/<name:name>"
    )

    app.add_url_rule(
        "/v1/uploads/<id:id>/download-link",
        "upload_download_link",
        post_download_link,
        methods=["POST"],
    )
    app.add_url_rule("/v1", "entry_point", get_entry_point)
    app.add_url_rule("/v1/operations", "operations", post_operations, methods=["POST"])

    app.add_url_rule("/v1/upload/image", "open_event_image", post_image, methods=["POST"])
    app.add_url_rule("/v1/upload/files", "open_event_files", post_files, methods=["POST"])

    for path in ("/auth/session", "/v1/auth/session"):
        app.add_url_rule(path, "session", post_session, methods=["POST"])

    register_description(app)

    # A plain GET of a public file is answered before this (`public_files`).
    app.add_url_rule("/media/<path:key>", "file", get_file)


def _protocol_config(app: Flask) -> JsonApiConfig:
    with app.app_context():
        settings, engine = current_settings(), db.engine
    return JsonApiConfig(
        public_url=settings.public_url,
        page_limits=PageLimits(settings.page_size, settings.max_page_size),
        max_document_bytes=max_document_bytes(int(settings.max_bytes)),
        engine=engine,
        viewer=current_identity,
    )
