"""Databases and files that other systems made; README.md says how."""
