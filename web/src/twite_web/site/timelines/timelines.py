"""Timelines: the home page, public posts, hashtags, and their feeds."""

from collections.abc import Sequence
from urllib.parse import quote

from litestar import get
from litestar.params import FromPath, FromQuery

from twite_common import ids, text
from twite_common.queries.paging import Page
from twite_common.queries.timelines import markers, tag_timelines, tags, timelines
from twite_common.queries.timelines.timelines import Entry
from twite_web.errors import Moved
from twite_web.routing import Router
from twite_web.site import feeds, form_errors, paging, templating
from twite_web.site.access import reading_replica
from twite_web.site.draft_forms import blank
from twite_web.site.timelines import catch_up, columns
from twite_web.site.timelines import tags as tag_pages
from twite_web.site.view_models import announcements as announcement_view_models
from twite_web.site.view_models import composers, descriptions, introductions, suggestions
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

SUGGESTED = 6
"""People on an empty home page."""


@get("/", sync_to_thread=True)
def first_page(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show strangers what the site is with its newest public posts, and people their home timeline."""
    part = paging.page(max_id, min_id)
    with reading_replica(request) as visit:
        if visit.viewer is None:
            entries = timelines.public(visit.db, part, viewer_id=None, now=visit.now)
            posts = post_view_models.posts_of(visit, entries)
            beside = paging.beside("/", part, [entry.cursor for entry in entries])
            introduction = introductions.introduction(visit) if part == paging.page("", "") else None
            return templating.page(
                request,
                "timelines/welcome.html",
                visit,
                introduction=introduction,
                posts=posts,
                beside=beside,
                feeds=feeds.links("/public"),
                described=descriptions.of_site(visit, introduction.picture if introduction else None),
            )
        entries = timelines.home(visit.db, part, viewer_id=visit.account_id, now=visit.now)
        posts = post_view_models.with_reasons(visit, post_view_models.posts_of(visit, entries, context="home"))
        beside = paging.beside("/", part, [entry.cursor for entry in entries])
        read_id = markers.last_read(visit.db, visit.account_id)["home"]
        values = blank()
        composer = composers.composer(visit, values)
        announcement_views = announcement_view_models.shown(visit)
        visits = catch_up.visits_of(visit)
        newest_at = ids.created_at(entries[0].cursor) if entries and part == paging.page("", "") else 0
        since = catch_up.since(visits, newest_at, visit.now)
        column_views = columns.beside(visit, "/")
        # Who follows nobody yet, or nobody who posts, is shown whom they could.
        people = suggestions.people(visit, limit=SUGGESTED) if not posts and not max_id and not min_id else []
    if visits.is_due(visit.now):
        catch_up.see_home(request, visits)
    return templating.page(
        request,
        "timelines/home.html",
        visit,
        posts=posts,
        beside=beside,
        values=values,
        composer=composer,
        problems=form_errors.messages(None),
        announcements=announcement_views,
        people=people,
        read_up_to=_read_up_to(entries, read_id),
        left_at=_left_at(part, entries, read_id),
        since=since,
        columns=column_views,
    )


def _read_up_to(entries: Sequence[Entry], read_id: int) -> int:
    """Return the first entry of a page that the visitor has read, below some that they haven't; 0 for none."""
    first = next((entry.post_id for entry in entries if entry.cursor <= read_id), 0)
    return first if first and entries[0].cursor > read_id else 0


def _left_at(part: Page, entries: Sequence[Entry], read_id: int) -> str:
    """Return where to read on from the newest entry that was read, if that is further down than the newest page."""
    newest = part == Page(limit=part.limit)
    if not newest or not read_id or not entries or entries[-1].cursor <= read_id:
        return ""
    return f"/?min_id={read_id - 1}#read-up-to"


@get("/public", sync_to_thread=True)
def public(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show the newest public posts of this site."""
    part = paging.page(max_id, min_id)
    with reading_replica(request) as visit:
        entries = timelines.public(visit.db, part, viewer_id=visit.viewer_id, now=visit.now)
        posts = post_view_models.posts_of(visit, entries, context="public")
        beside = paging.beside("/public", part, [entry.cursor for entry in entries])
    return templating.page(
        request, "timelines/public.html", visit, posts=posts, beside=beside, feeds=feeds.links("/public")
    )


@get("/tags/{name:str}", sync_to_thread=True)
def tag(
    request: Request,
    name: FromPath[str],
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
) -> Response:
    """Show the newest public posts with a hashtag."""
    key = _key(request, name)
    part = paging.page(max_id, min_id)
    with reading_replica(request) as visit:
        tag_row = tags.by_key(visit.db, key)
        entries = tag_timelines.tagged(visit.db, key, part, viewer_id=visit.viewer_id, now=visit.now)
        posts = post_view_models.posts_of(visit, entries, context="public")
        beside = paging.beside(f"/tags/{name}", part, [entry.cursor for entry in entries])
        standing = tag_pages.standing(visit, tag_row, name)
    tag_name = tag_row.name if tag_row else name
    feed_links = feeds.links(f"/tags/{quote(name)}")
    return templating.page(
        request,
        "timelines/tag.html",
        visit,
        tag=tag_name,
        tag_key=key,
        standing=standing,
        posts=posts,
        beside=beside,
        feeds=feed_links,
    )


def tag_feed(request: Request, name: FromPath[str]) -> Response:
    """Return the newest public posts with a hashtag as a feed."""
    with reading_replica(request, page=False) as visit:
        entries = tag_timelines.tagged(visit.db, _key(request, name), Page(), viewer_id=None, now=visit.now)
        return feeds.feed(request, visit, title=f"#{name}", path=f"/tags/{quote(name)}", entries=entries)


def _key(request: Request, name: str) -> str:
    """Return what a hashtag's page is known by. Raises Moved where that is spelled otherwise, or names a feed."""
    plain, feed = feeds.parted(name)
    key = text.hashtag_key(plain)
    segments = [part for part in request.scope["path"].split("/") if part][2:]
    if feed and not segments:
        segments = [f"feed.{feed}"]
    path = "/".join([f"/tags/{quote(key)}", *map(quote, segments)])
    if key and (key != name or feed) and text.hashtag_key(key) == key:
        raise Moved(path)
    return key


def public_feed(request: Request) -> Response:
    """Return the newest public posts of this site as a feed."""
    with reading_replica(request, page=False) as visit:
        entries = timelines.public(visit.db, Page(), viewer_id=None, now=visit.now)
        return feeds.feed(request, visit, title=visit.core.settings.site_name, path="/public", entries=entries)


router = Router(
    "/",
    route_handlers=[
        *(first_page, public, tag),
        *feeds.handlers("/public", public_feed),
        *feeds.handlers("/tags/{name:str}", tag_feed),
    ],
)
