"""Who asks an application that runs in this process: an admin with a token."""

from open_event_uploads.extensions import db
from open_event_uploads.services.create_token import NewToken, create_token
from open_event_uploads.services.create_user import NewUser, create_user


def authorization() -> str:
    """Make an admin in the present application's database; the header that says who it is."""
    admin = create_user(NewUser("Bench", role="admin"), session=db.session())
    secret = create_token(NewToken(admin.id), session=db.session()).secret
    db.session.remove()
    return f"Bearer {secret}"
