"""Profile pages: /@name and below."""

from urllib.parse import quote

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from twite_common import ids, secret
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.paging import Page
from twite_common.queries.posts import contexts, posts, writers
from twite_common.queries.posts.posts import Related
from twite_common.queries.timelines import timelines
from twite_common.translations import gettext as _
from twite_web.errors import NO_SUCH_ADDRESS, Failure, Moved
from twite_web.middleware.security import embedded as embedded_headers
from twite_web.routing import Router
from twite_web.site import feeds, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, reading_replica
from twite_web.site.posts import share_cards
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import descriptions, media_tiles, threads, versions
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

TITLE_CHARACTERS = 60
CONTEXT = {"above": 100, "below": 200, "depth": 100}
ELSEWHERE = (
    "/users/{name:str}",
    *(f"/users/{{name:str}}/{tab}" for tab in ("followers", "following", "with_replies")),
    "/users/{name:str}/statuses/{post_id:str}",
)

PINNED = Page(limit=5)


@get("/{handle:str}", sync_to_thread=True)
def profile(
    request: Request,
    handle: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show an account and what it posted and boosted, without its answers to others."""
    return _posts(request, handle, paging.page(max_id, min_id), replies=False)


@get("/{handle:str}/with_replies", sync_to_thread=True)
def with_replies(
    request: Request,
    handle: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show an account and everything that it posted and boosted."""
    return _posts(request, handle, paging.page(max_id, min_id), replies=True)


@get("/{handle:str}/media", sync_to_thread=True)
def media(
    request: Request,
    handle: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show what an account attached to its posts."""
    part = paging.page(max_id, min_id)
    with reading_replica(request) as visit:
        account = found(request, visit, handle)
        entries = timelines.of_account(
            visit.db, account.id, part, viewer_id=visit.viewer_id, exclude_boosts=True, only_media=True
        )
        return templating.page(
            request,
            "accounts/media.html",
            visit,
            account=account_view_models.profile(visit, account),
            relationship=account_view_models.relationship(visit, account.id),
            tiles=media_tiles.tiles(visit, entries),
            beside=paging.beside(f"/@{account.username}/media", part, [entry.cursor for entry in entries]),
            tab="media",
        )


@get("/{handle:str}/followers", sync_to_thread=True)
def followers(
    request: Request,
    handle: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show who follows an account."""
    return _people(request, handle, paging.page(max_id, min_id), "followers")


@get("/{handle:str}/following", sync_to_thread=True)
def following(
    request: Request,
    handle: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show whom an account follows."""
    return _people(request, handle, paging.page(max_id, min_id), "following")


def feed(request: Request, handle: FromPath[str]) -> Response:
    """Return what an account has posted for everybody as a feed."""
    with reading_replica(request, page=False) as visit:
        account = found(request, visit, handle)
        entries = timelines.of_account(
            visit.db, account.id, Page(), viewer_id=None, exclude_boosts=True, exclude_replies=True
        )
        title = account.display_name or f"@{account.username}"
        return feeds.feed(request, visit, title=title, path=f"/@{account.username}", entries=entries)


@get("/{handle:str}/{post_id:str}", sync_to_thread=True)
def thread(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Show a post, what it answers, and what answers it."""
    with reading_replica(request) as visit:
        account = found(request, visit, handle)
        id = id_in(post_id)
        context = contexts.context(visit.db, id, viewer_id=visit.viewer_id, now=visit.now, **CONTEXT)
        focus = [context.post] if context.post else []
        entries = [*context.above, *focus, *context.below]
        views = {post.id: post for post in post_view_models.posts_of(visit, entries, context="thread", focus_id=id)}
        if id not in views or views[id].author.id != account.id:
            raise NotFound(_("This post doesn't exist, or you may not see it."))
        relationship = account_view_models.relationship(visit, account.id)
        if visit.viewer_id == account.id:
            views[id] = _with_writer(visit, views[id])
    view = threads.thread(
        [views[entry.post_id] for entry in context.above if entry.post_id in views],
        views[id],
        [views[entry.post_id] for entry in context.below if entry.post_id in views],
    )
    title = post_view_models.excerpt(views[id], TITLE_CHARACTERS)
    return templating.page(
        request,
        "posts/thread.html",
        visit,
        post=view.post,
        thread=view,
        relationship=relationship,
        reply_key=secret.new() if visit.viewer else "",
        title=title,
        described=None if visit.viewer else descriptions.of_post(visit, views[id]),
    )


def _with_writer(visit: Visit, view: PostView) -> PostView:
    """Return a post of the visitor's own with who wrote it, where that was a member."""
    writer = writers.of_posts(visit.db, [view.id], viewer_id=visit.account_id).get(view.id)
    return msgspec.structs.replace(view, writer=writer.username) if writer is not None else view


@get("/{handle:str}/{post_id:str}/history", sync_to_thread=True)
def history(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Show every version of a post, the present one first."""
    with reading(request) as visit:
        account = found(request, visit, handle)
        post = posts.get(visit.db, id_in(post_id), viewer_id=visit.viewer_id)
        if post is None or post.account_id != account.id or post.boost_of_id is not None:
            raise NotFound(_("This post doesn't exist, or you may not see it."))
        by = writers.of_versions(visit.db, post.id, viewer_id=account.id) if visit.viewer_id == account.id else {}
        shown = versions.versions(visit, post, posts.edits(visit.db, post.id), by)
    return templating.page(
        request, "posts/history.html", visit, versions=shown, address=f"/@{account.username}/{post.id}"
    )


@get("/{handle:str}/{post_id:str}/embed", sync_to_thread=True)
def embedded(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Show a post for other sites' frames, to everybody as a stranger sees it."""
    with reading(request) as visit:
        stranger = msgspec.structs.replace(visit, viewer=None, session_id=None)
        view = _seen_by_all(request, stranger, handle, post_id)
    return templating.page(
        request, "posts/embed.html", stranger, headers=embedded_headers(visit.core.settings), post=view
    )


@get("/{handle:str}/{post_id:str}/card.png", sync_to_thread=True)
def share_card(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Return the picture that other sites show with a link to a post that is for everybody."""
    with reading(request, page=False) as visit:
        stranger = msgspec.structs.replace(visit, viewer=None, session_id=None)
        view = _seen_by_all(request, stranger, handle, post_id)
        if not view.for_everybody:
            raise NotFound(_("This post doesn't exist, or you may not see it."))
        letters = descriptions.letters(stranger, view)
    return share_cards.answer(request, letters)


def _seen_by_all(request: Request, stranger: Visit, handle: str, post_id: str) -> PostView:
    """Return a post as strangers see it. Raises NotFound where they don't."""
    account = found(request, stranger, handle)
    post = posts.get(stranger.db, id_in(post_id), viewer_id=None)
    if post is None or post.account_id != account.id or post.boost_of_id is not None:
        raise NotFound(_("This post doesn't exist, or you may not see it."))
    [view] = post_view_models.posts_of(stranger, [Related(post.id, None, post.quote_of_id)])
    return view


def _posts(request: Request, handle: str, part: Page, *, replies: bool) -> Response:
    with reading_replica(request) as visit:
        account = found(request, visit, handle)
        entries = timelines.of_account(
            visit.db, account.id, part, viewer_id=visit.viewer_id, exclude_replies=not replies
        )
        path = f"/@{account.username}{'/with_replies' if replies else ''}"
        first = part.max_id == ids.MAXIMUM and part.min_id is None
        pinned = timelines.pinned(visit.db, account.id, PINNED, viewer_id=visit.viewer_id) if first else []
        view = account_view_models.profile(visit, account)
        return templating.page(
            request,
            "accounts/profile.html",
            visit,
            account=view,
            relationship=account_view_models.relationship(visit, account.id),
            pinned=post_view_models.posts_of(visit, pinned, context="account"),
            posts=post_view_models.posts_of(
                visit, entries, context="account", above=[entry.post_id for entry in pinned]
            ),
            beside=paging.beside(path, part, [entry.cursor for entry in entries]),
            tab="with_replies" if replies else "posts",
            # It is for programs, which see what strangers see.
            described=None if visit.viewer else descriptions.of_account(visit, view, account.bio),
            feeds=feeds.links(f"/@{account.username}"),
        )


def _people(request: Request, handle: str, part: Page, tab: str) -> Response:
    with reading_replica(request) as visit:
        account = found(request, visit, handle)
        hidden = account.hide_collections and account.id != visit.viewer_id
        ask = accounts.followers if tab == "followers" else accounts.following
        entries = [] if hidden else ask(visit.db, account.id, part)
        account_ids = [entry.account_id for entry in entries]
        return templating.page(
            request,
            "accounts/people.html",
            visit,
            account=account_view_models.profile(visit, account),
            relationship=account_view_models.relationship(visit, account.id),
            accounts=account_view_models.accounts(visit, account_ids),
            relationships=account_view_models.relationships(visit, account_ids),
            beside=paging.beside(f"/@{account.username}/{tab}", part, [entry.cursor for entry in entries]),
            tab=tab,
            hidden=hidden,
            feeds=feeds.links(f"/@{account.username}"),
        )


def elsewhere(request: Request, name: FromPath[str]) -> Response:
    """Lead to a page of an account from where programs look for it."""
    with reading(request, page=False) as visit:
        account = _known(visit, name)
    segments = [part for part in _further(request)[1:] if part != "statuses"]
    return redirects.moved(request, _path(account, segments))


def found(request: Request, visit: Visit, handle: str) -> Account:
    """Return the account whose page is asked for.

    Raises NotFound for a path that is no account's, Failure (410) where the account is suspended, and Moved where the
    page is asked for by another address than its own.
    """
    name, feed = feeds.parted(handle[1:])
    segments = _further(request)
    if not handle.startswith("@") or (feed and segments):
        raise NotFound(_(NO_SUCH_ADDRESS))
    name, domain = name.partition("@")[::2]
    if domain and domain.lower() != visit.core.settings.domain.lower():
        raise NotFound(_(NO_SUCH_ADDRESS))
    account = _known(visit, name)
    path = _path(account, [f"feed.{feed}"] if feed else segments)
    if path != quote(request.scope["path"], safe="/@"):
        raise Moved(path)
    return account


def _known(visit: Visit, name: str) -> Account:
    account = accounts.by_username(visit.db, name)
    if account is None:
        raise NotFound(_(NO_SUCH_ADDRESS))
    if account.suspended_at is not None:
        raise Failure(410, _("This account isn't available."))
    return account


def _further(request: Request) -> list[str]:
    """Return what a path has after its first part."""
    return [part for part in request.scope["path"].split("/") if part][1:]


def _path(account: Account, segments: list[str]) -> str:
    """Return the one path of an account's page; ids have no zeros in front."""
    ids_as_numbers = (str(int(segment)) if ids.parse(segment) else segment for segment in segments)
    return "/".join([f"/@{account.username}", *(quote(segment, safe="@") for segment in ids_as_numbers)])


router = Router(
    "/",
    route_handlers=[
        *(profile, with_replies, media, followers, following, thread, history, embedded, share_card),
        *(get(path, sync_to_thread=True)(elsewhere) for path in ELSEWHERE),
        *feeds.handlers("/{handle:str}", feed),
    ],
)
