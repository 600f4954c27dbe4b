"""The page on which users authorize applications: /oauth/authorize."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from authlib.oauth2 import OAuth2Error
from litestar import Router, get, post
from litestar.params import FromQuery, JSONBody
from litestar.response import Redirect

from twite_common.services.identity import sessions
from twite_common.services.identity.applications import OUT_OF_BAND
from twite_common.translations import gettext as _
from twite_web.errors import Failure
from twite_web.oauth import consent_texts
from twite_web.oauth.server import Answer, Server, User, read
from twite_web.parameters import fit, nested, original_query
from twite_web.site import templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.view_models import accounts as account_view_models
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


@get("/oauth/authorize", sync_to_thread=True)
def ask(request: Request) -> Response:
    """Show what an application asks for."""
    authorization = msgspec.convert(
        fit(nested(original_query(request)), Authorization, by_form=True), Authorization, strict=False
    )
    with reading(request) as visit:
        grant = _grant(visit, authorization)
        [account] = account_view_models.accounts(visit, [visit.account_id])
        client = grant.request.client
        return templating.page(
            request,
            "oauth/authorize.html",
            visit,
            application=client.application,
            account=account,
            permissions=consent_texts.permissions(grant.request.scope),
            destination=consent_texts.destination(authorization.redirect_uri or client.get_default_redirect_uri()),
            asked=msgspec.to_builtins(authorization),
            here=f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}",
        )


@post("/oauth/authorize", status_code=200, sync_to_thread=True)
def answer(request: Request, data: JSONBody[Authorization]) -> Response:
    """Send the application the code, or that its user refused."""
    with writing(request) as visit:
        account_id = visit.account_id
        sessions.keep(visit.db, session_id=visit.session_id)
        grant = _grant(visit, data)
        user = User(account_id) if data.decision == "approve" else None
        response = grant.server.create_authorization_response(grant.request, grant_user=user, grant=grant)
    return _redirect(request, response)


@get("/oauth/authorize/native", sync_to_thread=True)
def native(request: Request, code: FromQuery[str] = "") -> Response:
    """Show a code to be copied into an application that has no address."""
    with reading(request) as visit:
        return templating.page(request, "oauth/code.html", visit, code=code)


def _grant(visit: Visit, authorization: Authorization) -> Any:
    """Return the checked request.

    Raises Failure with a page of our own for whatever is wrong: never a redirect to an address that may be forged.
    """
    try:
        server = Server(visit.db, now=visit.now)
        return server.get_consent_grant(read("GET", authorization))
    except OAuth2Error as error:
        raise Failure(
            400, _("The application's request can't be granted: %(reason)s", reason=_explained(error))
        ) from error


def _explained(error: OAuth2Error) -> str:
    return str(error.description or error.error)


def _redirect(request: Request, response: Answer) -> Response:
    address = dict(response.headers).get("Location", "")
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
