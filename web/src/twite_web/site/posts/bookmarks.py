"""Bookmarking posts, and the visitor's bookmarks."""

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.timelines import timelines
from twite_common.services.posts import bookmarks
from twite_web.site import paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response


@get("/bookmarks", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show what the visitor has bookmarked."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        entries = timelines.bookmarks(visit.db, part, viewer_id=visit.account_id)
        posts = post_view_models.posts_of(visit, entries)
        beside = paging.beside("/bookmarks", part, [entry.cursor for entry in entries])
        return templating.page(request, "posts/bookmarks.html", visit, posts=posts, beside=beside)


@post("/posts/{post_id:str}/bookmark", sync_to_thread=True)
def bookmark(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Bookmark a post."""
    with writing(request) as visit:
        bookmarks.bookmark_post(visit.db, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


@post("/posts/{post_id:str}/unbookmark", sync_to_thread=True)
def unbookmark(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Take a bookmark away."""
    with writing(request) as visit:
        bookmarks.unbookmark_post(visit.db, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


router = Router("/", route_handlers=[show, bookmark, unbookmark])
