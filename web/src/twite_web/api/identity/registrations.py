"""Signing up with an application: POST /api/v1/accounts and /api/v1/emails/…"""

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody

from twite_common.clock import SECOND
from twite_common.errors import Invalid, all_invalid
from twite_common.passwords import checked_password
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_web.api.access import application, reading, user, writing
from twite_web.api.schemas import Empty
from twite_web.api.schemas.identity import Token
from twite_web.core import core
from twite_web.errors import Failure
from twite_web.middleware.concurrency import HASHES
from twite_web.proxies import client_address
from twite_web.types import Request

NOT_AGREED = "Agreement must be accepted"


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
    equipment, address = core(request), client_address(request)
    about = (data.username, data.email, equipment.settings.site_name)
    with writing(request) as access:
        token = access.token
        if token is None:
            raise Failure(403, "This action is not allowed")
        refused = registrations.count_sign_up(
            access.db, equipment.settings, now=access.now, address=address, email=data.email
        )
        form = SignUp(
            username=data.username.strip(),
            email=data.email,
            password_hash="",
            reason=data.reason,
            invitation_code=data.invite_code,
            time_zone=data.time_zone,
            indexable=equipment.settings.search_by_default,
            address=address,
            application_id=token.application_id,
        )
        wrong = all_invalid(
            lambda: registrations.check_sign_up(access.db, equipment.settings, form, now=access.now),
            lambda: checked_password(data.password, about=about),
            lambda: _check_agreement(data.agreement),
        )
    if refused is not None:
        raise refused
    if wrong:
        raise Invalid("Validation failed: " + ", ".join(text for errors in wrong.values() for _, text in errors), wrong)
    # Hashing takes long on purpose, so no transaction is open meanwhile.
    form = msgspec.structs.replace(form, password_hash=equipment.passwords.hash(data.password, about=about))
    scope = " ".join(sorted(token.scopes))
    with writing(request) as access:
        access_token = registrations.register(access.db, equipment.settings, now=access.now, form=form, scopes=scope)
    return Token(access_token=access_token, scope=scope, created_at=access.now // SECOND)


@post("/emails/confirmations", status_code=200, opt=user("write:accounts", unconfirmed=True), sync_to_thread=True)
def confirm_again(request: Request, data: JSONBody[Confirmation]) -> Empty:
    """Resend the confirmation link for an account that this application created, optionally to a new address."""
    with writing(request) as access:
        registrations.ask_to_confirm_again(
            access.db,
            now=access.now,
            account_id=access.viewer_id,
            application_id=access.token.application_id if access.token else None,
            email=data.email,
            smtp_utf8=access.core.settings.smtp_utf8,
        )
    return Empty()


@get("/emails/check_confirmation", opt=user("read:accounts", unconfirmed=True), sync_to_thread=True)
def is_confirmed(request: Request) -> bool:
    """Return whether the e-mail address is confirmed."""
    with reading(request) as access:
        return access.viewer is not None and access.viewer.confirmed


def _check_agreement(agreement: bool) -> None:
    if not agreement:
        raise Invalid(NOT_AGREED, {"agreement": [("ERR_ACCEPTED", NOT_AGREED)]})


router = Router("/", route_handlers=[register, confirm_again, is_confirmed], tags=["accounts"])
