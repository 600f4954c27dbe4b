"""Which language a reader is answered in: a member's own, or that which a request asks for.

`Readers` has all of a request run in the language that the request asks for, and handlers' threads with it. Who is a
member is known once their session or token is read; `of_member` is told then, and the rest goes on in theirs.
"""

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from babel.core import negotiate_locale
from litestar.types import ASGIApp, Receive, Scope, Send
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from twite_common import translations
from twite_common.settings import Settings
from twite_web import cookies
from twite_web.core import core
from twite_web.middleware.security import is_api
from twite_web.types import Request, as_dict

PARAMETER = "lang"
MAX_WISHES_LENGTH = 256
"""Characters of an Accept-Language; browsers send some thirty."""
_ASKED, _CHOSEN = "twite_asked_language", "twite_language"
"""Where a request's scope holds what its address asks for, if anything, and what was chosen."""


class Readers:
    """ASGI middleware that sets the language of each request."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._default = default(settings)
        self._cookies = cookies.session_name(settings), cookies.language_name(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection (ASGI 3.0)."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        held = as_dict(scope)
        held[_ASKED] = asked(held["query_string"])
        held[_CHOSEN] = held[_ASKED] or self._kept(held) or accepted(_header(held, b"accept-language")) or self._default
        with translations.using(held[_CHOSEN]):
            await self._app(scope, receive, send)

    def _kept(self, scope: dict[str, Any]) -> str | None:
        """Return what a stranger chose before."""
        session, language = self._cookies
        sent = _header(scope, b"cookie")
        if language not in sent:
            return None
        values = parse_cookie(sent)
        return _best([values.get(language, "")]) if session not in values else None


def default(settings: Settings) -> str:
    """Return the language for whoever asks for none that there are texts in: the site's, or that of the source."""
    return _best([*settings.languages[:1]]) or translations.SOURCE_LANGUAGE


def asked(query: bytes) -> str | None:
    """Return the language that an address asks for, if there are texts in it."""
    if b"lang=" not in query:
        return None
    values = parse_qs(query.decode("latin-1"), max_num_fields=1000).get(PARAMETER, [])
    return _best(values[:1])


def accepted(header: str) -> str | None:
    """Return the language that suits an Accept-Language (RFC 9110, section 12.5.4) best, if any does."""
    return _accepted(header, translations.languages()) if 0 < len(header) <= MAX_WISHES_LENGTH else None


def of_member(request: Request, locale: str | None) -> None:
    """Go on in the language of the member who sent a request, unless a page's address asks for another."""
    scope = as_dict(request.scope)
    if locale not in translations.languages() or (scope.get(_ASKED) and not is_api(scope["path"])):
        return
    scope[_CHOSEN] = locale
    translations.switch(str(locale))


def to_keep(request: Request) -> str | None:
    """Return the language that whoever signs up reads in, for their mails; None where it is the site's anyway."""
    chosen = of_request(request)
    return chosen if chosen != default(core(request).settings) else None


def known(code: str) -> str | None:
    """Return the language of the texts that suits a code such as de-AT, if any does."""
    return _best([code])


def of_request(request: Request) -> str:
    """Return the language of a request, in which its failure is told, too."""
    chosen: str = as_dict(request.scope).get(_CHOSEN, translations.language())
    return chosen


@lru_cache(256)
def _accepted(header: str, _languages: tuple[str, ...]) -> str | None:
    wishes = parse_accept_header(header, LanguageAccept)
    return _best([code for code, quality in wishes if quality > 0])


def _best(codes: list[str]) -> str | None:
    return negotiate_locale([code.replace("_", "-") for code in codes], translations.languages(), sep="-")


def _header(scope: dict[str, Any], name: bytes) -> str:
    values = [value for present, value in scope["headers"] if present == name]
    return (b"; " if name == b"cookie" else b",").join(values).decode("latin-1")
