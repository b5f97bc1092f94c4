"""Declare the policy of each page beside its route."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from flask_admin import expose

from open_event_uploads.admin.read_form import expect_fields
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.routes import declare_policies
from open_event_uploads.uploads.intake import expect_raw

View = TypeVar("View", bound=Callable[..., object])


# `guard.py` identifies the sender by a cookie, and then applies the policy.
READ = Policy(Who.ADMINS, has_own_guard=True, documented=False)
WRITE = replace(READ, writes=True, body=expect_fields)
OTHER_FILE = replace(WRITE, counts=Counts.FILE, body=expect_raw)
OPEN = replace(READ, who=Who.ANYBODY)
SIGN_IN = replace(OPEN, counts=Counts.SIGN_IN, body=expect_fields)
# Signing out and choosing a language write nothing that reading alone would not allow.
OPEN_FORM = replace(OPEN, body=expect_fields)
# The style sheet and the script: their answers do not depend on the cookie.
STATIC = Policy(Who.ANYBODY, checked=False, has_own_guard=True, documented=False)


def route(path: str, **policies: Policy) -> Callable[[View], View]:
    """Add a route to a method of a view class.

    Args:
        path: below the URL of the view class.
        policies: by method; HEAD has the policy of GET.
    """

    def decorate(view: View) -> View:
        view.policies = policies  # type: ignore[attr-defined]  # functions have attributes
        exposed: View = expose(path, methods=[*policies])(view)
        return exposed

    return decorate


def declare_page_policies(blueprint: Blueprint, view: object, names: list[str]) -> None:
    """Declare the policies of a view class when its blueprint is registered.

    Args:
        blueprint: of the view class.
        view: has a method, made with `route`, for each name.
        names: of the routes.
    """
    policies = {name: getattr(view, name).policies for name in names}
    if blueprint.has_static_folder:
        policies["static"] = {"GET": STATIC}

    def declare(state: BlueprintSetupState) -> None:
        for name, of_route in policies.items():
            declare_policies(cast("Flask", state.app), f"{state.name}.{name}", of_route)

    blueprint.record(declare)
