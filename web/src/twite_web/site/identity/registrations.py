"""Signing up: the form, the link from the mail, and the site's first account."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import clock
from twite_common.errors import Invalid, NotAllowed, NotFound, TooMany, TwiteError
from twite_common.queries.moderation import rules, site_texts
from twite_common.services import one_time_links
from twite_common.services.identity import registrations, sign_up_proofs
from twite_common.services.identity.sign_up_proofs import Proof
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import cookies, language_choice
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.proxies import client_address
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import reading
from twite_web.site.form_errors import shown_again
from twite_web.site.moderation.site_texts import TITLES
from twite_web.types import Request, Response

CHECKED = {
    "username": marked("This name is free."),
    "email": marked("This looks like an address."),
    "password": marked("This password is hard to guess."),
}
"""Fields that are checked while one types, and what is said where nothing is wrong with them."""


class SignUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody types to get an account; the time zone is their browser's, if that says it."""

    username: str = ""
    email: str = ""
    password: str = ""
    reason: str = ""
    invitation: str = ""
    time_zone: str = ""
    indexable: bool = False
    agreed: bool = False
    solution: str = ""
    answer: str = ""


class CheckForm(SignUpForm, frozen=True, kw_only=True):
    """A form that is still being filled in, and the field that is to be checked."""

    field: str = ""


def sign_up_page(request: Request, data: SignUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the first step to sign up, what one agrees to, or once that is done the second, the form."""
    with reading(request) as visit:
        if data.agreed:
            equipment = visit.core
            challenge = sign_up_proofs.challenge(visit.db, equipment.settings, equipment.signer, now=visit.now)
            return form_errors.page(
                request, "identity/signup_form.html", visit, values=data, error=error, challenge=challenge
            )
        text_names = site_texts.names_in_effect(visit.db, now=visit.now) - {"about"}
        return form_errors.page(
            request,
            "identity/signup.html",
            visit,
            values=data,
            error=error,
            rules=rules.all_rules(visit.db),
            texts={name: _(title) for name, title in TITLES.items() if name in text_names},
        )


@get("/signup", sync_to_thread=True)
def show(request: Request, invitation: FromQuery[str] = "", agreed: FromQuery[str] = "") -> Response:
    """Show a step to sign up; who is in already has an account."""
    with reading(request, page=False) as visit:
        if visit.viewer:
            return redirects.see(request, "/")
    return sign_up_page(request, msgspec.structs.replace(_blank(request, invitation), agreed=bool(agreed)))


@post("/signup", opt=HASHES, sync_to_thread=True)
@shown_again(sign_up_page)
def sign_up(request: Request, data: JSONBody[SignUpForm]) -> Response:
    """Make an account that waits for its owner to open the link in a mail."""
    equipment = core(request)
    registrations.sign_up(
        equipment.database,
        equipment.passwords,
        equipment.settings,
        now=clock.now(),
        form=_form(request, data),
    )
    return redirects.see(request, "/signup/sent")


@post("/signup/check", opt=HASHES, sync_to_thread=True)
def check(request: Request, data: JSONBody[CheckForm]) -> Response:
    """Say whether what was typed into a field can be had, while the rest is being typed."""
    if data.field not in CHECKED:
        raise NotFound(_("There is no such field."))
    problem = ""
    equipment = core(request)
    try:
        registrations.check_field(
            equipment.database, equipment.settings, now=clock.now(), field=data.field, form=_form(request, data)
        )
    except (Invalid, NotAllowed, TooMany) as error:
        problem = str(error)
    with reading(request) as visit:
        praise = _(CHECKED[data.field])
        return templating.page(
            request, "identity/signup_check.html", visit, form=True, field=data.field, problem=problem, praise=praise
        )


@get("/signup/sent", sync_to_thread=True)
def sent(request: Request) -> Response:
    """Say that a mail is on its way; the same for an address that has an account already."""
    with reading(request) as visit:
        sender = visit.core.settings.sender
        return templating.page(request, "identity/signup_sent.html", visit, sender=sender)


def first_page(request: Request, data: SignUpForm, token: str, *, error: TwiteError | None = None) -> Response:
    """Return the form for the site's first account."""
    with reading(request) as visit:
        one_time_links.find(visit.db, visit.core.signer, token, "first_account", now=visit.now)
        return form_errors.page(request, "identity/first_account.html", visit, values=data, error=error, token=token)


@get("/first/{token:str}", sync_to_thread=True)
def show_first(request: Request, token: FromPath[str]) -> Response:
    """Show the form for the site's first account, to whoever started the site and so has the link."""
    return first_page(request, _blank(request), token)


@post("/first/{token:str}", opt=HASHES, sync_to_thread=True)
@shown_again(first_page)
def make_first(request: Request, data: JSONBody[SignUpForm], token: FromPath[str]) -> Response:
    """Make the site's first, administrating account, and log its owner in."""
    equipment = core(request)
    # Who starts a site agrees to nobody's rules but their own.
    data = msgspec.structs.replace(data, agreed=True)
    secret = registrations.create_first(
        equipment.database,
        equipment.passwords,
        equipment.settings,
        now=clock.now(),
        token=token,
        form=_form(request, data),
        browser=request.headers.get("user-agent", ""),
    )
    return redirects.see(
        request, "/welcome", "welcome", cookies=[cookies.session(equipment.settings, secret)], session_secret=secret
    )


def _blank(request: Request, invitation: str = "") -> SignUpForm:
    return SignUpForm(invitation=invitation, indexable=core(request).settings.search_by_default)


def _form(request: Request, data: SignUpForm) -> registrations.SignUpForm:
    return registrations.SignUpForm(
        username=data.username.strip(),
        email=data.email,
        password=data.password,
        reason=data.reason,
        invitation_code=data.invitation,
        time_zone=data.time_zone,
        locale=language_choice.to_keep(request),
        indexable=data.indexable,
        agreed=data.agreed,
        address=client_address(request),
        proof=Proof(solution=data.solution, answer=data.answer),
    )


router = Router("/", route_handlers=[show, sign_up, check, sent, show_first, make_first])
