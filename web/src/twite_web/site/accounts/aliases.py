"""The visitor's accounts on other sites."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.accounts import aliases as queries
from twite_common.services.accounts import aliases
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response


class AliasForm(msgspec.Struct, frozen=True, kw_only=True):
    """Another account, as it is typed, and whether the profile shows it."""

    address: str = ""
    shown: bool = False


def aliases_page(request: Request, data: AliasForm, *, error: TwiteError | None = None) -> Response:
    """Return the visitor's other accounts, and the form for one more."""
    with reading(request) as visit:
        aliases = queries.own(visit.db, viewer_id=visit.account_id)
        return form_errors.page(request, "accounts/aliases.html", visit, values=data, error=error, aliases=aliases)


@get("/settings/aliases", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the visitor's other accounts."""
    return aliases_page(request, AliasForm())


@post("/settings/aliases", sync_to_thread=True)
@shown_again(aliases_page)
def add(request: Request, data: JSONBody[AliasForm]) -> Response:
    """Name another account."""
    with writing(request) as visit:
        aliases.add(visit.db, now=visit.now, account_id=visit.account_id, address=data.address, shown=data.shown)
    return redirects.see(request, "/settings/aliases", "saved")


@post("/settings/aliases/{alias_id:str}/remove", sync_to_thread=True)
def remove(request: Request, alias_id: FromPath[str]) -> Response:
    """Name another account no longer."""
    with writing(request) as visit:
        aliases.remove(visit.db, account_id=visit.account_id, alias_id=id_in(alias_id))
    return redirects.see(request, "/settings/aliases", "saved")


router = Router("/", route_handlers=[show, add, remove])
