"""Fetch files from addresses that others wrote, in a process of its own.

The rules against server-side request forgery (docs/explanation/security.md, E9): `address.py` and
`networks.py` say which addresses may be asked, `download.py` how much and how long. Nothing here
knows settings, the database or the storage.
"""
