"""Serve `/admin/`: the overview, signing in and signing out."""

from typing import Any

from flask import Response, redirect, request
from flask_admin import expose
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.accounts.authenticate import identify
from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.sign_in import check_credentials
from open_event_uploads.admin import charts
from open_event_uploads.admin.addresses import page_or, page_url
from open_event_uploads.admin.form import sent_form
from open_event_uploads.admin.guard import is_admin
from open_event_uploads.admin.humanize import counted, file_size
from open_event_uploads.admin.page import FOLDER, Page
from open_event_uploads.admin.pictures import kind
from open_event_uploads.admin.session import begin_session, end_session
from open_event_uploads.admin.summary import NEWEST, Amount, summarize
from open_event_uploads.context import db
from open_event_uploads.errors import Forbidden, NotFound, UploadsError
from open_event_uploads.server.rate_limits import charge_sign_in


class HomePage(Page):
    """Serve the overview, and sign in and out."""

    def __init__(self) -> None:
        super().__init__(
            "Overview", endpoint="admin", url="/admin", static_folder=str(FOLDER / "static")
        )

    @expose("/")
    def index(self) -> Response:
        """Show numbers and charts."""
        found = summarize(session=db.session())
        named = [(str(day), amount) for day, amount in found.days]
        return self.show(
            "home.html",
            found=found,
            newest=NEWEST,
            charts=charts,
            uploads=charts.columns(
                [(day, each.uploads, counted(each.uploads, "upload")) for day, each in named]
            ),
            sizes=charts.columns([(day, each.size, file_size(each.size)) for day, each in named]),
            types=charts.bars(
                (kind(type_), each.size, _both(each), _listed(type=type_))
                for type_, each in found.types
            ),
            owners=charts.bars(
                (each.name, each.size, file_size(each.size), _listed(owner=each.id))
                for each in found.owners
            ),
        )

    @expose("/sign-in", methods=("GET", "POST"))
    def sign_in(self) -> AnyResponse:
        """Show the form for email and password; sign an admin in, and open the wanted page."""
        wanted = request.args.get("next", "")
        if request.method != "POST" and is_admin():
            return redirect(page_url("admin.index"), 303)
        if request.method != "POST":
            return self.show("sign_in.html", email="", problem="")
        email = sent_form().get("email", "")
        try:
            _sign_in(email, sent_form().get("password", ""))
        except UploadsError as error:
            response = self.show("sign_in.html", error.status, email=email, problem=error.detail)
            response.headers.update(error.headers)
            return response
        return redirect(page_or(wanted, page_url("admin.index")), 303)

    @expose("/sign-out", methods=("POST",))
    def sign_out(self) -> AnyResponse:
        """Sign out."""
        end_session()
        return redirect(page_url("admin.sign_in"), 303)

    def _handle_view(self, name: str, **kwargs: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Let everybody sign in, and everybody sign out, even who is no admin any more."""
        return None if name in {"sign_in", "sign_out"} else super()._handle_view(name, **kwargs)

    @expose("/<path:rest>")
    def nothing(self, rest: str) -> Response:  # noqa: ARG002 - whatever it is
        """Answer any other address.

        Raises:
            NotFound: always.
        """
        raise NotFound("There is no such page.")


def _listed(**fields: str) -> str:
    return page_url("admin_uploads.index", **fields)


def _both(amount: Amount) -> str:
    return f"{file_size(amount.size)}, {counted(amount.uploads, 'upload')}"


def _sign_in(email: str, password: str) -> None:
    """Check credentials, and begin a session.

    Raises:
        RateLimitExceeded, InvalidCredentials, PasswordsBusy: as of `check_credentials`.
        Forbidden: the user is not an admin.
    """
    charge_sign_in(fold_email(email))
    proved = check_credentials(email, password, engine=db.engine)
    identity = identify(proved, engine=db.engine)
    if identity is None or not identity.is_admin:
        raise Forbidden("Only admins may use these pages.")
    begin_session(proved)
