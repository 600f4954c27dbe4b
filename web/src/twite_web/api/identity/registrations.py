"""Signing up with an application: POST /api/v1/accounts and /api/v1/emails/…"""

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from twite_common.clock import SECOND
from twite_common.services.identity import confirmations, registrations
from twite_common.services.identity.registrations import SignUpForm
from twite_common.translations import gettext as _
from twite_web import language_choice
from twite_web.api.access import application, reading, user
from twite_web.api.schemas import Empty
from twite_web.api.schemas.identity import Token
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.middleware.request_concurrency import HASHES
from twite_web.proxies import client_address
from twite_web.routing import Router
from twite_web.types import Request


class Registration(msgspec.Struct):
    """What somebody types into an application to get an account; `agreement` is to the site's rules."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = ""
    reason: str = ""
    invite_code: str = ""
    time_zone: str = ""


class Confirmation(msgspec.Struct):
    """Where the link is to be sent, if not to the address that was given at first."""

    email: str = ""


@post("/accounts", status_code=200, opt=application("write:accounts") | HASHES, sync_to_thread=True)
def register(request: Request, data: JSONBody[Registration]) -> Token:
    """Create an account, to be confirmed with the link in an e-mail, and return a token for it."""
    equipment = core(request)
    with reading(request) as access:
        token = access.token
    if token is None:
        raise Failure(403, _("This action is not allowed"))
    form = SignUpForm(
        username=data.username.strip(),
        email=data.email,
        password=data.password,
        reason=data.reason,
        invitation_code=data.invite_code,
        time_zone=data.time_zone,
        locale=language_choice.known(data.locale) or language_choice.to_keep(request),
        indexable=equipment.settings.search_by_default,
        agreed=data.agreement,
        address=client_address(request),
        application_id=token.application_id,
    )
    scope = " ".join(sorted(token.scopes))
    access_token = registrations.register(
        equipment.database, equipment.passwords, equipment.settings, now=access.now, form=form, scopes=scope
    )
    return Token(access_token=access_token, scope=scope, created_at=access.now // SECOND)


@post("/emails/confirmations", status_code=200, opt=user("write:accounts", unconfirmed=True), sync_to_thread=True)
def confirm_again(request: Request, data: JSONBody[Confirmation]) -> Empty:
    """Resend the confirmation link for an account that this application created, optionally to a new address."""
    with reading(request) as access:
        account_id, token = access.viewer_id, access.token
    confirmations.ask_again_by_application(
        access.core.database,
        now=access.now,
        account_id=account_id,
        application_id=token.application_id if token else None,
        email=data.email,
        smtp_utf8=access.core.settings.smtp_utf8,
    )
    return Empty()


@get("/emails/check_confirmation", opt=user("read:accounts", unconfirmed=True), sync_to_thread=True)
def is_confirmed(request: Request) -> bool:
    """Return whether the e-mail address is confirmed."""
    with reading(request) as access:
        return access.viewer is not None and access.viewer.confirmed


router = Router("/", route_handlers=[register, confirm_again, is_confirmed], tags=["accounts"])
