"""Registering applications: /api/v1/apps."""

from collections.abc import Sequence

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from twite_common.errors import NotFound
from twite_common.queries.identity import applications as queries
from twite_common.queries.identity import tokens
from twite_common.services.identity import applications
from twite_common.translations import gettext as _
from twite_web.api.access import Access, anyone, application, reading, writing
from twite_web.api.path_params import NOT_FOUND, there
from twite_web.api.schemas import Entity
from twite_web.errors import Failure
from twite_web.oauth import scopes
from twite_web.routing import Router
from twite_web.types import Request


class Registration(msgspec.Struct):
    """An application that wants to use the API."""

    client_name: str = ""
    redirect_uris: str | list[str] = ""
    scopes: str = scopes.DEFAULT
    website: str | None = None


class Application(Entity, frozen=True, kw_only=True, gc=False):
    """An application."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    vapid_key: str


class CredentialApplication(Application, frozen=True, kw_only=True, gc=False):
    """An application with its secret, which is told once."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0


@post("/apps", status_code=200, opt=anyone(), sync_to_thread=True)
def register(request: Request, data: JSONBody[Registration]) -> CredentialApplication:
    """Register an application, and return its credentials."""
    values = data.redirect_uris if isinstance(data.redirect_uris, list) else [data.redirect_uris]
    redirect_uris = [uri for value in values for uri in value.split()]
    if wrong := scopes.unknown(data.scopes):
        raise Failure(
            422, _("Validation failed: Scopes doesn't match configured on the server: %(scope)s", scope=wrong[0])
        )
    scope = " ".join(dict.fromkeys(data.scopes.split())) or scopes.DEFAULT
    with writing(request) as access:
        id, client_id, client_secret = applications.register(
            access.db,
            now=access.now,
            name=data.client_name,
            redirect_uris=redirect_uris,
            scopes=scope,
            website=data.website,
        )
    with access.reading() as access:
        client = queries.get(access.db, id)
    return CredentialApplication(
        id=str(id),
        name=client.name if client else data.client_name,
        website=client.website if client else None,
        scopes=scope.split(),
        redirect_uris=redirect_uris,
        redirect_uri="\n".join(redirect_uris),
        vapid_key=access.core.push_key,
        client_id=client_id,
        client_secret=client_secret,
    )


@get("/apps/verify_credentials", opt=application(unconfirmed=True), sync_to_thread=True)
def verify_credentials(request: Request) -> Application:
    """Return the application of the token; a personal token appears as an application of its own."""
    with reading(request) as access:
        if access.token is None:
            raise NotFound(_(NOT_FOUND))
        if access.token.application_id is None:
            personal = there(tokens.get(access.db, access.token.id))
            return _application(access, str(personal.id), personal.name, personal.website, personal.scopes)
        client = there(queries.get(access.db, access.token.application_id))
        return _application(
            access, str(client.id), client.name, client.website, client.scopes, client.redirect_uris.split()
        )


def _application(
    access: Access, id: str, name: str, website: str | None, allowed: str, redirect_uris: Sequence[str] = ()
) -> Application:
    return Application(
        id=id,
        name=name,
        website=website,
        scopes=allowed.split(),
        redirect_uris=list(redirect_uris),
        redirect_uri="\n".join(redirect_uris),
        vapid_key=access.core.push_key,
    )


router = Router("/", route_handlers=[register, verify_credentials], tags=["apps"])
