"""Settings of Django: a folder, named in the environment, has the database and the files."""

import os
from pathlib import Path

FOLDER = Path(os.environ["BENCH_PEER_FOLDER"])

SECRET_KEY = "of a measurement on the loopback address"  # noqa: S105 - nobody signs in
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "peer.urls"
USE_TZ, TIME_ZONE = True, "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_json_api",
    "peer",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "peer.db",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        },
    }
}

MEDIA_ROOT, MEDIA_URL = FOLDER / "media", "/media/"
STORAGES = {"default": {"BACKEND": "peer.storage.DurableStorage"}}
# A document with a file of 25 MiB in it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 35 * 1024 * 1024

JSON_API_FORMAT_FIELD_NAMES = "dasherize"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["peer.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework_json_api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework_json_api.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": "rest_framework_json_api.metadata.JSONAPIMetadata",
    "DEFAULT_PAGINATION_CLASS": "rest_framework_json_api.pagination.JsonApiPageNumberPagination",
    "EXCEPTION_HANDLER": "rest_framework_json_api.exceptions.exception_handler",
    "PAGE_SIZE": 20,
    # `url` is the file's; the resource's own address becomes `links.self`.
    "URL_FIELD_NAME": "self",
}
