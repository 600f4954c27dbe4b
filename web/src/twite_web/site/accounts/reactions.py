"""Who favourited, boosted and quoted a post: /@name/<id>/favourites, /boosts and /quotes."""

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines import timelines
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import paging, templating
from twite_web.site.access import Visit, id_in, reading
from twite_web.site.accounts import profiles
from twite_web.site.options import translated
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

POLICIES = {
    "public": marked("Everyone"),
    "followers": marked("Only my followers"),
    "nobody": marked("Only me"),
}


class ReactionsView(msgspec.Struct, frozen=True):
    """A post as the pages of its favourites, boosts and quotes name it; `path` is its own page."""

    path: str
    author: str
    favourites_count: int
    boosts_count: int
    quotes_count: int


@get("/{handle:str}/{post_id:str}/favourites", sync_to_thread=True)
def favourites(
    request: Request,
    handle: FromPath[str],
    post_id: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show who favourited a post."""
    return _people(request, handle, post_id, (max_id, min_id), "favourites")


@get("/{handle:str}/{post_id:str}/boosts", sync_to_thread=True)
def boosts(
    request: Request,
    handle: FromPath[str],
    post_id: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show who boosted a post."""
    return _people(request, handle, post_id, (max_id, min_id), "boosts")


@get("/{handle:str}/{post_id:str}/quotes", sync_to_thread=True)
def quotes(
    request: Request,
    handle: FromPath[str],
    post_id: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show the posts that quote a post."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        visit.require_login()
        quoted, view = _seen(request, visit, handle, post_id)
        entries = timelines.quotes(visit.db, quoted.id, part, viewer_id=visit.viewer_id, now=visit.now)
        return templating.page(
            request,
            "accounts/quotes.html",
            visit,
            reactions=view,
            tab="quotes",
            quoted_id=quoted.id,
            own=quoted.account_id == visit.viewer_id,
            policy=quoted.quote_policy if quoted.for_everybody else "",
            policies=translated(POLICIES),
            posts=post_view_models.posts_of(visit, entries),
            beside=paging.beside(f"{view.path}/quotes", part, [entry.cursor for entry in entries]),
        )


def _seen(request: Request, visit: Visit, handle: str, post_id: str) -> tuple[Post, ReactionsView]:
    """Return the post whose page is asked for, and how its reactions' pages name it.

    Raises NotFound where there is none that the visitor may see.
    """
    account = profiles.found(request, visit, handle)
    post = posts.get(visit.db, id_in(post_id), viewer_id=visit.viewer_id)
    if post is None or post.account_id != account.id or post.boost_of_id is not None:
        raise NotFound(_("This post doesn't exist, or you may not see it."))
    view = ReactionsView(
        path=f"/@{account.username}/{post.id}",
        author=account.display_name or account.username,
        favourites_count=post.favourites_count,
        boosts_count=post.boosts_count,
        quotes_count=post.quotes_count,
    )
    return post, view


def _people(request: Request, handle: str, post_id: str, bounds: tuple[str, str], tab: str) -> Response:
    part = paging.page(*bounds)
    ask = accounts.favourited_by if tab == "favourites" else accounts.boosted_by
    with reading(request) as visit:
        post, view = _seen(request, visit, handle, post_id)
        listed = ask(visit.db, post.id, part, viewer_id=visit.viewer_id)
        return templating.page(
            request,
            "accounts/reactions.html",
            visit,
            reactions=view,
            tab=tab,
            accounts=account_view_models.accounts(visit, [entry.account_id for entry in listed]),
            beside=paging.beside(f"{view.path}/{tab}", part, [entry.cursor for entry in listed]),
        )


router = Router("/", route_handlers=[favourites, boosts, quotes])
