"""The visitor's passkeys: adding and removing them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import clock
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.identity import passkeys as queries
from twite_common.queries.identity.passkeys import Passkey
from twite_common.services.identity import browsers, passkeys, second_factors, sessions
from twite_common.translations import gettext as _
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import csrf, form_errors, redirects
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.second_factors import PAGE, codes_page
from twite_web.site.identity.step_up import StepUpForm
from twite_web.types import Request, Response

NEW = f"{PAGE}/passkeys/new"
ONE = f"{PAGE}/passkeys/{{passkey_id:str}}/remove"


class PasskeyForm(StepUpForm, frozen=True, kw_only=True):
    """The passkey that a browser has made, as JSON, and what it shall be called."""

    name: str = ""
    passkey: str = ""


def new_page(request: Request, data: PasskeyForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that adds a passkey; whoever has to show first whose account it is does that alone."""
    with reading(request) as visit:
        visit.require_login()
        asked = step_up.asked(request, visit)
        return form_errors.page(
            request,
            "identity/new_passkey.html",
            visit,
            values=msgspec.structs.replace(data, name=_name(request, data)),
            error=error,
            step_up=asked,
            available=passkeys.available(visit.core.settings),
            options="" if asked.what else _options(request, visit),
        )


@get(NEW, sync_to_thread=True)
def show_new(request: Request) -> Response:
    """Show the form that adds a passkey."""
    return new_page(request, PasskeyForm())


@post(NEW, opt=HASHES, status_code=200, sync_to_thread=True)
@shown_again(new_page)
def add(request: Request, data: JSONBody[PasskeyForm]) -> Response:
    """Add a passkey; with the first factor of an account, show its recovery codes, this once."""
    step_up.check(request, data)
    if not data.passkey:
        return redirects.see(request, NEW)
    equipment = core(request)
    with reading(request, page=False) as visit:
        account_id = visit.account_id
    new = passkeys.check_new(
        equipment.database,
        equipment.signer,
        equipment.settings,
        now=clock.now(),
        account_id=account_id,
        tied_to=csrf.tied_to(request),
        answer=data.passkey,
    )
    with writing(request) as visit:
        sessions.keep(visit.db, session_id=visit.session_id)
        codes = second_factors.add_passkey(
            visit.db, now=visit.now, account_id=account_id, new=new, name=_name(request, data)
        )
    return codes_page(request, codes) if codes else redirects.see(request, PAGE, "passkey_added")


def remove_page(request: Request, data: StepUpForm, passkey_id: str, *, error: TwiteError | None = None) -> Response:
    """Return the form that removes a passkey."""
    with reading(request) as visit:
        present = queries.of_account(visit.db, visit.account_id)
        found = _found(present, id_in(passkey_id))
        return form_errors.page(
            request,
            "identity/remove_passkey.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            id=found.id,
            name=found.name,
        )


@get(ONE, sync_to_thread=True)
def show_remove(request: Request, passkey_id: FromPath[str]) -> Response:
    """Show the form that removes a passkey."""
    return remove_page(request, StepUpForm(), passkey_id)


@post(ONE, opt=HASHES, sync_to_thread=True)
@shown_again(remove_page)
def remove(request: Request, data: JSONBody[StepUpForm], passkey_id: FromPath[str]) -> Response:
    """Remove a passkey."""
    step_up.check(request, data)
    with writing(request) as visit:
        second_factors.remove_passkey(
            visit.db,
            visit.core.settings,
            now=visit.now,
            account_id=visit.account_id,
            role=visit.member.role,
            passkey_id=id_in(passkey_id),
        )
    return redirects.see(request, PAGE, "passkey_removed")


def _name(request: Request, data: PasskeyForm) -> str:
    """Return what a passkey shall be called: after the browser, if nothing else was typed."""
    return data.name.strip() or browsers.readable(browsers.kind(request.headers.get("user-agent", "")))


def _options(request: Request, visit: Visit) -> str:
    return passkeys.options_to_add(
        visit.core.signer,
        visit.core.settings,
        now=visit.now,
        account_id=visit.account_id,
        username=visit.member.username,
        tied_to=csrf.tied_to(request),
        present=queries.of_account(visit.db, visit.account_id),
    )


def _found(present: list[Passkey], passkey_id: int) -> Passkey:
    for one in present:
        if one.id == passkey_id:
            return one
    raise NotFound(_("There is no such passkey."))


router = Router("/", route_handlers=[show_new, add, show_remove, remove])
