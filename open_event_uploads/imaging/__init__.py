"""Bytes in, facts out. Pure: no Flask, no SQL, no files."""
