"""`/admin/users`: the accounts of people and programs."""

from typing import Any

from flask import Response, flash, redirect
from sqlalchemy import func, or_, select
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.accounts.conditions import Conditions
from open_event_uploads.accounts.confirm_password import confirm_password
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import ROLES, User, UserRow
from open_event_uploads.accounts.user_schema import UserSchema
from open_event_uploads.admin.listing import read_listing
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, WRITE, route
from open_event_uploads.admin.read_form import errors_in, read_attributes, read_form, read_version
from open_event_uploads.admin.translate import gettext, gettext_noop
from open_event_uploads.context import db
from open_event_uploads.current import current_request
from open_event_uploads.database.read import read
from open_event_uploads.errors import Forbidden, InvalidAccount, ManyErrors, NotFound, UploadsError
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.reassign import reassign_uploads
from open_event_uploads.uploads.usage import Usage

# The longest name or email; SQLite refuses patterns of 50,000 characters.
_MAX_SEARCH_CHARACTERS = 320
_SEARCHED = (User.name, User.email)
_TEXTS = ("name", "email", "role", "password")
_NEW = {"name": "", "email": "", "role": "member", "active": True}


class UserPages(Page):
    """Provide the list of users, the page of each, and a form for a new one."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("Users"), endpoint="admin_users", url="/admin/users")

    @route("/", GET=READ)
    def index(self) -> Response:
        """List all users, or those whose name or email begins with a text."""
        sent = current_request().args.get("q", "")
        text = sent.replace("\0", "").strip()[:_MAX_SEARCH_CHARACTERS]
        query = select(User, Usage.stored_bytes).outerjoin(Usage, Usage.user_id == User.id)
        if text:
            lower = text.lower()
            begins = (func.lower(each).startswith(lower, autoescape=True) for each in _SEARCHED)
            query = query.where(or_(*begins))
        return self.show("users.html", listing=read_listing(query, User, UserRow), text=text)

    @route("/new", GET=READ, POST=WRITE)
    def new(self) -> AnyResponse:
        """Create an account."""
        if current_request().method != "POST":
            return self._show(None, _NEW)
        try:
            created = create_user(NewUser(**_read_values()), engine=db.engine)
        except (UploadsError, ManyErrors) as error:
            return self._show(None, _written(), error)
        flash(gettext("The user was created."))
        return redirect(self.get_url("admin_users.details", id=created.id), 303)

    @route("/<id:id>", GET=READ, POST=WRITE)
    def details(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Show an account, and change it."""
        user = _load_user(id)
        if current_request().method != "POST":
            return self._show(user, _shown(user))
        try:
            changes = _read_values()
            if id == current_user_id() and (changes["role"], changes["active"]) != ("admin", True):
                raise Forbidden(
                    "You cannot disable your own account or change its role; another admin can."
                )
            confirmed = confirm_password(user, changes, read_form().get("current_password") or None)
            update_user(
                id, changes, conditions=Conditions(read_version(), confirmed), engine=db.engine
            )
        except (UploadsError, ManyErrors) as error:
            return self._show(_load_user(id), _written(), error)
        flash(gettext("Saved."))
        return redirect(self.get_url("admin_users.details", id=id), 303)

    @route("/<id:id>/delete", POST=WRITE)
    def delete(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Delete an account; the user that the form names gets its uploads."""
        user, heir = _load_user(id), read_form().get("heir", "").strip()
        try:
            if id == current_user_id():
                raise Forbidden("You cannot delete your own account; another admin can.")
            to = find_user(heir, engine=db.engine).id if heir else None
            delete_user(id, reassign_to=to, reassign=reassign_uploads, engine=db.engine)
        except InvalidAccount:
            error = NotFound("No user has this email or id.")
            return self._show(_load_user(id), _shown(user), error)
        except UploadsError as error:
            return self._show(_load_user(id), _shown(user), error)
        flash(gettext("The user was deleted."))
        return redirect(self.get_url("admin_users.index"), 303)

    def _show(
        self,
        user: UserRow | None,
        written: dict[str, Any],
        error: UploadsError | ManyErrors | None = None,
    ) -> Response:
        problems = errors_in(error)
        return self.show(
            "user.html",
            problems[0].status if problems else 200,
            user=user,
            written=written,
            problems=problems,
            roles=ROLES,
            is_own=user is not None and user.id == current_user_id(),
            stored_bytes=_stored_bytes(user) if user else 0,
            owns_uploads=_owns_uploads(user) if user else False,
        )


def _load_user(id_: str) -> UserRow:
    try:
        return find_user(id_, engine=db.engine)
    except InvalidAccount:
        raise NotFound(
            "There is no user with this id; somebody may have deleted the account."
        ) from None


def _stored_bytes(user: UserRow) -> int:
    found = read(db.engine, select(Usage.stored_bytes).where(Usage.user_id == user.id))
    return found[0][0] if found else 0


def _owns_uploads(user: UserRow) -> bool:
    owned = select(Upload.id).where(Upload.owner_id == user.id).limit(1)
    return bool(read(db.engine, owned))


def _shown(user: UserRow) -> dict[str, Any]:
    return {name: getattr(user, name) for name in _NEW}


def _read_values() -> dict[str, Any]:
    """Return the checked values of the form; an empty password changes nothing."""
    form = read_form()
    given: dict[str, object] = {name: form[name] for name in _TEXTS if form.get(name)}
    values = read_attributes(UserSchema, {**given, "active": "active" in form})
    return {"name": "", "role": "member", "email": None, **values}


def _written() -> dict[str, Any]:
    form = read_form()
    return {**{name: form.get(name, "") for name in _NEW}, "active": "active" in form}
