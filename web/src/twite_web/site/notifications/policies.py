"""Whose notifications the visitor lets through: their policy, and the requests of those who wait."""

from typing import Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.notifications import policies as queries
from twite_common.services.notifications import policies
from twite_common.services.notifications.policies import PolicyChanges
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.types import Request, Response

EXCERPT_CHARACTERS = 160
Choice = Literal["accept", "filter", "drop"]
CHOICES = {"accept": marked("Show them"), "filter": marked("Hold them as a request"), "drop": marked("Ignore them")}
SENDERS = {
    "for_not_following": marked("People you don't follow"),
    "for_not_followers": marked("People who don't follow you"),
    "for_new_accounts": marked("Accounts created within the last 30 days"),
    "for_private_mentions": marked("Messages from people you don't follow, unless they answer yours"),
    "for_limited_accounts": marked("Accounts limited by the site's staff"),
    "for_bots": marked("Bots"),
}


class PolicyForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of notifications from some kinds of senders."""

    for_not_following: Choice = "accept"
    for_not_followers: Choice = "accept"
    for_new_accounts: Choice = "accept"
    for_private_mentions: Choice = "filter"
    for_limited_accounts: Choice = "filter"
    for_bots: Choice = "accept"


class RequestView(msgspec.Struct, frozen=True, gc=False):
    """A sender who waits, with the beginning of the last post that they were to be told with."""

    id: int
    account: AccountView
    count: int
    excerpt: str
    path: str
    updated_at: str
    age: str


@get("/notifications/requests", sync_to_thread=True)
def show_requests(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show whose notifications wait to be accepted."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        rows = queries.requests(visit.db, visit.account_id, part)
        views = _requests(visit, rows)
    beside = paging.beside("/notifications/requests", part, [row.id for row in rows])
    return templating.page(request, "notifications/requests.html", visit, requests=views, beside=beside)


@post("/notifications/requests/{request_id:str}/accept", sync_to_thread=True)
def accept(request: Request, request_id: FromPath[str]) -> Response:
    """Let somebody's notifications through from now on, and those that waited."""
    with writing(request) as visit:
        policies.accept(visit.db, now=visit.now, account_id=visit.account_id, request_ids=[id_in(request_id)])
    return redirects.see(request, "/notifications/requests", "request_accepted")


@post("/notifications/requests/{request_id:str}/dismiss", sync_to_thread=True)
def dismiss(request: Request, request_id: FromPath[str]) -> Response:
    """Hide a request; what was kept aside stays there."""
    with writing(request) as visit:
        policies.dismiss(visit.db, account_id=visit.account_id, request_ids=[id_in(request_id)])
    return redirects.see(request, "/notifications/requests")


def policy_page(request: Request, data: PolicyForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for the visitor's policy."""
    with reading(request) as visit:
        visit.require_login()
        return form_errors.page(
            request,
            "notifications/policy.html",
            visit,
            values=data,
            error=error,
            senders=translated(SENDERS),
            choices=translated(CHOICES),
        )


@get("/notifications/policy", sync_to_thread=True)
def show_policy(request: Request) -> Response:
    """Show whose notifications the visitor lets through."""
    with reading(request, page=False) as visit:
        policy = queries.policy_of(visit.db, visit.account_id)
    return policy_page(request, msgspec.convert(msgspec.structs.asdict(policy), PolicyForm))


@post("/notifications/policy", sync_to_thread=True)
@shown_again(policy_page)
def change(request: Request, data: JSONBody[PolicyForm]) -> Response:
    """Change whose notifications the visitor lets through."""
    with writing(request) as visit:
        changes = PolicyChanges(**msgspec.structs.asdict(data))
        policies.change(visit.db, account_id=visit.account_id, changes=changes)
    return redirects.see(request, "/notifications/policy", "saved")


def _requests(visit: Visit, rows: list[queries.NotificationRequest]) -> list[RequestView]:
    account_ids = list(dict.fromkeys(row.from_account_id for row in rows))
    accounts = {account.id: account for account in account_view_models.accounts(visit, account_ids)}
    post_ids = [row.last_post_id for row in rows if row.last_post_id is not None]
    posts = {post.id: post for post in post_view_models.posts(visit, post_ids)}
    return [
        RequestView(
            id=row.id,
            account=accounts[row.from_account_id],
            count=row.notifications_count,
            excerpt=post_view_models.excerpt(posts[row.last_post_id], EXCERPT_CHARACTERS)
            if row.last_post_id in posts
            else "",
            path=posts[row.last_post_id].path if row.last_post_id in posts else "",
            updated_at=times.iso(row.updated_at),
            age=times.ago(row.updated_at, visit.now),
        )
        for row in rows
        if row.from_account_id in accounts
    ]


router = Router("/", route_handlers=[show_requests, accept, dismiss, show_policy, change])
