"""A JSON:API 1.1 server for image uploads."""

__version__ = "1.0.0"
