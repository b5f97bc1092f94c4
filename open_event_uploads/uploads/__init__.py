"""Uploads: one file and its metadata each; imports accounts, variants and the layers below."""
