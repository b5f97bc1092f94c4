"""Uploads that survive an interrupted connection: tus 1.0."""
