"""Uploads that survive an interrupted connection: tus 1.0, and a draft of the IETF."""
