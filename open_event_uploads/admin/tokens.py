"""`/admin/tokens`: the tokens with which programs sign in."""

from datetime import datetime, timedelta

from flask import Response, flash, redirect
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.accounts.create_token import CreatedToken, NewToken, create_token
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.revoke_token import revoke_token
from open_event_uploads.accounts.token import SCOPES, Token, TokenRow
from open_event_uploads.accounts.token_schema import TokenSchema
from open_event_uploads.accounts.user import User
from open_event_uploads.admin.listing import read_listing
from open_event_uploads.admin.page import Page
from open_event_uploads.admin.policies import READ, WRITE, route
from open_event_uploads.admin.read_form import errors_in, read_attributes, read_form
from open_event_uploads.admin.translate import gettext, gettext_noop, ngettext
from open_event_uploads.context import db
from open_event_uploads.current import current_request
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import (
    InvalidAccount,
    InvalidAttribute,
    ManyErrors,
    Sentence,
    UploadsError,
)

_MAX_DAYS = 3650


class TokenPages(Page):
    """Provide the list of tokens, a form for a new one, and the buttons that revoke one."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("Tokens"), endpoint="admin_tokens", url="/admin/tokens")

    @route("/", GET=READ, POST=WRITE)
    def index(self) -> Response:
        """List all tokens, or those of one user; or create one.

        The answer to the form shows the new token, since a redirect would have to carry it.
        """
        if current_request().method != "POST":
            return self._show()
        try:
            created = _create()
        except (UploadsError, ManyErrors) as error:
            return self._show(error=error)
        return self._show(created)

    @route("/<id:id>/revoke", POST=WRITE)
    def revoke(self, id: str) -> AnyResponse:  # noqa: A002 - the URL's name for it
        """Revoke a token and those that were created with it: none is accepted from then on."""
        others = revoke_token(id, engine=db.engine) - 1
        if others:
            flash(
                ngettext(
                    "The token was revoked, and %(num)s that it created.",
                    "The token was revoked, and %(num)s that it created.",
                    others,
                )
            )
        else:
            flash(gettext("The token was revoked."))
        return redirect(self.get_url("admin_tokens.index"), 303)

    def _show(
        self, created: CreatedToken | None = None, error: UploadsError | ManyErrors | None = None
    ) -> Response:
        query = select(Token, User.name).join(User, User.id == Token.user_id)
        user_id = current_request().args.get("user", "")
        if is_id(user_id):
            query = query.where(Token.user_id == user_id)
        problems = errors_in(error)
        return self.show(
            "tokens.html",
            problems[0].status if problems else 200,
            listing=read_listing(query, Token, TokenRow),
            created=created,
            problems=problems,
            written=read_form(),
            scopes=SCOPES,
            now=now(),
            user_id=user_id if is_id(user_id) else None,
        )


def _create() -> CreatedToken:
    """Create the token that the form describes.

    Raises:
        InvalidAttribute, ManyErrors, NotFound: a field of the form is not valid.
    """
    form = read_form()
    try:
        user = find_user(form.get("user", "").strip(), engine=db.engine)
    except InvalidAccount:
        raise InvalidAttribute("No user has this email or id.", attribute="user") from None
    attributes = {"name": form.get("name", ""), "scopes": form.getlist("scope") or None}
    values = read_attributes(TokenSchema, attributes)
    new = NewToken(user.id, expires_at=_read_end(form.get("days", "").strip()), **values)
    return create_token(new, engine=db.engine)


def _read_end(days: str) -> datetime | None:
    if not days:
        return None
    is_number = days.isascii() and days.isdigit() and len(days) <= len(str(_MAX_DAYS))
    if not is_number or not 1 <= int(days) <= _MAX_DAYS:
        raise InvalidAttribute(
            Sentence("Days must be a number between 1 and %(most)s, or empty.", most=_MAX_DAYS),
            attribute="days",
        )
    return now() + timedelta(days=int(days))
