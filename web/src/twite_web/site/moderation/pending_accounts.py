"""The accounts that wait to be let in."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.queries.accounts import credentials
from twite_common.queries.accounts.credentials import Credentials
from twite_common.services.moderation import account_actions
from twite_web.routing import Router
from twite_web.site import redirects, templating
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.view_models import times
from twite_web.types import Request, Response


class ChosenForm(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts that were chosen in the list."""

    ids: list[str] = []


class PendingView(msgspec.Struct, frozen=True):
    """Somebody who waits, and for how long."""

    id: int
    username: str
    email: str
    reason: str
    confirmed: bool
    age: str


@get("/admin/waiting", sync_to_thread=True)
def waiting(request: Request) -> Response:
    """Show the accounts that wait to be let in."""
    with reading_as_staff(request, "manage_users") as visit:
        return templating.page(
            request,
            "moderation/pending_accounts.html",
            visit,
            accounts=[_view(visit, account) for account in credentials.waiting(visit.db)],
        )


@post("/admin/waiting/{account_id:str}/approve", sync_to_thread=True)
def approve(request: Request, account_id: FromPath[str]) -> Response:
    """Let an account in."""
    with writing(request) as visit:
        account_actions.approve(visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id))
    return redirects.see(request, "/admin/waiting", "approved")


@post("/admin/waiting/{account_id:str}/reject", sync_to_thread=True)
def reject(request: Request, account_id: FromPath[str]) -> Response:
    """Remove an account that waits to be let in."""
    with writing(request) as visit:
        account_actions.reject(visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id))
    return redirects.see(request, "/admin/waiting", "account_rejected")


@post("/admin/waiting/approve", sync_to_thread=True)
def approve_chosen(request: Request, data: JSONBody[ChosenForm]) -> Response:
    """Let the chosen accounts in."""
    return _decide(request, data, approved=True)


@post("/admin/waiting/reject", sync_to_thread=True)
def reject_chosen(request: Request, data: JSONBody[ChosenForm]) -> Response:
    """Remove the chosen accounts."""
    return _decide(request, data, approved=False)


def _decide(request: Request, data: ChosenForm, *, approved: bool) -> Response:
    account_ids = {id for id in map(ids.parse, data.ids) if id is not None}
    with writing(request) as visit:
        number = account_actions.decide_waiting(
            visit.db, now=visit.now, viewer=visit.member, account_ids=account_ids, approved=approved
        )
    notice = "chosen_approved" if approved else "chosen_rejected"
    return redirects.see(request, "/admin/waiting", notice if number else "none_chosen")


def _view(visit: Visit, account: Credentials) -> PendingView:
    return PendingView(
        id=account.account_id,
        username=account.username,
        email=account.email,
        reason=account.reason,
        confirmed=account.confirmed_at is not None,
        age=times.ago(ids.created_at(account.account_id), visit.now),
    )


router = Router("/", route_handlers=[waiting, approve, reject, approve_chosen, reject_chosen])
