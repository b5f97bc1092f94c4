"""Build what is published, and use it as a stranger does, outside of the checkout."""
