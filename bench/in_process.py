"""The application in this process: on a database of its own, with an admin, and without a log."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from open_event_uploads.app import create_app
from open_event_uploads.extensions import current_storage, db
from open_event_uploads.services.claim_storage import claim_storage
from open_event_uploads.services.create_token import NewToken, create_token
from open_event_uploads.services.create_user import NewUser, create_user
from open_event_uploads.settings import load_settings


def make_product(folder: Path) -> Flask:
    """The application, on a database of its own in a folder."""
    app = create_app(load_settings(data_dir=folder / "product", rate_limits="1000000000/minute"))
    with app.app_context():
        upgrade()
        claim_storage(session=db.session(), storage=current_storage())
    return app


def authorization() -> str:
    """Make an admin in the present application's database; the header that says who it is."""
    admin = create_user(NewUser("Bench", role="admin"), session=db.session())
    secret = create_token(NewToken(admin.id), session=db.session()).secret
    db.session.remove()
    return f"Bearer {secret}"


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """An application that is made within this logs to nowhere, and must be used within it."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
