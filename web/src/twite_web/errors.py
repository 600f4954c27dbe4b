"""The one place where failures become responses: a page for people, `{"error": …}` for applications."""

import logging
import re
from typing import Any

from litestar import MediaType, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from twite_common.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooMany,
    TwiteError,
    Unavailable,
)
from twite_common.services.posts.held_posts import HeldForReview
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.types import Request

log = logging.getLogger(__name__)

_DESCRIPTION = re.compile(r"[ !#-\[\]-~]*")
"""What a header can say of an error (RFC 6750, section 3): many languages need other characters."""
_MISSING = re.compile(r"Missing required query parameter '([^']*)'")

STATUS: dict[type[TwiteError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    NotAuthenticated: 401,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
}

NO_SUCH_ADDRESS = marked("This page doesn't exist.")
SENTENCES = {
    400: marked("The request can't be understood."),
    404: NO_SUCH_ADDRESS,
    405: marked("This address doesn't accept such requests."),
    413: marked("The request is too large."),
    500: marked("Something went wrong on our side. The error has been logged."),
}


THEIR_FIELDS = {"bio": "note"}
"""Fields that the client API calls otherwise than we do."""


class Failure(TwiteError):
    """A failure whose status isn't that of its kind, as the client API has some.

    `body` has the answer's further members.
    """

    def __init__(self, status: int, message: str, **body: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class Moved(TwiteError):
    """What is asked for has another address; `path` is the one that it is known by."""

    def __init__(self, path: str) -> None:
        super().__init__(f"This is at {path}.")
        self.path = path


def status_and_sentence(error: Exception) -> tuple[int, str]:
    """Return the status of an answer to a failure, and what it says. What isn't expected is a bug: 500."""
    if isinstance(error, Failure):
        return error.status, str(error)
    if isinstance(error, TwiteError):
        return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422), str(error)
    if isinstance(error, ValidationException):
        missing = _MISSING.match(error.detail)
        if missing:
            return 400, _("param is missing or the value is empty: %(name)s", name=missing[1])
        return 422, _what_is_wrong(error)
    if isinstance(error, NotFoundException | MethodNotAllowedException):
        return error.status_code, _(SENTENCES[error.status_code])
    if isinstance(error, ClientException | HTTPException) and error.status_code < 500:
        sentence = SENTENCES.get(error.status_code)
        return error.status_code, _(sentence) if sentence else error.detail
    return 500, _(SENTENCES[500])


def headers(error: Exception, status: int) -> dict[str, str]:
    """Return the headers that belong to an answer to a failure."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after_seconds)}
    if status == 401:
        description = f', error_description="{error}"' if _DESCRIPTION.fullmatch(str(error)) else ""
        return {"WWW-Authenticate": f'Bearer realm="Twite", error="invalid_token"{description}'}
    if status == 503:
        return {"Retry-After": "5"}
    return {}


def as_json(request: Request, error: Exception) -> Response[dict[str, Any]]:
    """Answer an application."""
    status, sentence = status_and_sentence(error)
    record(request, error, status)
    if isinstance(error, NotFoundException):
        sentence = _("Not Found")
    body: dict[str, Any] = {"error": sentence}
    if isinstance(error, Failure):
        body |= error.body
    if isinstance(error, HeldForReview):
        body["held_for_review"] = True
    if isinstance(error, Invalid) and error.details:
        body["details"] = {
            THEIR_FIELDS.get(field, field): [{"error": code, "description": text} for code, text in problems]
            for field, problems in error.details.items()
        }
    return Response(body, status_code=status, headers=headers(error, status), media_type=MediaType.JSON)


def record(request: Request, error: Exception, status: int) -> None:
    """Log a failure that is ours, with its traceback but nothing of what was sent: a path may hold a link's token."""
    if status >= 500:
        fields = {"method": request.method, "route": request.scope.get("path_template"), "status": status}
        log.error("request_failed %s", fields, exc_info=error if status == 500 else None)


def _what_is_wrong(error: ValidationException) -> str:
    """Return one sentence that names each parameter and what is expected of it."""
    items = [item for item in error.extra if isinstance(item, dict)] if isinstance(error.extra, list) else []
    messages = [f"{item.get('key', 'body')}: {item.get('message', '')}" for item in items]
    return _("Validation failed: %(problems)s", problems="; ".join(messages) or error.detail)
