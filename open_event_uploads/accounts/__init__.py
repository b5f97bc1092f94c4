"""Manage users, tokens and sessions; imports the parts below, and no other feature."""
