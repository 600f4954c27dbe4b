"""Actions against the visitor's account, appealing, and deciding appeals.

Whoever can't log in any more comes by the link in the mail.
"""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids, permissions
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.moderation import warnings as queries
from twite_common.queries.moderation.warnings import AccountWarning
from twite_common.services.moderation import appeals
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import Visit, id_in, reading, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.moderation.account_actions import DONE
from twite_web.site.view_models import times
from twite_web.types import Request, Response

LISTED = 100
HAPPENED = {
    "none": marked("You were warned. Nothing else was done to your account."),
    "sensitive": marked("Your media are hidden behind a warning."),
    "silence": marked("Your posts are kept out of public timelines."),
    "disable": marked("You can no longer log in. Your posts stay as they are."),
    "suspend": marked("Your account and your posts are hidden."),
}
STATES = {
    "pending": marked("Your appeal is pending. You will get an e-mail with the decision."),
    "approved": marked("Your appeal was approved, and the action undone."),
    "rejected": marked("Your appeal was rejected."),
}
EXPIRED = marked("The time to appeal is over.")


class AppealForm(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody thinks that a decision about their account is wrong."""

    text: str = ""


class StrikeView(msgspec.Struct, frozen=True):
    """What was done about the visitor's account, and how their appeal stands; `form` says whether they may appeal."""

    happened: str
    day: str
    text: str
    appeal: str
    state: str
    form: bool


class AppealView(msgspec.Struct, frozen=True):
    """An appeal that waits; `below` says whether the visitor may decide about it."""

    id: int
    account_id: int
    username: str
    done: str
    day: str
    text: str
    appeal: str
    below: bool


def strike_page(request: Request, data: AppealForm, strike_id: str, *, error: TwiteError | None = None) -> Response:
    """Return what was done about the visitor's account, and the form to appeal."""
    id = id_in(strike_id)
    with reading(request) as visit:
        warning = queries.own(visit.db, [id], viewer_id=visit.account_id).get(id)
        if warning is None:
            raise NotFound(_("There is no such action against your account."))
        return _page(request, visit, data, warning, f"/strikes/{id}/appeal", error)


@get("/strikes/{strike_id:str}", sync_to_thread=True)
def show(request: Request, strike_id: FromPath[str]) -> Response:
    """Show what was done about the visitor's account."""
    return strike_page(request, AppealForm(), strike_id)


@get("/disputes/strikes/{strike_id:str}", sync_to_thread=False)
def lead(request: Request, strike_id: FromPath[str]) -> Response:
    """Lead from the address that applications of Mastodon's know to ours."""
    return redirects.see(request, f"/strikes/{id_in(strike_id)}")


@post("/strikes/{strike_id:str}/appeal", sync_to_thread=True)
@shown_again(strike_page)
def appeal(request: Request, data: JSONBody[AppealForm], strike_id: FromPath[str]) -> Response:
    """Appeal against what was done about the visitor's account."""
    id = id_in(strike_id)
    with writing(request) as visit:
        appeals.add(visit.db, now=visit.now, account_id=visit.account_id, warning_id=id, words=data.text)
    return redirects.see(request, f"/strikes/{id}", "appealed")


def linked_page(request: Request, data: AppealForm, token: str, *, error: TwiteError | None = None) -> Response:
    """Return the same to whoever has the link from the mail."""
    with reading(request) as visit:
        warning = appeals.warning_of_link(visit.db, visit.core.signer, now=visit.now, token=token)
        return _page(request, visit, data, warning, f"/appeal/{token}", error)


@get("/appeal/{token:str}", sync_to_thread=True)
def show_linked(request: Request, token: FromPath[str]) -> Response:
    """Show what was done about an account to whoever has the link from the mail."""
    return linked_page(request, AppealForm(), token)


@post("/appeal/{token:str}", sync_to_thread=True)
@shown_again(linked_page)
def appeal_by_link(request: Request, data: JSONBody[AppealForm], token: FromPath[str]) -> Response:
    """Appeal with the link from the mail."""
    with writing(request) as visit:
        warning = appeals.warning_of_link(visit.db, visit.core.signer, now=visit.now, token=token)
        appeals.add(visit.db, now=visit.now, account_id=warning.target_id, warning_id=warning.id, words=data.text)
    return redirects.see(request, f"/appeal/{token}", "appealed")


@get("/admin/appeals", sync_to_thread=True)
def waiting(request: Request) -> Response:
    """Show the appeals that wait to be decided."""
    with reading_as_staff(request, "manage_appeals") as visit:
        entries = queries.appealed(visit.db, limit=LISTED)
        return templating.page(
            request, "moderation/appeals.html", visit, appeals=[_view(entry, visit.member.role) for entry in entries]
        )


@post("/admin/appeals/{strike_id:str}/approve", sync_to_thread=True)
def approve(request: Request, strike_id: FromPath[str]) -> Response:
    """Grant an appeal, and take back what was done."""
    with writing(request) as visit:
        appeals.approve(visit.db, now=visit.now, viewer=visit.member, warning_id=id_in(strike_id))
    return redirects.see(request, "/admin/appeals", "appeal_approved")


@post("/admin/appeals/{strike_id:str}/reject", sync_to_thread=True)
def reject(request: Request, strike_id: FromPath[str]) -> Response:
    """Turn an appeal down."""
    with writing(request) as visit:
        appeals.reject(visit.db, now=visit.now, viewer=visit.member, warning_id=id_in(strike_id))
    return redirects.see(request, "/admin/appeals", "appeal_rejected")


def _page(
    request: Request,
    visit: Visit,
    data: AppealForm,
    warning: AccountWarning,
    action: str,
    error: TwiteError | None,
) -> Response:
    state = STATES.get(warning.appeal_state or "", EXPIRED)
    open_ = warning.may_be_appealed(visit.now)
    strike = StrikeView(
        happened=_(HAPPENED[warning.action]),
        day=times.day(ids.created_at(warning.id)),
        text=warning.text,
        appeal=warning.appeal or "",
        state="" if open_ else _(state),
        form=open_,
    )
    return form_errors.page(
        request, "moderation/account_warning.html", visit, values=data, error=error, strike=strike, action=action
    )


def _view(entry: queries.Appealed, role: str) -> AppealView:
    return AppealView(
        id=entry.warning.id,
        account_id=entry.warning.target_id,
        username=entry.username,
        done=_(DONE[entry.warning.action]),
        day=times.day(ids.created_at(entry.warning.id)),
        text=entry.warning.text,
        appeal=entry.warning.appeal or "",
        below=permissions.is_above(role, entry.role),
    )


router = Router("/", route_handlers=[show, lead, appeal, show_linked, appeal_by_link, waiting, approve, reject])
