"""Serve `/admin/users`: list, create, change and delete users."""

from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose
from sqlalchemy import func, or_, select
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import ROLES, User, UserRow
from open_event_uploads.accounts.user_schema import UserSchema
from open_event_uploads.admin.form import errors_of, read_attributes, sent_form, sent_version
from open_event_uploads.admin.listing import Listing
from open_event_uploads.admin.page import Page
from open_event_uploads.context import db
from open_event_uploads.errors import Forbidden, InvalidAccount, ManyErrors, NotFound, UploadsError
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.reassign import reassign_uploads
from open_event_uploads.uploads.usage import Usage

# Longer than any name and email; SQLite refuses patterns of 50,000 characters.
_MAX_CHARACTERS = 320
_SEARCHED = (User.name, User.email)
_TEXTS = ("name", "email", "role", "password")
_NEW = {"name": "", "email": "", "role": "member", "active": True}


class UserPages(Page):
    """Serve the pages of users."""

    def __init__(self) -> None:
        super().__init__("Users", endpoint="admin_users", url="/admin/users")

    @expose("/")
    def index(self) -> Response:
        """Show all users, or those whose name or email begins with a text."""
        text = request.args.get("q", "").replace("\0", "").strip()[:_MAX_CHARACTERS]
        query = select(User, Usage.stored_bytes).outerjoin(Usage, Usage.user_id == User.id)
        if text:
            begins = (
                func.lower(each).startswith(text.lower(), autoescape=True) for each in _SEARCHED
            )
            query = query.where(or_(*begins))
        listing = Listing.read(query, User)
        return self.show("users.html", listing=listing, text=text)

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> AnyResponse:
        """Create a user."""
        if request.method != "POST":
            return self._show(None, _NEW)
        try:
            made = create_user(NewUser(**_values()), engine=db.engine)
        except (UploadsError, ManyErrors) as error:
            return self._show(None, _written(), error)
        flash("The user was created.")
        return redirect(self.get_url("admin_users.one", id=made.id), 303)

    @expose("/<id:id>", methods=("GET", "POST"))
    def one(self, id: str) -> AnyResponse:  # noqa: A002 - the address's name for it
        """Show and change a user."""
        user = _load_user(id)
        if request.method != "POST":
            return self._show(user, {name: getattr(user, name) for name in _NEW})
        try:
            changes = _values()
            if id == current_user_id() and (changes["role"], changes["active"]) != ("admin", True):
                raise Forbidden("You cannot disable or demote yourself; ask another admin.")
            update_user(id, changes, versions=sent_version(), engine=db.engine)
        except (UploadsError, ManyErrors) as error:
            return self._show(_load_user(id), _written(), error)
        flash("Saved.")
        return redirect(self.get_url("admin_users.one", id=id), 303)

    @expose("/<id:id>/delete", methods=("POST",))
    def delete(self, id: str) -> AnyResponse:  # noqa: A002 - the address's name for it
        """Delete a user; another one may get their uploads."""
        user, heir = _load_user(id), sent_form().get("heir", "").strip()
        facts = {name: getattr(user, name) for name in _NEW}
        try:
            if id == current_user_id():
                raise Forbidden("You cannot delete yourself; ask another admin.")
            to = find_user(heir, engine=db.engine).id if heir else None
            delete_user(id, reassign_to=to, reassign=reassign_uploads, engine=db.engine)
        except InvalidAccount:
            return self._show(_load_user(id), facts, NotFound("No user has this email or id."))
        except UploadsError as error:
            return self._show(_load_user(id), facts, error)
        flash("The user was deleted.")
        return redirect(self.get_url("admin_users.index"), 303)

    def _show(
        self,
        user: UserRow | None,
        written: dict[str, Any],
        error: UploadsError | ManyErrors | None = None,
    ) -> Response:
        problems = list(errors_of(error)) if error else []
        return self.show(
            "user.html",
            problems[0].status if problems else 200,
            user=user,
            written=written,
            problems=problems,
            roles=ROLES,
            usage=db.session.get(Usage, user.id) if user else None,
            owns=_owns_uploads(user),
        )


def _load_user(id_: str) -> UserRow:
    try:
        return find_user(id_, engine=db.engine)
    except InvalidAccount:
        raise NotFound("There is no such user.") from None


def _owns_uploads(user: UserRow | None) -> bool:
    if user is None:
        return False
    owned = select(Upload.id).where(Upload.owner_id == user.id).limit(1)
    return db.session.scalar(owned) is not None


def _values() -> dict[str, Any]:
    """Return the validated values of the form; an empty password keeps the old one."""
    form = sent_form()
    given: dict[str, object] = {name: form[name] for name in _TEXTS if form.get(name)}
    values = read_attributes(UserSchema, {**given, "active": "active" in form})
    return {"name": "", "role": "member", "email": None, **values}


def _written() -> dict[str, Any]:
    form = sent_form()
    return {**{name: form.get(name, "") for name in _NEW}, "active": "active" in form}
