"""Change the fields of one or several uploads for an admin, so that it can be undone for an hour.

Imports the other modules of uploads.
"""
