"""People whom the visitor might want to follow: following them, or having them suggested no more."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.services.accounts import follows, suggestions
from twite_web.routing import Router
from twite_web.site import redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import suggestions as view_models
from twite_web.types import Request, Response

PATH = "/explore/people"
SHOWN = 20


@get(PATH, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show whom the visitor might want to follow."""
    with reading(request) as visit:
        visit.require_login()
        return templating.page(
            request, "accounts/suggestions.html", visit, suggestions=view_models.suggestions(visit, SHOWN)
        )


@post(f"{PATH}/{{account_id:str}}/follow", sync_to_thread=True)
def follow(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Follow somebody who was suggested, and show who is next."""
    with writing(request) as visit:
        follows.follow_account(visit.db, now=visit.now, follower_id=visit.account_id, followee_id=id_in(account_id))
    return redirects.see(request, redirects.local(data.back, PATH))


@post(f"{PATH}/{{account_id:str}}/dismiss", sync_to_thread=True)
def dismiss(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Suggest somebody no more."""
    with writing(request) as visit:
        suggestions.dismiss(visit.db, account_id=visit.account_id, dismissed_id=id_in(account_id))
    return redirects.see(request, redirects.local(data.back, PATH))


router = Router("/", route_handlers=[show, follow, dismiss])
