"""Failures as pages."""

from urllib.parse import quote

from litestar.response import Redirect

from twite_common.acting import ActingRefused
from twite_web import acting, cookies, errors
from twite_web.site import redirects, templating
from twite_web.site.access import LoginNeeded
from twite_web.types import Request, Response


def as_page(request: Request, error: Exception) -> Response:
    """Answer a person: send strangers to log in where that is what's missing, else say what went wrong."""
    if isinstance(error, errors.Moved):
        return redirects.moved(request, error.path)
    if isinstance(error, LoginNeeded):
        return Redirect(f"/login?next={quote(_back(request))}", status_code=303)
    status, sentence = errors.status_and_sentence(error)
    if isinstance(error, ActingRefused):
        return _refused(request, status, sentence)
    errors.record(request, error, status)
    headers = errors.headers(error, status)
    return templating.render(
        request,
        "error.html",
        status=status,
        headers=headers,
        sentence=sentence,
        code=status,
        # A page can be asked for again; of a form nobody knows whether it should be.
        again=_back(request) if request.method == "GET" else None,
        # Who it is isn't looked up here: the database may be what failed.
        has_session=cookies.session_secret(request) is not None,
    )


def _refused(request: Request, status: int, sentence: str) -> Response:
    """Tell somebody that they can't do this while they act for another account, and offer the way back."""
    return templating.render(
        request,
        "identity/acting_refused.html",
        status=status,
        form=True,
        has_session=True,
        sentence=sentence,
        member_name=by.member_name if (by := acting.by(request)) is not None else "",
    )


def _back(request: Request) -> str:
    """Return the page to come back to: the one asked for, or the one whose form was sent."""
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return request.scope["path"] + (f"?{query}" if query else "")
    return "/"
