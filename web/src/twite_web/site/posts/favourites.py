"""Favouriting posts, and the visitor's favourites."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.timelines import timelines
from twite_common.services.posts import favourites
from twite_web.routing import Router
from twite_web.site import paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response


@get("/favourites", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show what the visitor has favourited."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        entries = timelines.favourites(visit.db, part, viewer_id=visit.account_id)
        posts = post_view_models.posts_of(visit, entries)
        beside = paging.beside("/favourites", part, [entry.cursor for entry in entries])
        return templating.page(request, "posts/favourites.html", visit, posts=posts, beside=beside)


@post("/posts/{post_id:str}/favourite", sync_to_thread=True)
def favourite(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Favourite a post."""
    with writing(request) as visit:
        favourites.favourite_post(visit.db, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


@post("/posts/{post_id:str}/unfavourite", sync_to_thread=True)
def unfavourite(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Take a favourite back."""
    with writing(request) as visit:
        favourites.unfavourite_post(visit.db, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


router = Router("/", route_handlers=[show, favourite, unfavourite])
