"""A JSON:API 1.1 server for image uploads."""

__version__ = "0.1.0"
