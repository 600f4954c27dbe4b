"""Invalid forms: their page again, with the reason and everything that was typed."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import litestar

from twite_common.errors import Conflict, Invalid, Kept, NotAllowed, NotAuthenticated, TooMany, TwiteError, Unavailable
from twite_web import errors
from twite_web.site import templating
from twite_web.site.access import Visit
from twite_web.types import Request, Response

Parameters = ParamSpec("Parameters")
Answer = Callable[Parameters, Response]
FormPage = Callable[..., Response]
SHOWN = (Conflict, Invalid, Kept, NotAllowed, NotAuthenticated, TooMany, Unavailable)


class Problems(dict[str, str]):
    """Sentences by field; templates may ask for any field."""

    def __missing__(self, field: str) -> str:
        return ""


def shown_again(form_page: FormPage, *further: type[TwiteError]) -> Callable[[Answer[Parameters]], Answer[Parameters]]:
    """Return a decorator for the handler of a form: where it fails, `form_page` answers, given the error besides.

    `further` are kinds of failure that are about what was typed too, such as a NotFound.
    """
    error_types: tuple[type[TwiteError], ...] = (*SHOWN, *further)

    def decorate(handler: Answer[Parameters]) -> Answer[Parameters]:
        @wraps(handler)
        def handle(*args: Parameters.args, **parameters: Parameters.kwargs) -> Response:
            try:
                return handler(*args, **parameters)
            except error_types as error:
                return form_page(*args, **parameters, error=error)

        return handle

    return decorate


def page(
    request: Request,
    template: str,
    visit: Visit,
    *,
    values: Any,
    error: TwiteError | None = None,
    **content: Any,
) -> litestar.Response[bytes]:
    """Return a form's page: empty, filled in by us, or with what was typed and what is wrong with it."""
    status, headers = _status(error)
    problems = messages(error)
    return templating.page(
        request, template, visit, status=status, form=True, headers=headers, values=values, problems=problems, **content
    )


def messages(error: TwiteError | None) -> Problems:
    """Return what is wrong with each field, by its name; what is wrong with the whole is under the empty name."""
    if error is None:
        return Problems()
    if isinstance(error, Invalid) and error.details:
        return Problems(
            {field: " ".join(sentence for _, sentence in problems) for field, problems in error.details.items()}
        )
    return Problems({"": str(error)})


def _status(error: TwiteError | None) -> tuple[int, dict[str, str]]:
    """Return the status of a form's page. 401 would have to name a way to authenticate (RFC 9110), a form is none."""
    if error is None:
        return 200, {}
    status, _ = errors.status_and_sentence(error)
    return (422, {}) if status == 401 else (status, errors.headers(error, status))
