"""The visitor's private notes about people."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import TwiteError
from twite_common.services.accounts import notes
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.accounts.follows import profile, relationship_to
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


class NoteForm(msgspec.Struct, frozen=True, kw_only=True):
    """A note about an account; an empty one takes it away."""

    comment: str = ""


def note_page(
    request: Request, account_id: FromPath[str], data: NoteForm, *, error: TwiteError | None = None
) -> Response:
    """Return the form for a note."""
    with reading(request) as visit:
        id = relationship_to(visit, id_in(account_id)).account_id
        [account] = account_view_models.accounts(visit, [id])
        return form_errors.page(request, "accounts/note.html", visit, values=data, error=error, account=account)


@get("/accounts/{account_id:str}/note", sync_to_thread=True)
def show(request: Request, account_id: FromPath[str]) -> Response:
    """Show the note about an account, to change it."""
    with reading(request, page=False) as visit:
        comment = relationship_to(visit, id_in(account_id)).note
    return note_page(request, account_id, NoteForm(comment=comment))


@post("/accounts/{account_id:str}/note", sync_to_thread=True)
@shown_again(note_page)
def write(request: Request, account_id: FromPath[str], data: JSONBody[NoteForm]) -> Response:
    """Keep a note about an account."""
    id = id_in(account_id)
    with writing(request) as visit:
        back = profile(visit, id)
        notes.write(visit.db, account_id=visit.account_id, about_id=id, comment=data.comment)
    return redirects.see(request, back, "note_saved")


router = Router("/", route_handlers=[show, write])
