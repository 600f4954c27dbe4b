"""The visitor's authorized applications, and tokens for their scripts."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.errors import Invalid, TwiteError
from twite_common.queries.identity import tokens as token_queries
from twite_common.queries.identity.tokens import AccountToken
from twite_common.services.identity import grants, sessions, tokens
from twite_common.translations import gettext as _
from twite_web.oauth import consent_texts
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import id_in, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.view_models import memberships as membership_views
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/applications"


class TokenForm(msgspec.Struct, frozen=True, kw_only=True):
    """A token for a script: what it is called and what it may do, and for which account if not for one's own."""

    name: str = ""
    read: bool = False
    write: bool = False
    follow: bool = False
    push: bool = False
    membership: str = ""

    @property
    def scopes(self) -> str:
        """The scopes that were ticked, separated by spaces."""
        return " ".join(scope for scope in ("read", "write", "follow", "push") if getattr(self, scope))


class Connected(msgspec.Struct, frozen=True):
    """An application that has a token, or a token for scripts; `id` is the application's or the token's.

    `acts_for` names the account that a token acts for, if that isn't the visitor's.
    """

    id: int
    name: str
    website: str | None
    sentences: list[str]
    since: str
    acts_for: str = ""


def applications_page(
    request: Request, data: TokenForm, *, error: TwiteError | None = None, new_token: str = ""
) -> Response:
    """Return all that may act for the visitor, the form for a token, and one that was just made."""
    with reading(request) as visit:
        account_tokens = token_queries.of_account(visit.db, visit.account_id, now=visit.now)
        return form_errors.page(
            request,
            "identity/applications.html",
            visit,
            values=data,
            error=error,
            made=new_token,
            applications=_applications(account_tokens),
            tokens=[
                _connected(token.id, token.scopes, token) for token in account_tokens if token.application_id is None
            ],
            accounts=membership_views.choice(visit),
            offered={scope: _(consent_texts.SENTENCES[scope]) for scope in ("read", "write", "follow", "push")},
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show what may act for the visitor."""
    return applications_page(request, TokenForm(read=True))


@post(f"{PAGE}/tokens", status_code=200, sync_to_thread=True)
@shown_again(applications_page)
def create(request: Request, data: JSONBody[TokenForm]) -> Response:
    """Make a token and show it, this once: it isn't kept, so no other page could."""
    with writing(request) as visit:
        account_id = visit.account_id
        if not data.scopes:
            raise Invalid(_("Please choose what the token may do."))
        sessions.keep(visit.db, session_id=visit.session_id)
        token = tokens.create_own(
            visit.db,
            now=visit.now,
            account_id=account_id,
            name=data.name,
            scopes=data.scopes,
            membership_id=id_in(data.membership) if data.membership else None,
        )
    return applications_page(request, TokenForm(read=True), new_token=token)


@post(f"{PAGE}/tokens/{{token_id:str}}/end", sync_to_thread=True)
def end_token(request: Request, token_id: FromPath[str]) -> Response:
    """End a token."""
    with writing(request) as visit:
        tokens.revoke_own(visit.db, now=visit.now, account_id=visit.account_id, token_id=id_in(token_id))
    return redirects.see(request, PAGE, "token_ended")


@post(f"{PAGE}/{{application_id:str}}/end", sync_to_thread=True)
def end_application(request: Request, application_id: FromPath[str]) -> Response:
    """End all that an application may do for the visitor."""
    with writing(request) as visit:
        grants.revoke_access(visit.db, now=visit.now, account_id=visit.account_id, application_id=id_in(application_id))
    return redirects.see(request, PAGE, "application_ended")


def _applications(account_tokens: list[AccountToken]) -> list[Connected]:
    """Return each application once, with all that its tokens allow; the one let in last comes first."""
    scopes: dict[int, list[str]] = {}
    first: dict[int, AccountToken] = {}
    for token in account_tokens:
        if token.application_id is not None:
            scopes.setdefault(token.application_id, []).extend(token.scopes.split())
            first.setdefault(token.application_id, token)
    return [_connected(id, " ".join(dict.fromkeys(scopes[id])), token) for id, token in first.items()]


def _connected(id: int, scopes: str, token: AccountToken) -> Connected:
    since = times.day(ids.created_at(token.id))
    sentences = consent_texts.sentences(scopes)
    return Connected(id, token.name, token.website, sentences, since, token.acts_for or "")


router = Router("/", route_handlers=[show, create, end_token, end_application])
