"""Migrations, made from `models`."""
