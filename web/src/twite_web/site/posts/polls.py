"""Voting in polls."""

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from twite_common.services.posts import polls
from twite_web.routing import Router
from twite_web.site import redirects
from twite_web.site.access import id_in, writing
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response


class VoteForm(msgspec.Struct, frozen=True, kw_only=True):
    """The places of the chosen options."""

    choices: list[int] = []
    back: str = ""


@post("/posts/{post_id:str}/vote", sync_to_thread=True)
def vote(request: Request, data: JSONBody[VoteForm], post_id: FromPath[str]) -> Response:
    """Vote in a post's poll."""
    with writing(request) as visit:
        polls.vote(visit.db, now=visit.now, account_id=visit.account_id, post_id=id_in(post_id), choices=data.choices)
    return redirects.to_post(request, BackForm(back=data.back), post_id)


router = Router("/", route_handlers=[vote])
