"""Why an address is not fetched."""


class FetchRefused(Exception):
    """Raised when an address may not be fetched, or its answer is no file; says why."""
