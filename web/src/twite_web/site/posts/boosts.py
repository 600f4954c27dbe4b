"""Boosting posts: sharing them with one's followers."""

from litestar import post
from litestar.params import FromPath, JSONBody

from twite_common.services.posts import boosts
from twite_web.routing import Router
from twite_web.site import redirects
from twite_web.site.access import id_in, writing
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response


@post("/posts/{post_id:str}/boost", sync_to_thread=True)
def boost(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Boost a post."""
    with writing(request) as visit:
        boosts.boost_post(
            visit.db, visit.core.settings, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id)
        )
    return redirects.to_post(request, data, post_id)


@post("/posts/{post_id:str}/unboost", sync_to_thread=True)
def unboost(request: Request, data: JSONBody[BackForm], post_id: FromPath[str]) -> Response:
    """Take a boost back."""
    with writing(request) as visit:
        boosts.unboost_post(visit.db, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id))
    return redirects.to_post(request, data, post_id)


router = Router("/", route_handlers=[boost, unboost])
