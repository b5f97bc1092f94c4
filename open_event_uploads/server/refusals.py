"""What is refused before anything else is looked at: the request never came in whole."""

from flask import Flask, request

# Where the room in front of Flask leaves an error for it to answer with.
REFUSAL = "open_event_uploads.refusal"


def register_refusals(app: Flask) -> None:
    """Answer with the error that a request brings along."""

    @app.before_request
    def _refuse() -> None:
        if refusal := request.environ.get(REFUSAL):
            raise refusal
