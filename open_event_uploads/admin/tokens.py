"""Serve `/admin/tokens`: list, create and revoke tokens."""

from datetime import datetime, timedelta

from flask import Response, flash, redirect, request
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.accounts.create_token import CreatedToken, NewToken, create_token
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.revoke_token import revoke_token
from open_event_uploads.accounts.token import SCOPES, Token
from open_event_uploads.accounts.token_schema import TokenSchema
from open_event_uploads.admin.form import errors_of, read_attributes, sent_form
from open_event_uploads.admin.listing import Listing
from open_event_uploads.admin.page import Page
from open_event_uploads.context import db
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import InvalidAccount, InvalidAttribute, ManyErrors, UploadsError

_MAX_DAYS = 3650
_DAYS_DIGITS = 4


class TokenPages(Page):
    """Serve the pages of tokens."""

    def __init__(self) -> None:
        super().__init__("Tokens", endpoint="admin_tokens", url="/admin/tokens")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Response:
        """Show all tokens, or one user's, and create one.

        A new token's secret is in the response itself; a redirect would have to carry it.
        """
        if request.method != "POST":
            return self._show()
        try:
            made = _create()
        except (UploadsError, ManyErrors) as error:
            return self._show(error=error)
        return self._show(made=made)

    @expose("/<id:id>/revoke", methods=("POST",))
    def revoke(self, id: str) -> AnyResponse:  # noqa: A002 - the address's name for it
        """Revoke a token."""
        revoke_token(id, engine=db.engine)
        flash("The token was revoked.")
        return redirect(self.get_url("admin_tokens.index"), 303)

    def _show(
        self, made: CreatedToken | None = None, error: UploadsError | ManyErrors | None = None
    ) -> Response:
        query = select(Token).options(joinedload(Token.owner))
        user_id = request.args.get("user", "")
        if is_id(user_id):
            query = query.where(Token.user_id == user_id)
        problems = list(errors_of(error)) if error else []
        return self.show(
            "tokens.html",
            problems[0].status if problems else 200,
            listing=Listing.read(query, Token),
            made=made,
            problems=problems,
            written=sent_form(),
            scopes=SCOPES,
            now=now(),
            user_id=user_id if is_id(user_id) else None,
        )


def _create() -> CreatedToken:
    """Create the token of the form.

    Raises:
        InvalidAttribute, ManyErrors, NotFound: a value is not valid.
    """
    form = sent_form()
    try:
        user = find_user(form.get("user", "").strip(), engine=db.engine)
    except InvalidAccount:
        raise InvalidAttribute("No user has this email or id.", attribute="user") from None
    attributes = {"name": form.get("name", ""), "scopes": form.getlist("scope") or None}
    values = read_attributes(TokenSchema, attributes)
    new = NewToken(user.id, expires_at=_end(form.get("days", "").strip()), **values)
    return create_token(new, engine=db.engine)


def _end(days: str) -> datetime | None:
    if not days:
        return None
    if (
        not (days.isascii() and days.isdigit())
        or len(days) > _DAYS_DIGITS
        or not 1 <= int(days) <= _MAX_DAYS
    ):
        raise InvalidAttribute(f"A token lasts 1 to {_MAX_DAYS} days.", attribute="days")
    return now() + timedelta(days=int(days))
