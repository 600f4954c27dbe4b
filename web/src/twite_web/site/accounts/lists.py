"""On which of the visitor's lists an account is."""

import msgspec
from litestar import get
from litestar.params import FromPath

from twite_common.queries.timelines import lists
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import id_in, reading
from twite_web.site.accounts.follows import relationship_to
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


class Membership(msgspec.Struct, frozen=True):
    """One of the visitor's lists, and whether an account is on it."""

    id: int
    title: str
    has_member: bool


@get("/accounts/{account_id:str}/lists", sync_to_thread=True)
def show(request: Request, account_id: FromPath[str]) -> Response:
    """Show which of the visitor's lists an account is on, to change that."""
    id = id_in(account_id)
    with reading(request) as visit:
        relationship = relationship_to(visit, id)
        [account] = account_view_models.accounts(visit, [id])
        containing = {row.id for row in lists.with_member(visit.db, id, account_id=visit.account_id)}
        own_lists = lists.of_account(visit.db, visit.account_id)
        return templating.page(
            request,
            "accounts/lists.html",
            visit,
            account=account,
            addable=relationship.following or relationship.requested or id == visit.account_id,
            memberships=[Membership(row.id, row.title, row.id in containing) for row in own_lists],
        )


router = Router("/", route_handlers=[show])
