"""The wire contract of the Open Event Server, over uploads and accounts."""
