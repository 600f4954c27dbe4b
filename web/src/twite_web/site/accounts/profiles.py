"""Accounts' pages: /@name and what is below it."""

from urllib.parse import quote

import msgspec
from litestar import Router, get
from litestar.params import FromPath, FromQuery

from twite_common import ids, text
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts, relationships
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.accounts.relationships import Relationship
from twite_common.queries.paging import Page
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Related
from twite_common.queries.timelines import timelines
from twite_web.errors import NO_SUCH_ADDRESS, Failure, Moved
from twite_web.middleware.security import EMBEDDED
from twite_web.site import paging, redirects, templating, view_models
from twite_web.site.access import Visit, id_in, reading
from twite_web.site.timelines import feeds
from twite_web.types import Request, Response

EXCERPT_CHARACTERS = 200
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
    with reading(request) as visit:
        found = _found(request, visit, handle)
        entries = timelines.of_account(
            visit.db, found.id, Page(), viewer_id=None, exclude_boosts=True, exclude_replies=True
        )
        title = found.display_name or f"@{found.username}"
        return feeds.feed(request, visit, title=title, path=f"/@{found.username}", entries=entries)


@get("/{handle:str}/{post_id:str}", sync_to_thread=True)
def thread(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Show a post, what it answers, and what answers it."""
    with reading(request) as visit:
        found = _found(request, visit, handle)
        id = id_in(post_id)
        around = posts.context(visit.db, id, viewer_id=visit.viewer_id, now=visit.now, **CONTEXT)
        itself = [around.post] if around.post else []
        shown = {post.id: post for post in view_models.posts_of(visit, [*around.above, *itself, *around.below])}
        if id not in shown or shown[id].author.id != found.id:
            raise NotFound("There is no such post, or it isn't for you.")
    return templating.page(
        request,
        "posts/thread.html",
        visit,
        post=shown[id],
        above=[shown[one.post_id] for one in around.above if one.post_id in shown],
        below=[shown[one.post_id] for one in around.below if one.post_id in shown],
        excerpt=view_models.excerpt(shown[id], EXCERPT_CHARACTERS),
    )


@get("/{handle:str}/{post_id:str}/history", sync_to_thread=True)
def history(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Show every version of a post, the present one first."""
    with reading(request) as visit:
        found = _found(request, visit, handle)
        present = posts.get(visit.db, id_in(post_id), viewer_id=visit.viewer_id)
        if present is None or present.account_id != found.id or present.boost_of_id is not None:
            raise NotFound("There is no such post, or it isn't for you.")
        versions = view_models.versions(visit, present, posts.edits(visit.db, present.id))
    return templating.page(
        request, "posts/history.html", visit, versions=versions, address=f"/@{found.username}/{present.id}"
    )


@get("/{handle:str}/{post_id:str}/embed", sync_to_thread=True)
def embedded(request: Request, handle: FromPath[str], post_id: FromPath[str]) -> Response:
    """Show a post for other sites' frames, to everybody as a stranger sees it."""
    with reading(request) as visit:
        stranger = msgspec.structs.replace(visit, viewer=None, session_id=None)
        found = _found(request, stranger, handle)
        loaded = posts.get(stranger.db, id_in(post_id), viewer_id=None)
        if loaded is None or loaded.account_id != found.id or loaded.boost_of_id is not None:
            raise NotFound("There is no such post, or it isn't for you.")
        [shown] = view_models.posts_of(stranger, [Related(loaded.id, None, loaded.quote_of_id)])
    return templating.page(request, "posts/embed.html", stranger, headers=EMBEDDED, post=shown)


def _posts(request: Request, handle: str, part: Page, *, replies: bool) -> Response:
    with reading(request) as visit:
        found = _found(request, visit, handle)
        entries = timelines.of_account(visit.db, found.id, part, viewer_id=visit.viewer_id, exclude_replies=not replies)
        path = f"/@{found.username}{'/with_replies' if replies else ''}"
        first = part.max_id == ids.MAXIMUM and part.min_id is None
        pinned = timelines.pinned(visit.db, found.id, PINNED, viewer_id=visit.viewer_id) if first else []
        return templating.page(
            request,
            "accounts/profile.html",
            visit,
            account=view_models.account(visit, found),
            relationship=_relationship(visit, found),
            pinned=view_models.posts_of(visit, pinned),
            posts=view_models.posts_of(visit, entries),
            beside=paging.beside(path, part, [entry.cursor for entry in entries]),
            tab="with_replies" if replies else "posts",
            excerpt=text.plain_excerpt(found.bio, EXCERPT_CHARACTERS),
            feeds=feeds.links(f"/@{found.username}"),
        )


def _people(request: Request, handle: str, part: Page, which: str) -> Response:
    with reading(request) as visit:
        found = _found(request, visit, handle)
        hidden = found.hide_collections and found.id != visit.viewer_id
        ask = accounts.followers if which == "followers" else accounts.following
        listed = [] if hidden else ask(visit.db, found.id, part)
        return templating.page(
            request,
            "accounts/people.html",
            visit,
            account=view_models.account(visit, found),
            relationship=_relationship(visit, found),
            accounts=view_models.accounts(visit, [one.account_id for one in listed]),
            beside=paging.beside(f"/@{found.username}/{which}", part, [one.cursor for one in listed]),
            tab=which,
            hidden=hidden,
            excerpt="",
            feeds=feeds.links(f"/@{found.username}"),
        )


def elsewhere(request: Request, name: FromPath[str]) -> Response:
    """Lead to a page of an account from where programs look for it."""
    with reading(request) as visit:
        found = _known(visit, name)
    further = [one for one in _further(request)[1:] if one != "statuses"]
    return redirects.moved(request, _path(found, further))


def _found(request: Request, visit: Visit, handle: str) -> Account:
    """Return the account whose page is asked for.

    Raises NotFound for a path that is no account's, Failure (410) where the account is suspended, and Moved where the
    page is asked for by another address than its own.
    """
    name, feed = feeds.parted(handle[1:])
    further = _further(request)
    if not handle.startswith("@") or (feed and further):
        raise NotFound(NO_SUCH_ADDRESS)
    name, _, domain = name.partition("@")
    if domain and domain.lower() != visit.core.settings.domain.lower():
        raise NotFound(NO_SUCH_ADDRESS)
    found = _known(visit, name)
    path = _path(found, [f"feed.{feed}"] if feed else further)
    if path != quote(request.scope["path"], safe="/@"):
        raise Moved(path)
    return found


def _known(visit: Visit, name: str) -> Account:
    found = accounts.by_username(visit.db, name)
    if found is None:
        raise NotFound(NO_SUCH_ADDRESS)
    if found.suspended_at is not None:
        raise Failure(410, "This account is suspended.")
    return found


def _further(request: Request) -> list[str]:
    """Return what a path has after its first part."""
    return [part for part in request.scope["path"].split("/") if part][1:]


def _path(found: Account, further: list[str]) -> str:
    """Return the one path of an account's page; ids have no zeros in front."""
    ids_as_numbers = (str(int(part)) if ids.parse(part) else part for part in further)
    return "/".join([f"/@{found.username}", *(quote(part, safe="@") for part in ids_as_numbers)])


def _relationship(visit: Visit, found: Account) -> Relationship | None:
    if visit.viewer_id is None or visit.viewer_id == found.id:
        return None
    [stands] = relationships.load(visit.db, [found.id], viewer_id=visit.viewer_id, now=visit.now)
    return stands


router = Router(
    "/",
    route_handlers=[
        *(profile, with_replies, followers, following, thread, history, embedded),
        *(get(path, sync_to_thread=True)(elsewhere) for path in ELSEWHERE),
        *feeds.handlers("/{handle:str}", feed),
    ],
)
