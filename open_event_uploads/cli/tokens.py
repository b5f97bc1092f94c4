"""Run `token`: create, list and revoke long-lived tokens."""

from datetime import timedelta
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.revoke_token import revoke_token
from open_event_uploads.accounts.token import SCOPES, Token
from open_event_uploads.accounts.user import ROLES, Role
from open_event_uploads.cli.output import print_report
from open_event_uploads.context import db
from open_event_uploads.database.types import now

_MAX_DAYS = 36_500


@click.group("token")
def token_command() -> None:
    """Manage long-lived tokens, for programs."""


@token_command.command("create")
@click.option("--user", "who", help="User on whose behalf it acts: an email or an id.")
@click.option(
    "--role", type=click.Choice(ROLES), help="Create a service account with this role instead."
)
@click.option("--name", default="", help="What the token is for.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Limit it; repeatable."
)
@click.option(
    "--days", type=click.IntRange(1, _MAX_DAYS), help="Days until it expires; never by default."
)
@with_appcontext
def create_command(
    who: str | None, role: Role | None, name: str, scopes: tuple[str, ...], days: int | None
) -> None:
    """Create a token and print its secret alone, which is never shown again."""
    if (who is None) == (role is None):
        raise click.UsageError("Give either --user or --role.")
    created = create_token(
        NewToken(
            find_user(who, engine=db.engine).id if who else _service_account(name, role),
            name=name,
            scopes=frozenset(scopes) or None,
            expires_at=now() + timedelta(days=days) if days else None,
        ),
        engine=db.engine,
    )
    click.echo(f"token {created.token.id} acts for user {created.token.user_id}", err=True)
    click.echo(created.secret)


@token_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_appcontext
def list_command(*, as_json: bool) -> None:
    """Print every token without its secret."""
    ordered = select(Token).order_by(Token.created_at, Token.id)
    loaded = ordered.options(selectinload(Token.owner)).execution_options(yield_per=500)
    for token in db.session.scalars(loaded):
        used = token.last_used_at.isoformat(timespec="minutes") if token.last_used_at else "-"
        scopes = token.scope or "everything"
        whose = token.owner.email or token.owner.name
        text = f"{token.id}  {whose}  {token.name or '-'} ({scopes}; last used {used})"
        print_report(_facts(token), text, as_json=as_json)


@token_command.command("revoke")
@click.argument("token_id", metavar="ID")
@with_appcontext
def revoke_command(token_id: str) -> None:
    """Revoke a token and those that were created with it; none is valid from then on."""
    click.echo(f"revoked {revoke_token(token_id, engine=db.engine)}", err=True)


def _service_account(name: str, role: Role | None) -> str:
    new = NewUser(name or "Service account", role=role or "member")
    return create_user(new, engine=db.engine).id


def _facts(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "user": token.user_id,
        "parent": token.parent_id,
        "email": token.owner.email,
        "name": token.name,
        "scopes": None if token.scopes is None else sorted(token.scopes),
        "created-at": token.created_at,
        "expires-at": token.expires_at,
        "last-used-at": token.last_used_at,
    }
