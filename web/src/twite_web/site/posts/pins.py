"""Pinning posts to one's profile."""

from litestar import post
from litestar.params import FromPath, JSONBody

from twite_common.services.posts import pins
from twite_web.routing import Router
from twite_web.site import redirects
from twite_web.site.access import id_in, writing
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response


@post("/posts/{post_id:str}/pin", sync_to_thread=True)
def pin(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Pin a post."""
    with writing(request) as visit:
        pins.pin_post(visit.db, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


@post("/posts/{post_id:str}/unpin", sync_to_thread=True)
def unpin(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Take a post from the top of one's page."""
    with writing(request) as visit:
        pins.unpin_post(visit.db, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


router = Router("/", route_handlers=[pin, unpin])
