"""Posts that quote a post, who may quote it, and revoking quotes."""

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.timelines import timelines
from twite_common.services.posts import quotes
from twite_common.translations import marked
from twite_web.site import paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.options import translated
from twite_web.site.posts import reactions
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

POLICIES = {
    "public": marked("Everyone"),
    "followers": marked("Only my followers"),
    "nobody": marked("Only me"),
}


class PolicyForm(BackForm, frozen=True, kw_only=True):
    """Who may quote a post from now on."""

    policy: str = ""


@get("/{handle:str}/{post_id:str}/quotes", sync_to_thread=True)
def show(
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
        quoted, view = reactions.seen(request, visit, handle, post_id)
        entries = timelines.quotes(visit.db, quoted.id, part, viewer_id=visit.viewer_id, now=visit.now)
        return templating.page(
            request,
            "posts/quotes.html",
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


router = Router("/", route_handlers=[show, set_policy, revoke])
