"""What administrators decided about other servers."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.moderation import domain_decisions as queries
from twite_common.queries.paging import Page
from twite_common.services.moderation import domain_decisions
from twite_common.services.moderation.domain_decisions import DomainBlockChanges
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.types import Request, Response

PATH = "/admin/servers"
LISTED = Page(limit=200)
SEVERITIES = {"silence": marked("limited"), "suspend": marked("blocked"), "noop": marked("noted only")}


class ServerForm(msgspec.Struct, frozen=True, kw_only=True):
    """A server to be kept out, and what is said about that; or one to be let in."""

    domain: str = ""
    severity: str = "silence"
    public_comment: str = ""
    private_comment: str = ""
    obfuscate: bool = False


def servers_page(request: Request, data: ServerForm, *, error: TwiteError | None = None) -> Response:
    """Return what is decided about other servers, and the forms for more."""
    with reading_as_staff(request, "manage_federation") as visit:
        return form_errors.page(
            request,
            "moderation/domain_decisions.html",
            visit,
            values=data,
            error=error,
            severities=translated(SEVERITIES),
            blocks=queries.blocks(visit.db, LISTED),
            allows=queries.allows(visit.db, LISTED),
        )


@get("/admin/servers", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show what is decided about other servers."""
    return servers_page(request, ServerForm())


@post("/admin/servers/blocks", sync_to_thread=True)
@shown_again(servers_page)
def block(request: Request, data: JSONBody[ServerForm]) -> Response:
    """Decide to keep a server out."""
    changes = DomainBlockChanges(
        severity=data.severity,
        public_comment=data.public_comment or None,
        private_comment=data.private_comment or None,
        obfuscate=data.obfuscate,
    )
    with writing(request) as visit:
        domain_decisions.block(visit.db, now=visit.now, viewer=visit.member, domain=data.domain, changes=changes)
    return redirects.see(request, PATH, "saved")


@post("/admin/servers/blocks/{block_id:str}/remove", sync_to_thread=True)
def unblock(request: Request, block_id: FromPath[str]) -> Response:
    """Take a decision to keep a server out back."""
    with writing(request) as visit:
        domain_decisions.unblock(visit.db, now=visit.now, viewer=visit.member, block_id=id_in(block_id))
    return redirects.see(request, PATH, "saved")


@post("/admin/servers/allows", sync_to_thread=True)
@shown_again(servers_page)
def allow(request: Request, data: JSONBody[ServerForm]) -> Response:
    """Decide to let a server in."""
    with writing(request) as visit:
        domain_decisions.allow(visit.db, now=visit.now, viewer=visit.member, domain=data.domain)
    return redirects.see(request, PATH, "saved")


@post("/admin/servers/allows/{allow_id:str}/remove", sync_to_thread=True)
def disallow(request: Request, allow_id: FromPath[str]) -> Response:
    """Take a decision to let a server in back."""
    with writing(request) as visit:
        domain_decisions.disallow(visit.db, now=visit.now, viewer=visit.member, allow_id=id_in(allow_id))
    return redirects.see(request, PATH, "saved")


router = Router("/", route_handlers=[show, block, unblock, allow, disallow])
