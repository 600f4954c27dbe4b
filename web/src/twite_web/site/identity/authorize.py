"""The page on which users authorize applications: /oauth/authorize."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from authlib.oauth2 import OAuth2Error
from litestar import get, post
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect

from twite_common.errors import TwiteError
from twite_common.services.identity import sessions
from twite_common.services.identity.applications import OUT_OF_BAND
from twite_common.translations import gettext as _
from twite_web.errors import Failure
from twite_web.middleware.request_concurrency import HASHES
from twite_web.oauth import consent_texts, scopes
from twite_web.oauth.requests import Answer, read
from twite_web.oauth.server import Server
from twite_web.parameters import fit, nested, original_query
from twite_web.routing import Router
from twite_web.site import form_errors, templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm, StepUpView
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import memberships as membership_views
from twite_web.types import Request, Response


class Authorization(msgspec.Struct):
    """What an application asks for (RFC 6749, section 4.1.1), and what its user answers."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str | None = None
    scope: str | None = None
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    decision: str = ""


class Consent(Authorization):
    """The same with what shows whose account it is, which is asked for before an application may do what staff do.

    `membership` is the one by which the application is to act for another account than the user's own.
    """

    current_password: str = ""
    current_code: str = ""
    current_passkey: str = ""
    membership: str = ""


def consent_page(request: Request, data: Authorization, *, error: TwiteError | None = None) -> Response:
    """Return what an application asks for, and the form that allows it."""
    asked = {name: getattr(data, name) for name in Authorization.__struct_fields__}
    with reading(request) as visit:
        grant = _grant(visit, data)
        [account] = account_view_models.accounts(visit, [visit.account_id])
        client = grant.request.client
        return form_errors.page(
            request,
            "oauth/authorize.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit) if scopes.of_staff(grant.request.scope) else StepUpView(),
            application=client.application,
            account=account,
            permissions=consent_texts.permissions(grant.request.scope),
            destination=consent_texts.destination(data.redirect_uri or client.get_default_redirect_uri()),
            asked=asked,
            accounts=membership_views.choice(visit),
            membership=getattr(data, "membership", ""),
            here=f"/oauth/authorize?{urlencode({name: value for name, value in asked.items() if value})}",
        )


@get("/oauth/authorize", sync_to_thread=True)
def ask(request: Request) -> Response:
    """Show what an application asks for."""
    authorization = msgspec.convert(
        fit(nested(original_query(request)), Authorization, by_form=True), Authorization, strict=False
    )
    return consent_page(request, authorization)


@post("/oauth/authorize", opt=HASHES, status_code=200, sync_to_thread=True)
@shown_again(consent_page)
def answer(request: Request, data: JSONBody[Consent]) -> Response:
    """Send the application the code, or that its user refused."""
    if data.decision == "approve":
        _check_owner(request, data)
    with writing(request) as visit:
        visit.require_login()
        sessions.keep(visit.db, session_id=visit.session_id)
        grant = _grant(visit, data)
        user = membership_views.chosen(visit, data.membership) if data.decision == "approve" else None
        response = grant.server.create_authorization_response(grant.request, grant_user=user, grant=grant)
    return _redirect(request, response)


@get("/oauth/authorize/native", sync_to_thread=True)
def native(request: Request, code: FromQuery[str] = "") -> Response:
    """Show a code to be copied into an application that has no address."""
    with reading(request) as visit:
        return templating.page(request, "oauth/code.html", visit, code=code)


def _check_owner(request: Request, data: Consent) -> None:
    """Have the user show whose account it is, before an application may do what staff do."""
    with reading(request, page=False) as visit:
        visit.require_login()
        for_staff = scopes.of_staff(_grant(visit, data).request.scope)
    if for_staff:
        form = StepUpForm(
            current_password=data.current_password,
            current_code=data.current_code,
            current_passkey=data.current_passkey,
        )
        step_up.check(request, form)


def _grant(visit: Visit, authorization: Authorization) -> Any:
    """Return the checked request.

    Raises Failure with a page of our own for whatever is wrong: never a redirect to an address that may be forged.
    """
    try:
        server = Server(visit.core, visit.db, now=visit.now)
        asked = Authorization(*[getattr(authorization, name) for name in Authorization.__struct_fields__])
        return server.get_consent_grant(read("GET", asked))
    except OAuth2Error as error:
        raise Failure(
            400, _("The application's request can't be granted: %(reason)s", reason=_explained(error))
        ) from error


def _explained(error: OAuth2Error) -> str:
    return str(error.description or error.error)


def _redirect(request: Request, response: Answer) -> Response:
    address = response.location
    if not address:
        raise Failure(400, _("The application's request can't be granted."))
    if not address.startswith(OUT_OF_BAND):
        return Redirect(address, status_code=302)
    parameters = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if "code" in parameters:
        return Redirect(f"/oauth/authorize/native?{urlencode({'code': parameters['code']})}", status_code=303)
    return templating.render(
        request, "error.html", status=403, code=403, sentence=_("You denied the application access.")
    )


router = Router("/", route_handlers=[ask, answer, native])
