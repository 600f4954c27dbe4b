"""Where a visitor goes after a form: always a page of this site, loaded with GET."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from litestar.datastructures import Cookie
from litestar.response import Redirect

from twite_web import cache_control, cookies
from twite_web.core import core
from twite_web.site import flash_messages, parts
from twite_web.types import Request

LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
MAX_LENGTH = 2000


def local(path: str, default: str = "/") -> str:
    """Return a path that came with a request, or the default where it could lead to another site."""
    return path if len(path) <= MAX_LENGTH and LOCAL.fullmatch(path) else default


def see(
    request: Request,
    path: str,
    notice: str | None = None,
    *,
    cookies: Sequence[Cookie] = (),
    session_secret: str | None = None,
) -> Redirect:
    """Send the visitor on to a page (303), where a notice may be shown; `session_secret` is theirs from now on."""
    if notice is not None:
        path = flash_messages.address(request, path, notice, session_secret=session_secret)
    return Redirect(path, status_code=303, cookies=cookies)


def logged_out(request: Request, notice: str, *, path: str = "/") -> Redirect:
    """Send somebody whose session is over to what strangers see, with nothing of theirs left in the browser."""
    no_session = cookies.no_session(core(request).settings)
    redirect = see(request, path, notice, cookies=[no_session], session_secret="")
    # What the browser has kept to be read without a network, and its subscription to notifications.
    redirect.headers["Clear-Site-Data"] = '"storage"'
    return redirect


def moved(request: Request, path: str) -> Redirect:
    """Send whoever came by another address to the one that a page is known by (301), with their query."""
    query = request.scope["query_string"].decode("latin-1")
    to = local(path) + (f"?{query}" if query else "")
    return Redirect(to, status_code=301, headers={"Cache-Control": cache_control.HOUR})


class BackForm(msgspec.Struct, frozen=True, kw_only=True):
    """A button beside something in a list; `back` is the page that has it."""

    back: str = ""


def to_post(request: Request, data: BackForm, post_id: str, notice: str | None = None) -> Redirect:
    """Send the visitor back to the post whose button they pressed; a script that asks for a part, to the post alone."""
    if parts.wanted(request):
        return see(request, f"/posts/{post_id}?{urlencode({'back': local(data.back)})}")
    return see(request, f"{local(data.back).partition('#')[0]}#post-{post_id}", notice)


def to_account(request: Request, back: str, account_id: int, notice: str) -> Redirect:
    """Send the visitor back to the page whose button they pressed; a script, to the account alone."""
    if parts.wanted(request):
        return see(request, f"/accounts/{account_id}?{urlencode({'back': back})}")
    return see(request, back, notice)
