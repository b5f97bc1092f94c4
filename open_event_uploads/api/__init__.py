"""HTTP: translates between requests and services, and decides nothing."""

from flask import Flask

from open_event_uploads.api.converters import IdConverter
from open_event_uploads.api.files import get_file
from open_event_uploads.api.headers import register_headers
from open_event_uploads.api.jsonapi import JsonApi
from open_event_uploads.api.uploads import UploadDetail, UploadList


def register_api(app: Flask) -> None:
    """Add every route: the table below is all there is."""
    app.url_map.converters["id"] = IdConverter
    register_headers(app)

    api = JsonApi(app)
    api.route(UploadList, "upload_list", "/v1/uploads")
    api.route(UploadDetail, "upload_detail", "/v1/uploads/<id:id>")

    app.add_url_rule("/media/<path:key>", "file", get_file)
