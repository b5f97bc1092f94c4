"""Serve the wire contract of the Open Event Server, over uploads and accounts."""
