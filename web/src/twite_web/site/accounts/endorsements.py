"""Accounts and hashtags that people feature on their profiles: /@name/featured."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts
from twite_common.queries.timelines import tags
from twite_common.queries.timelines.tags import Featured
from twite_common.services.accounts import endorsements
from twite_common.translations import gettext as _
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.routing import Router
from twite_web.site import feeds, paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.accounts import profiles
from twite_web.site.accounts.follows import profile
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


class FeaturedTagView(msgspec.Struct, frozen=True):
    """A hashtag on a profile; `path` is its page, `posts_count` how often its owner used it lately."""

    name: str
    path: str
    posts_count: int


@get("/{handle:str}/featured", sync_to_thread=True)
def show(request: Request, handle: FromPath[str], max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the hashtags and the accounts that an account features."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        account = profiles.found(request, visit, handle)
        own = account.id == visit.viewer_id
        if not account.show_featured and not own:
            raise NotFound(_(NO_SUCH_ADDRESS))
        listed = accounts.endorsements(visit.db, account.id, part)
        return templating.page(
            request,
            "accounts/featured.html",
            visit,
            account=account_view_models.profile(visit, account),
            relationship=account_view_models.relationship(visit, account.id),
            accounts=account_view_models.accounts(visit, [entry.account_id for entry in listed]),
            tags=[_tag(tag) for tag in tags.featured(visit.db, account.id)],
            beside=paging.beside(f"/@{account.username}/featured", part, [entry.cursor for entry in listed]),
            own=own,
            tab="featured",
            excerpt="",
            feeds=feeds.links(f"/@{account.username}"),
        )


@post("/accounts/{account_id:str}/endorse", sync_to_thread=True)
def endorse(request: Request, account_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Show an account that the visitor follows on their profile."""
    id = id_in(account_id)
    with writing(request) as visit:
        back = redirects.local(data.back, profile(visit, id))
        endorsements.endorse(visit.db, now=visit.now, account_id=visit.account_id, endorsed_id=id)
    return redirects.see(request, back, "endorsed")


@post("/accounts/{account_id:str}/unendorse", sync_to_thread=True)
def unendorse(request: Request, account_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Show an account on the visitor's profile no longer."""
    id = id_in(account_id)
    with writing(request) as visit:
        back = redirects.local(data.back, profile(visit, id))
        endorsements.unendorse(visit.db, account_id=visit.account_id, endorsed_id=id)
    return redirects.see(request, back, "unendorsed")


def _tag(tag: Featured) -> FeaturedTagView:
    return FeaturedTagView(tag.name, f"/tags/{tag.name_key}", tag.posts_count)


router = Router("/", route_handlers=[show, endorse, unendorse])
