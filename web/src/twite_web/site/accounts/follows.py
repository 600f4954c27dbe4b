"""Following accounts, and answering follow requests."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts, relationships
from twite_common.queries.accounts.relationships import Relationship
from twite_common.services.accounts import follows
from twite_common.services.accounts.follows import Options
from twite_common.translations import gettext as _
from twite_web.routing import Router
from twite_web.site import form_errors, paging, parts, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


class OptionsForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a follower wants to see: boosts too, and a notification of each post."""

    boosts: bool = False
    notify: bool = False


class FollowForm(BackForm, frozen=True, kw_only=True):
    """The button to follow; `post_id` is the post that it stands beside, if any."""

    post_id: str = ""


@post("/accounts/{account_id:str}/follow", sync_to_thread=True)
def follow(request: Request, data: JSONBody[FollowForm], account_id: FromPath[str]) -> Response:
    """Follow an account, or ask to."""
    id = id_in(account_id)
    with writing(request) as visit:
        follows.follow_account(
            visit.db,
            now=visit.now,
            follower_id=visit.account_id,
            followee_id=id,
            from_post_id=ids.parse(data.post_id),
        )
        [relationship] = relationships.load(visit.db, [id], viewer_id=visit.account_id, now=visit.now)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "follow_asked" if relationship.requested else "followed")


@post("/accounts/{account_id:str}/unfollow", sync_to_thread=True)
def unfollow(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Stop following an account, and asking to."""
    id = id_in(account_id)
    with writing(request) as visit:
        follows.unfollow_account(visit.db, follower_id=visit.account_id, followee_id=id)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "unfollowed")


@post("/accounts/{account_id:str}/remove-follower", sync_to_thread=True)
def remove_follower(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Have an account follow one no longer; it isn't told."""
    id = id_in(account_id)
    with writing(request) as visit:
        follows.unfollow_account(visit.db, follower_id=id, followee_id=visit.account_id)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "follower_removed")


@get("/accounts/{account_id:str}", sync_to_thread=True)
def show_one(request: Request, account_id: FromPath[str], back: FromQuery[str] = "") -> Response:
    """Show the head of an account's page, its buttons leading `back`; to who wants a whole page, lead to its own."""
    id = id_in(account_id)
    with reading(request, page=False) as visit:
        account = accounts.get(visit.db, id)
        if account is None or account.suspended_at is not None:
            raise NotFound(_("There is no such account."))
        view = account_view_models.profile(visit, account)
        if not parts.wanted(request):
            return redirects.see(request, view.path)
        return templating.page(
            request,
            "accounts/one.html",
            visit,
            account=view,
            relationship=account_view_models.relationship(visit, id),
            tab="",
            path=redirects.local(back, view.path),
        )


@get("/accounts/{account_id:str}/following", sync_to_thread=True)
def show_options(request: Request, account_id: FromPath[str]) -> Response:
    """Show how the visitor follows an account: with boosts, with a notification of each post."""
    id = id_in(account_id)
    with reading(request) as visit:
        relationship = _following(visit, id)
        values = OptionsForm(boosts=relationship.boosts, notify=relationship.notify)
        [account] = account_view_models.accounts(visit, [id])
        return form_errors.page(request, "accounts/following.html", visit, values=values, account=account)


@post("/accounts/{account_id:str}/following", sync_to_thread=True)
def change_options(request: Request, data: JSONBody[OptionsForm], account_id: FromPath[str]) -> Response:
    """Change how the visitor follows an account."""
    id = id_in(account_id)
    options = Options(boosts=data.boosts, notify=data.notify)
    with writing(request) as visit:
        _following(visit, id)
        follows.follow_account(visit.db, now=visit.now, follower_id=visit.account_id, followee_id=id, options=options)
        back = profile(visit, id)
    return redirects.see(request, back, "saved")


@get("/follow-requests", sync_to_thread=True)
def requests(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show who asks to follow the visitor."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        entries = accounts.follow_requests(visit.db, visit.account_id, part)
        views = account_view_models.accounts(visit, [entry.account_id for entry in entries])
        beside = paging.beside("/follow-requests", part, [entry.cursor for entry in entries])
        return templating.page(request, "accounts/follow_requests.html", visit, accounts=views, beside=beside)


@post("/follow-requests/{account_id:str}/accept", sync_to_thread=True)
def accept(request: Request, account_id: FromPath[str]) -> Response:
    """Let somebody follow who asked to."""
    with writing(request) as visit:
        follows.accept_request(visit.db, now=visit.now, follower_id=id_in(account_id), followee_id=visit.account_id)
    return redirects.see(request, "/follow-requests", "accepted")


@post("/follow-requests/{account_id:str}/reject", sync_to_thread=True)
def reject(request: Request, account_id: FromPath[str]) -> Response:
    """Refuse somebody who asked to follow."""
    with writing(request) as visit:
        follows.reject_request(visit.db, follower_id=id_in(account_id), followee_id=visit.account_id)
    return redirects.see(request, "/follow-requests", "rejected")


def profile(visit: Visit, account_id: int) -> str:
    """Return the path of an account's page, as the place to go back to.

    Raises NotFound when there is no such account.
    """
    account = accounts.get(visit.db, account_id)
    if account is None:
        raise NotFound(_("There is no such account."))
    return f"/@{account.username}"


def relationship_to(visit: Visit, account_id: int) -> Relationship:
    """Return how the visitor stands to an account.

    Raises NotFound when there is no such account.
    """
    found = relationships.load(visit.db, [account_id], viewer_id=visit.account_id, now=visit.now)
    if not found:
        raise NotFound(_("There is no such account."))
    return found[0]


def _following(visit: Visit, account_id: int) -> Relationship:
    """Return how the visitor stands to an account that they follow, or ask to."""
    relationship = relationship_to(visit, account_id)
    if not relationship.following and not relationship.requested:
        raise NotFound(_("You don't follow this account."))
    return relationship


router = Router(
    "/",
    route_handlers=[
        follow,
        unfollow,
        remove_follower,
        show_one,
        show_options,
        change_options,
        requests,
        accept,
        reject,
    ],
)
