"""Run `users`: list, create, disable and delete users."""

import secrets
import sys
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from open_event_uploads.accounts.conditions import Conditions
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.delete_user import delete_user
from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.accounts.last_admin import has_admin
from open_event_uploads.accounts.update_user import update_user
from open_event_uploads.accounts.user import ROLES, Role, User
from open_event_uploads.cli.output import print_report
from open_event_uploads.context import db
from open_event_uploads.errors import InvalidAccount
from open_event_uploads.uploads.reassign import reassign_uploads

_GENERATED_BYTES = 18

_CONDITIONS = Conditions(keeps_admin=False)


@click.group("users")
def users_command() -> None:
    """Manage users."""


@users_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_appcontext
def list_command(*, as_json: bool) -> None:
    """Print every user."""
    ordered = select(User).order_by(User.created_at, User.id)
    for user in db.session.scalars(ordered.execution_options(yield_per=500)):
        state = "" if user.active else ", disabled"
        text = f"{user.id}  {user.email or '-'}  {user.name} ({user.role}{state})"
        print_report(_facts(user), text, as_json=as_json)


@users_command.command("create")
@click.argument("email")
@click.option("--name", help="Shown to others; the part of the email before the @ by default.")
@click.option("--role", type=click.Choice(ROLES), default="member", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate-password", is_flag=True, help="Generate a password and print it alone.")
@with_appcontext
def create_command(
    email: str, name: str | None, role: Role, *, password_stdin: bool, generate_password: bool
) -> None:
    """Create a user; prompt for the password without an option for it."""
    if password_stdin and generate_password:
        raise click.UsageError("--password-stdin and --generate-password exclude each other.")
    if generate_password:
        password = secrets.token_urlsafe(_GENERATED_BYTES)
    else:
        password = _read_line() if password_stdin else _prompt()
    new = NewUser(name or email.partition("@")[0], email, role, password=password)
    user = create_user(new, engine=db.engine)
    click.echo(f"{user.email} ({user.role}) has the id {user.id}", err=True)
    if generate_password:
        click.echo(password)


@users_command.command("disable")
@click.argument("who")
@with_appcontext
def disable_command(who: str) -> None:
    """Disable the user with this email or id; sessions end, tokens are not valid."""
    user = find_user(who, engine=db.engine)
    update_user(user.id, {"active": False}, conditions=_CONDITIONS, engine=db.engine)
    _warn_without_admin()


@users_command.command("delete")
@click.argument("who")
@click.option("--reassign", metavar="WHO", help="User who gets the uploads.")
@click.confirmation_option(prompt="The user and their tokens are deleted for good. Continue?")
@with_appcontext
def delete_command(who: str, reassign: str | None) -> None:
    """Delete the user with this email or id."""
    user_id = find_user(who, engine=db.engine).id
    to = find_user(reassign, engine=db.engine).id if reassign else None
    delete_user(
        user_id,
        reassign_to=to,
        reassign=reassign_uploads,
        conditions=_CONDITIONS,
        engine=db.engine,
    )
    _warn_without_admin()


def _warn_without_admin() -> None:
    if not has_admin(db.engine):
        click.echo(
            "warning: no active admin is left; `users create EMAIL --role admin` creates one",
            err=True,
        )


def _prompt() -> str:
    if not sys.stdin.isatty():
        raise InvalidAccount(
            "no terminal for a prompt; use --password-stdin or --generate-password"
        )
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _facts(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "active": user.active,
        "created-at": user.created_at,
    }
