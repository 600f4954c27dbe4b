"""Letting a device in that has no browser: /device, where the code that it shows is typed."""

from litestar import get, post
from litestar.params import FromQuery, JSONBody

from twite_common import clock
from twite_common.errors import Invalid, TwiteError
from twite_common.queries.identity import applications
from twite_common.queries.identity.applications import Application
from twite_common.services.identity import device_grants, sessions
from twite_common.services.identity.device_grants import DeviceGrant
from twite_common.translations import gettext as _
from twite_web.core import core
from twite_web.middleware.request_concurrency import HASHES
from twite_web.oauth import consent_texts, scopes
from twite_web.routing import Router
from twite_web.site import form_errors, redirects, templating
from twite_web.site.access import reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm, StepUpView
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import memberships as membership_views
from twite_web.types import Request, Response


class DeviceForm(StepUpForm, frozen=True, kw_only=True):
    """The code that a device shows, and what its user answers, once they have seen what it asks for.

    `membership` is the one by which the device is to act for another account than the user's own.
    """

    user_code: str = ""
    decision: str = ""
    membership: str = ""


def device_page(request: Request, data: DeviceForm, *, error: TwiteError | None = None) -> Response:
    """Return the form for the code; where something else is wrong than that, what the device asks for again."""
    if data.decision and isinstance(error, Invalid) and "user_code" not in error.details:
        return _consent_page(request, data, error=error)
    with reading(request) as visit:
        visit.require_login()
        return form_errors.page(request, "oauth/device.html", visit, values=data, error=error)


@get("/device", sync_to_thread=True)
def show(request: Request, user_code: FromQuery[str] = "") -> Response:
    """Show the form for the code; what an address has of it is still looked at by who sends it."""
    return device_page(request, DeviceForm(user_code=user_code))


@post("/device", opt=HASHES, status_code=200, sync_to_thread=True)
@shown_again(device_page)
def answer(request: Request, data: JSONBody[DeviceForm]) -> Response:
    """Show what the device asks for that shows the code, or tell it what its user answered."""
    if not data.decision:
        return _consent_page(request, data)
    device, application = _device(request, data)
    if data.decision != "approve":
        with writing(request) as visit:
            visit.require_login()
            device_grants.deny(visit.db, now=visit.now, device=device)
        return redirects.see(request, "/", "device_denied")
    if scopes.of_staff(device.scopes):
        step_up.check(request, data)
    with writing(request) as visit:
        user = membership_views.chosen(visit, data.membership)
        sessions.keep(visit.db, session_id=visit.session_id)
        device_grants.allow(
            visit.db,
            now=visit.now,
            device=device,
            application=application,
            account_id=user.account_id,
            acts_as=user.acts_as,
        )
    return redirects.see(request, "/device/done")


@get("/device/done", sync_to_thread=True)
def done(request: Request) -> Response:
    """Say that the device goes on by itself."""
    with reading(request) as visit:
        visit.require_login()
        return templating.page(request, "oauth/device_done.html", visit)


def _consent_page(request: Request, data: DeviceForm, *, error: TwiteError | None = None) -> Response:
    """Return what a device asks for, with a warning of strangers who send their code, and the form that allows it."""
    device, application = _device(request, data)
    with reading(request) as visit:
        [account] = account_view_models.accounts(visit, [visit.account_id])
        return form_errors.page(
            request,
            "oauth/device_consent.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit) if scopes.of_staff(device.scopes) else StepUpView(),
            application=application,
            account=account,
            permissions=consent_texts.permissions(device.scopes),
            user_code=device_grants.shown(data.user_code),
            accounts=membership_views.choice(visit),
            membership=data.membership,
            here="/device",
        )


def _device(request: Request, data: DeviceForm) -> tuple[DeviceGrant, Application]:
    """Return what the device asks for that shows the code, and the application that does.

    Raises LoginNeeded for a stranger, Invalid for a code that doesn't work, TooMany after too many of those.
    """
    equipment = core(request)
    with reading(request, page=False) as visit:
        account_id = visit.account_id
    device = device_grants.find(
        equipment.database,
        equipment.settings,
        equipment.signer,
        now=clock.now(),
        account_id=account_id,
        user_code=data.user_code,
    )
    with reading(request, page=False) as visit:
        application = applications.get(visit.db, device.application_id)
    if application is None:
        raise Invalid(_(device_grants.NO_SUCH_CODE))
    return device, application


router = Router("/", route_handlers=[show, answer, done])
