"""How the visitor's account is protected: an app that gives codes, recovery codes, and what happened to it."""

from urllib.parse import quote

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody

from twite_common import ids
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.queries.identity import second_factors as queries
from twite_common.queries.identity import security_events
from twite_common.queries.identity.passkeys import Passkey
from twite_common.queries.identity.security_events import SecurityEvent
from twite_common.services.identity import browsers, passkeys, second_factors
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm
from twite_web.site.view_models import times
from twite_web.site.view_models.qr_codes import qr_code
from twite_web.types import Request, Response

PAGE = "/settings/security"
KEY_GROUP = 4
LOGINS = {
    "": marked("Login with your password"),
    "totp": marked("Login with your password and a code"),
    "recovery_code": marked("Login with your password and a recovery code"),
    "passkey": marked("Login with your password and a passkey"),
    "passkey_alone": marked("Login with a passkey"),
    "link": marked("Login with a link from an e-mail"),
    "link_totp": marked("Login with a link from an e-mail and a code"),
    "link_recovery_code": marked("Login with a link from an e-mail and a recovery code"),
    "link_passkey": marked("Login with a link from an e-mail and a passkey"),
}
EVENTS = {
    "password_changed": marked("Your password was changed"),
    "email_changed": marked("Your e-mail address was changed"),
    "username_changed": marked("Your username was changed; it was @%(name)s"),
    "second_factor_added": marked("A second factor was set up"),
    "second_factor_removed": marked("The second factor was removed"),
    "passkey_added": marked("The passkey “%(name)s” was added"),
    "passkey_removed": marked("The passkey “%(name)s” was removed"),
    "password_removed": marked("Your password was removed"),
    "recovery_codes_renewed": marked("New recovery codes were made"),
    "token_made": marked("The token “%(name)s” was created"),
    "token_ended": marked("The token “%(name)s” was revoked"),
    "application_allowed": marked("The app “%(name)s” was authorized"),
    "application_ended": marked("The app “%(name)s” lost its access"),
    "archive_asked": marked("An archive was asked for"),
    "import_begun": marked("A file was uploaded to be imported"),
    "deactivated": marked("The account was deactivated"),
    "reactivated": marked("The account was reactivated"),
    "webhook_made": marked("A webhook was made"),
    "webhook_secret_renewed": marked("A webhook got a new secret"),
    "feed_made": marked("A feed at a secret address was made"),
    "member_invited": marked("@%(name)s was invited to act for this account"),
    "member_accepted": marked("@%(name)s accepted the invitation to act for this account"),
    "member_declined": marked("@%(name)s declined the invitation to act for this account"),
    "member_role_changed": marked("@%(name)s got another role in this account"),
    "member_removed": marked("@%(name)s was removed as a member of this account"),
    "member_left": marked("@%(name)s no longer acts for this account, by their own wish"),
    "membership_accepted": marked("You became a member of the account @%(name)s"),
    "membership_left": marked("You left the account @%(name)s"),
    "membership_ended": marked("You were removed as a member of the account @%(name)s"),
    "not_me": marked("Everyone was logged out, because you said that it wasn't you"),
}


class AppForm(StepUpForm, frozen=True, kw_only=True):
    """The first code of an app, and what the app was given."""

    sealed: str = ""
    code: str = ""


class EventView(msgspec.Struct, frozen=True):
    """Something that happened to the account, in words; where that was, if it was a log-in."""

    sentence: str
    where: str
    ago: str
    on: str


class PasskeyView(msgspec.Struct, frozen=True):
    """A passkey as the page shows it; `used` is "" where it never was."""

    id: int
    name: str
    since: str
    used: str


class StatusView(msgspec.Struct, frozen=True):
    """How an account stands; days are "" where there is nothing to be said.

    `since` and `used` are those of its app. `removable_password` says that it can do without its password.
    """

    since: str
    used: str
    codes_left: int
    passkeys: list[PasskeyView]
    passkeys_available: bool
    removable_password: bool
    required: bool
    due: str


@get(PAGE, sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show whether the account has a second factor, and what happened to it, the latest first."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        events = security_events.of_account(visit.db, visit.account_id, part)
        return templating.page(
            request,
            "identity/security.html",
            visit,
            factor=_status(visit),
            events=[_event(event, visit.now) for event in events],
            beside=paging.beside(PAGE, part, [event.id for event in events]),
        )


def app_page(request: Request, data: AppForm, *, error: TwiteError | None = None) -> Response:
    """Return what an app is given, and the form for its first code."""
    with reading(request) as visit:
        set_up = second_factors.begin(
            visit.core.sealer,
            visit.core.settings,
            now=visit.now,
            account_id=visit.account_id,
            username=visit.member.username,
            sealed=data.sealed,
        )
        return form_errors.page(
            request,
            "identity/second_factor.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            set_up=set_up,
            key=_grouped(set_up.secret),
            picture=qr_code(set_up.address),
            replaces=bool(queries.of_account(visit.db, visit.account_id)),
            replaces_codes=visit.member.has_second_factor,
        )


@get(f"{PAGE}/app", sync_to_thread=True)
def show_app(request: Request) -> Response:
    """Show a new key for an app, and ask for the app's first code."""
    return app_page(request, AppForm())


@post(f"{PAGE}/app", opt=HASHES, status_code=200, sync_to_thread=True)
@shown_again(app_page)
def turn_on(request: Request, data: JSONBody[AppForm]) -> Response:
    """Have the account ask for codes of the app, and show its recovery codes, this once."""
    step_up.check(request, data)
    with writing(request) as visit:
        codes = second_factors.turn_on(
            visit.db,
            visit.core.sealer,
            now=visit.now,
            account_id=visit.account_id,
            sealed=data.sealed,
            code=data.code,
        )
    return codes_page(request, codes)


def renew_page(request: Request, data: StepUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that makes new recovery codes."""
    with reading(request) as visit:
        if not visit.member.has_second_factor:
            raise NotFound(_("This account has no second factor."))
        return form_errors.page(
            request,
            "identity/new_recovery_codes.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
        )


@get(f"{PAGE}/recovery-codes", sync_to_thread=True)
def show_renew(request: Request) -> Response:
    """Show the form that makes new recovery codes."""
    return renew_page(request, StepUpForm())


@post(f"{PAGE}/recovery-codes", opt=HASHES, status_code=200, sync_to_thread=True)
@shown_again(renew_page)
def renew(request: Request, data: JSONBody[StepUpForm]) -> Response:
    """Make new recovery codes, and show them, this once."""
    step_up.check(request, data)
    with writing(request) as visit:
        codes = second_factors.renew_recovery_codes(visit.db, now=visit.now, account_id=visit.account_id)
    return codes_page(request, codes)


def off_page(request: Request, data: StepUpForm, *, error: TwiteError | None = None) -> Response:
    """Return the form that turns the codes of the app off."""
    with reading(request) as visit:
        if not queries.of_account(visit.db, visit.account_id):
            raise NotFound(_("This account has no app for codes."))
        return form_errors.page(
            request,
            "identity/second_factor_off.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            passkeys_left=bool(passkey_queries.of_account(visit.db, visit.account_id)),
        )


@get(f"{PAGE}/off", sync_to_thread=True)
def show_off(request: Request) -> Response:
    """Show the form that turns the second factor off."""
    return off_page(request, StepUpForm())


@post(f"{PAGE}/off", opt=HASHES, sync_to_thread=True)
@shown_again(off_page)
def turn_off(request: Request, data: JSONBody[StepUpForm]) -> Response:
    """Have the account ask for the app's codes no longer."""
    step_up.check(request, data)
    with writing(request) as visit:
        second_factors.turn_off(
            visit.db, visit.core.settings, now=visit.now, account_id=visit.account_id, role=visit.member.role
        )
    return redirects.see(request, PAGE, "second_factor_off")


def _event(event: SecurityEvent, now: int) -> EventView:
    sentence = LOGINS[event.detail] if event.kind == "login" else EVENTS[event.kind]
    browser = browsers.readable(event.browser)
    at = ids.created_at(event.id)
    return EventView(
        sentence=_(sentence, name=event.detail),
        where=_("%(browser)s in the network %(network)s", browser=browser, network=event.network)
        if event.network
        else "",
        ago=times.ago(at, now),
        on=times.date(at),
    )


def _status(visit: Visit) -> StatusView:
    viewer, settings = visit.member, visit.core.settings
    apps = queries.of_account(visit.db, viewer.account_id)
    present = passkey_queries.of_account(visit.db, viewer.account_id)
    used_at = max((app.used_at or 0 for app in apps), default=0)
    asked_at = viewer.second_factor_asked_at
    return StatusView(
        since=times.day(ids.created_at(apps[0].id)) if apps else "",
        used=times.when(used_at, visit.now) if used_at else "",
        codes_left=queries.count_recovery_codes(visit.db, viewer.account_id),
        passkeys=[_passkey(one, visit.now) for one in present],
        passkeys_available=passkeys.available(settings),
        removable_password=viewer.has_password and any(one.verifies_user for one in present),
        required=second_factors.required(settings, viewer.role) or viewer.role_rests,
        due=times.day(second_factors.due_at(settings, asked_at)) if asked_at is not None else "",
    )


def _passkey(one: Passkey, now: int) -> PasskeyView:
    since = times.day(ids.created_at(one.id))
    return PasskeyView(one.id, one.name, since, times.when(one.used_at, now) if one.used_at else "")


def _grouped(key: str) -> str:
    return " ".join(key[start : start + KEY_GROUP] for start in range(0, len(key), KEY_GROUP))


def codes_page(request: Request, codes: list[str]) -> Response:
    """Return the page that shows new recovery codes, this once."""
    with reading(request) as visit:
        heading = _(
            "Recovery codes for @%(name)s on %(site)s", name=visit.member.username, site=visit.core.settings.domain
        )
        written = "\n".join([heading, "", *codes, ""])
        return templating.page(
            request,
            "identity/recovery_codes.html",
            visit,
            codes=codes,
            file=f"data:text/plain;charset=utf-8,{quote(written)}",
        )


router = Router("/", route_handlers=[show, show_app, turn_on, show_renew, renew, show_off, turn_off])
