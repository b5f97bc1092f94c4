"""Member names: Python's on our side, dasherized in documents."""


def dasherize(name: str) -> str:
    """Return a Python name as clients see it, and a stock Ember Data serializer expects it."""
    return name.replace("_", "-")
