"""Authenticate by token; a module of its own, because the framework imports it before the views."""

from rest_framework.authentication import TokenAuthentication


class BearerAuthentication(TokenAuthentication):
    """The framework's tokens after `Bearer` (RFC 6750)."""

    keyword = "Bearer"
