"""What keeps floods of sign-ups out: the question for those without script, and the list of disposable addresses."""

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromQuery, JSONBody

from twite_common import clock
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.moderation import disposable_domains as domain_queries
from twite_common.queries.moderation import sign_up_questions as question_queries
from twite_common.services.moderation import disposable_domains, sign_up_questions
from twite_common.translations import gettext as _
from twite_web.core import core
from twite_web.middleware.bodies import MAX_WITH_PICTURES_BYTES
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import reading, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response

PATH = "/admin/sign-ups"
LISTED = 50


class SignUpsForm(msgspec.Struct, frozen=True, kw_only=True):
    """A question with its answers; domains to be listed, typed or in a file; one to be removed; where a list begins."""

    question: str = ""
    answers: str = ""
    domains: str = ""
    file: UploadFile | None = None
    domain: str = ""
    q: str = ""


def sign_ups_page(request: Request, data: SignUpsForm, *, error: TwiteError | None = None) -> Response:
    """Return the question and the list, and the forms to change them."""
    with reading_as_staff(request, disposable_domains.PERMISSION) as visit:
        question = question_queries.get(visit.db)
        if question is not None and error is None:
            data = msgspec.structs.replace(data, question=question.question, answers=question.answers)
        return form_errors.page(
            request,
            "moderation/sign_ups.html",
            visit,
            values=data,
            error=error,
            count=domain_queries.count(visit.db),
            domains=domain_queries.listed(visit.db, first=data.q.strip().lower(), limit=LISTED),
        )


@get(PATH, sync_to_thread=True)
def show(request: Request, q: FromQuery[str] = "") -> Response:
    """Show the question and the list, from the domain on that begins as `q` says."""
    return sign_ups_page(request, SignUpsForm(q=q))


@post(f"{PATH}/question", sync_to_thread=True)
@shown_again(sign_ups_page)
def change_question(request: Request, data: JSONBody[SignUpsForm]) -> Response:
    """Have people asked a question, or none."""
    with writing(request) as visit:
        sign_up_questions.change(
            visit.db, now=visit.now, viewer=visit.member, question=data.question, answers=data.answers
        )
    return redirects.see(request, PATH, "saved")


@post(
    f"{PATH}/domains",
    opt={"permission": disposable_domains.PERMISSION},
    request_max_body_size=MAX_WITH_PICTURES_BYTES,
    sync_to_thread=True,
)
@shown_again(sign_ups_page)
def add_domains(request: Request, data: JSONBody[SignUpsForm]) -> Response:
    """Add the domains that were typed, and those of a text file."""
    with reading(request, page=False) as visit:
        viewer = visit.member
    lines = f"{data.domains}\n{_text(data.file)}"
    disposable_domains.add_lines(core(request).database, now=clock.now(), viewer=viewer, lines=lines)
    return redirects.see(request, PATH, "saved")


@post(f"{PATH}/domains/remove", sync_to_thread=True)
@shown_again(sign_ups_page, NotFound)
def remove_domain(request: Request, data: JSONBody[SignUpsForm]) -> Response:
    """Take a domain off the list."""
    with writing(request) as visit:
        disposable_domains.remove(visit.db, now=visit.now, viewer=visit.member, domain=data.domain)
    return redirects.see(request, PATH, "saved")


@post(f"{PATH}/domains/remove-all", sync_to_thread=True)
def remove_all_domains(request: Request) -> Response:
    """Empty the list."""
    with writing(request) as visit:
        disposable_domains.remove_all(visit.db, now=visit.now, viewer=visit.member)
    return redirects.see(request, PATH, "saved")


def _text(upload: UploadFile | None) -> str:
    if upload is None:
        return ""
    try:
        return upload.file.read().decode()
    except UnicodeDecodeError as error:
        sentence = _("The file isn't a text in UTF-8.")
        raise Invalid(sentence, {"file": [("ERR_INVALID", sentence)]}) from error


router = Router("/", route_handlers=[show, change_question, add_domains, remove_domain, remove_all_domains])
