"""The accounts of the site, to be searched by staff."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids, permissions
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import accounts as account_queries
from twite_common.queries.moderation.accounts import AdminAccount, Wanted
from twite_common.queries.paging import Page
from twite_common.services.moderation import account_actions
from twite_common.services.moderation.account_actions import Decision
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import redirects, templating
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.options import translated
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.types import Request, Response

ACCOUNTS = 50
"""Accounts on a page."""
ROLES = {
    "": marked("Everybody"),
    "staff": marked("Staff"),
    "admin": marked("Administrators"),
    "moderator": marked("Moderators"),
}
ROLES_MEANT = {"staff": ("admin", "moderator"), "admin": ("admin",), "moderator": ("moderator",)}
STATES = {
    "": marked("Whatever it is"),
    "active": marked("Active"),
    "pending": marked("Pending approval"),
    "disabled": marked("Can't log in"),
    "silenced": marked("Kept out of public timelines"),
    "sensitized": marked("Media hidden"),
    "suspended": marked("Suspended"),
}
MARKS = {"admin": marked("administrator"), "moderator": marked("moderator")}


class Criteria(msgspec.Struct, frozen=True):
    """What is looked for: a name or an address of mail by its beginning, a role, a state, a network."""

    q: str
    role: str
    status: str
    network: str

    @property
    def only_text(self) -> bool:
        """Whether nothing else narrows the list, which is then in the order of names."""
        return not (self.role or self.status or self.network)


class Row(msgspec.Struct, frozen=True):
    """An account as the list shows it; `seen` is when they were last here, empty for never."""

    account: AccountView
    email: str
    marks: list[str]
    since: str
    seen: str
    suspended: bool
    can_suspend: bool


@get("/admin/accounts", sync_to_thread=True)
def accounts(
    request: Request,
    q: FromQuery[str] = "",
    role: FromQuery[str] = "",
    status: FromQuery[str] = "",
    network: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response:
    """Show the accounts that fit; `after` is where the page before ended."""
    criteria = Criteria(q, role if role in ROLES else "", status if status in STATES else "", network.strip())
    asked = {name: value for name, value in msgspec.structs.asdict(criteria).items() if value}
    with reading_as_staff(request, "manage_users") as visit:
        found = _by_name(visit, criteria, after) if criteria.only_text else _newest(visit, criteria, after)
        last = found[-1] if len(found) == ACCOUNTS else None
        end = (last.username if criteria.only_text else str(last.id)) if last else ""
        views = account_view_models.accounts(visit, [account.id for account in found])
        return templating.page(
            request,
            "moderation/accounts.html",
            visit,
            accounts=[_row(visit, account, view) for account, view in zip(found, views, strict=True)],
            criteria=criteria,
            roles=translated(ROLES),
            states=translated(STATES),
            following=f"/admin/accounts?{urlencode(asked | {'after': end})}" if end else "",
            back=f"/admin/accounts?{urlencode(asked | ({'after': after} if after else {}))}",
        )


@post("/admin/accounts/{account_id:str}/suspend", sync_to_thread=True)
def suspend(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Hide an account and its posts from everybody."""
    with writing(request) as visit:
        account_actions.act(
            visit.db,
            now=visit.now,
            viewer=visit.member,
            account_id=id_in(account_id),
            decision=Decision(action="suspend", told=False),
        )
    return redirects.see(request, redirects.local(data.back, "/admin/accounts"), "suspended")


@post("/admin/accounts/{account_id:str}/unsuspend", sync_to_thread=True)
def unsuspend(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Show a suspended account again."""
    with writing(request) as visit:
        account_actions.take_back(
            visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id), action="suspend"
        )
    return redirects.see(request, redirects.local(data.back, "/admin/accounts"), "unsuspended")


def _by_name(visit: Visit, criteria: Criteria, after: str) -> list[AdminAccount]:
    """Return accounts in the order of their names."""
    account_ids = [row.account_id for row in credentials.search(visit.db, criteria.q, after=after, limit=ACCOUNTS)]
    found: Mapping[int, AdminAccount] = account_queries.load(visit.db, account_ids)
    return [found[id] for id in account_ids]


def _newest(visit: Visit, criteria: Criteria, after: str) -> list[AdminAccount]:
    """Return accounts that fit, the newest first."""
    page = Page(limit=ACCOUNTS, max_id=ids.parse(after) or ids.MAXIMUM)
    wanted = Wanted(
        status=criteria.status or None,
        roles=ROLES_MEANT.get(criteria.role),
        text=criteria.q or None,
        ip=criteria.network or None,
    )
    return account_queries.several(visit.db, page, wanted)


def _row(visit: Visit, account: AdminAccount, view: AccountView) -> Row:
    marks = {
        MARKS.get(account.role, ""): bool(account.role),
        marked("suspended"): account.suspended,
        marked("can't log in"): account.disabled,
        marked("kept out of public timelines"): account.silenced,
        marked("media hidden"): account.sensitized,
        marked("not confirmed"): not account.confirmed,
        marked("pending approval"): not account.approved,
        marked("refuses mail"): account.mail_failed,
    }
    return Row(
        account=view,
        email=account.email,
        marks=[_(mark) for mark, applies in marks.items() if applies],
        since=times.ago(ids.created_at(account.id), visit.now),
        seen=times.ago(account.seen_at, visit.now) if account.seen_at is not None else "",
        suspended=account.suspended,
        can_suspend=permissions.is_above(visit.member.role, account.role),
    )


router = Router("/", route_handlers=[accounts, suspend, unsuspend])
