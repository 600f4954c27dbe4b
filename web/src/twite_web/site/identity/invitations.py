"""Links that the visitor creates to let others sign up."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.queries.identity import invitations as invitation_queries
from twite_common.services.identity import invitations
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import times
from twite_web.types import Request, Response


class InvitationForm(msgspec.Struct, frozen=True, kw_only=True):
    """For how many people an invitation is."""

    uses: int = 1


class Invitation(msgspec.Struct, frozen=True):
    """An open invitation and the address that it is."""

    id: int
    address: str
    uses_left: int
    until: str


def invitations_page(request: Request, data: InvitationForm, *, error: TwiteError | None = None) -> Response:
    """Return the visitor's invitations, and the form for another."""
    with reading(request) as visit:
        views = _invitations(visit)
        return form_errors.page(
            request,
            "identity/invitations.html",
            visit,
            values=data,
            error=error,
            invitations=views,
            asked_for=visit.core.settings.registration == "invitation",
            max_uses=invitations.MAX_USES,
        )


@get("/settings/invitations", sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the visitor's invitations."""
    return invitations_page(request, InvitationForm())


@post("/settings/invitations", sync_to_thread=True)
@shown_again(invitations_page)
def invite(request: Request, data: JSONBody[InvitationForm]) -> Response:
    """Make an invitation."""
    with writing(request) as visit:
        invitations.invite(
            visit.db,
            visit.core.signer,
            visit.core.settings,
            now=visit.now,
            account_id=visit.account_id,
            uses=data.uses,
        )
    return redirects.see(request, "/settings/invitations", "invited")


@post("/settings/invitations/{invitation_id:str}/withdraw", sync_to_thread=True)
def withdraw(request: Request, invitation_id: FromPath[str]) -> Response:
    """End an invitation."""
    with writing(request) as visit:
        invitations.withdraw(visit.db, account_id=visit.account_id, invitation_id=id_in(invitation_id))
    return redirects.see(request, "/settings/invitations", "withdrawn")


def _invitations(visit: Visit) -> list[Invitation]:
    rows = invitation_queries.of_account(visit.db, visit.account_id, now=visit.now)
    page = f"{visit.core.addresses.base}/signup?invitation="
    return [
        Invitation(
            row.id,
            page + invitations.code(visit.core.signer, row.id),
            row.uses_left,
            times.day(row.expires_at),
        )
        for row in rows
    ]


router = Router("/", route_handlers=[show, invite, withdraw])
