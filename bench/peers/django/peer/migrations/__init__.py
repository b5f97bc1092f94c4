"""Django's: made from `models`."""
