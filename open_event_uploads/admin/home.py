"""`/admin/`: the overview, the sign-in page and the sign-out button."""

from typing import Any

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from open_event_uploads.accounts.authenticate import identify
from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.sign_in import check_credentials
from open_event_uploads.admin import charts
from open_event_uploads.admin.device_cookie import read_device_cookie, set_device_cookie
from open_event_uploads.admin.explain import explain
from open_event_uploads.admin.formatting import format_day, format_size
from open_event_uploads.admin.guard import is_admin
from open_event_uploads.admin.language import set_language_cookie
from open_event_uploads.admin.media import short_type
from open_event_uploads.admin.page import FOLDER, Page
from open_event_uploads.admin.policies import OPEN, OPEN_FORM, READ, SIGN_IN, route
from open_event_uploads.admin.read_form import read_form
from open_event_uploads.admin.session import begin_session, end_session
from open_event_uploads.admin.summary import NEWEST, Amount, summarize
from open_event_uploads.admin.translate import gettext_noop, ngettext
from open_event_uploads.admin.urls import own_page_or, page_url
from open_event_uploads.context import db
from open_event_uploads.current import current_request
from open_event_uploads.errors import Forbidden, NotFound, UploadsError
from open_event_uploads.server.rate_limits import charge_sign_in

# Strangers may use these.
_OPEN = frozenset({"sign_in", "sign_out", "choose_language"})


class HomePage(Page):
    """Provide the overview, the sign-in page and the sign-out button."""

    def __init__(self) -> None:
        super().__init__(
            gettext_noop("Overview"),
            endpoint="admin",
            url="/admin",
            static_folder=str(FOLDER / "static"),
        )

    @route("/", GET=READ)
    def index(self) -> Response:
        """Show the overview in numbers and charts."""
        summary = summarize(db.engine)
        days = [(format_day(day), amount) for day, amount in summary.days]
        return self.show(
            "home.html",
            summary=summary,
            newest=NEWEST,
            charts=charts,
            uploads=charts.place_columns(
                [(day, each.uploads, _count(each.uploads)) for day, each in days]
            ),
            sizes=charts.place_columns(
                [(day, each.size, format_size(each.size)) for day, each in days]
            ),
            types=charts.place_bars(
                (short_type(type_), each.size, _describe(each), _list_url(type=type_))
                for type_, each in summary.types
            ),
            owners=charts.place_bars(
                (each.name, each.size, format_size(each.size), _list_url(owner=each.id))
                for each in summary.owners
            ),
        )

    @route("/sign-in", GET=OPEN, POST=SIGN_IN)
    def sign_in(self) -> AnyResponse:
        """Ask for email and password; redirect an admin to the page that was asked for."""
        if current_request().method != "POST" and is_admin():
            return redirect(page_url("admin.index"), 303)
        if current_request().method != "POST":
            return self.show("sign_in.html", email="", problem="")
        email = read_form().get("email", "")
        try:
            _sign_in(email, read_form().get("password", ""))
        except UploadsError as error:
            response = self.show("sign_in.html", error.status, email=email, problem=explain(error))
            response.headers.update(error.headers)
            return response
        wanted = own_page_or(current_request().args.get("next", ""), page_url("admin.index"))
        answer = redirect(wanted, 303)
        set_device_cookie(answer, fold_email(email))
        return answer

    @route("/sign-out", POST=OPEN_FORM)
    def sign_out(self) -> AnyResponse:
        """End the session."""
        end_session()
        return redirect(page_url("admin.sign_in"), 303)

    @route("/language", POST=OPEN_FORM)
    def choose_language(self) -> AnyResponse:
        """Show the pages in another language from now on, in this browser."""
        back = own_page_or(read_form().get("back", ""), page_url("admin.index"))
        answer = redirect(back, 303)
        set_language_cookie(answer, read_form().get("language", ""))
        return answer

    def _handle_view(self, name: str, **kwargs: Any) -> Any:  # noqa: ANN401 - the library's signature
        """Let strangers sign in, and let users who are no longer admins sign out."""
        return None if name in _OPEN else super()._handle_view(name, **kwargs)

    @route("/<path:rest>", GET=READ)
    def not_found(self, rest: str) -> Response:  # noqa: ARG002 - any path that no other route has
        """Answer that there is no such page.

        Raises:
            NotFound: always.
        """
        raise NotFound("There is no such page.")


def _list_url(**fields: str) -> str:
    return page_url("admin_uploads.index", **fields)


def _describe(amount: Amount) -> str:
    return f"{format_size(amount.size)}, {_count(amount.uploads)}"


def _count(uploads: int) -> str:
    return ngettext("%(num)s upload", "%(num)s uploads", uploads)


def _sign_in(email: str, password: str) -> None:
    """Begin a session.

    Raises:
        RateLimitExceeded, InvalidCredentials, PasswordsBusy: as of `check_credentials`.
        Forbidden: the user is no admin.
    """
    folded = fold_email(email)
    charge_sign_in(folded, read_device_cookie(folded))
    opened = check_credentials(email, password, engine=db.engine)
    identity = identify(opened, engine=db.engine)
    if identity is None or not identity.is_admin:
        raise Forbidden("Only admins may use these pages.")
    begin_session(opened)
