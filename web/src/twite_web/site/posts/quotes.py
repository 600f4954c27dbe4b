"""Who may quote a post, and revoking quotes."""

from litestar import post
from litestar.params import FromPath, JSONBody

from twite_common.services.posts import quotes
from twite_web.routing import Router
from twite_web.site import redirects
from twite_web.site.access import id_in, writing
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response


class PolicyForm(BackForm, frozen=True, kw_only=True):
    """Who may quote a post from now on."""

    policy: str = ""


@post("/posts/{post_id:str}/quote-policy", sync_to_thread=True)
def set_policy(request: Request, post_id: FromPath[str], data: JSONBody[PolicyForm]) -> Response:
    """Choose who may quote one of the visitor's posts."""
    id = id_in(post_id)
    with writing(request) as visit:
        quotes.set_policy(visit.db, account_id=visit.account_id, post_id=id, policy=data.policy)
    return redirects.see(request, redirects.local(data.back, f"/posts/{id}"), "saved")


@post("/posts/{post_id:str}/quotes/{quoting_id:str}/revoke", sync_to_thread=True)
def revoke(request: Request, post_id: FromPath[str], quoting_id: FromPath[str], data: JSONBody[BackForm]) -> Response:
    """Take the visitor's post back out of a post that quotes it."""
    id = id_in(post_id)
    with writing(request) as visit:
        quotes.revoke(visit.db, now=visit.now, account_id=visit.account_id, post_id=id, quoting_id=id_in(quoting_id))
    return redirects.see(request, redirects.local(data.back, f"/posts/{id}"), "quote_revoked")


router = Router("/", route_handlers=[set_policy, revoke])
