"""The field for a reply on a post's page; everything else that a reply can have is in the form for posts."""

import re

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from twite_common.errors import NotFound
from twite_web.routing import Router
from twite_web.site.access import LoginNeeded, id_in, reading
from twite_web.site.draft_forms import DraftForm
from twite_web.site.form_errors import SHOWN
from twite_web.site.posts.composing import compose_page, publish_form, reply_form
from twite_web.site.redirects import BackForm
from twite_web.types import Request, Response

NAME = re.compile(r"@\w+")


class ReplyForm(BackForm, frozen=True, kw_only=True):
    """A reply as it is typed, without the names of those whom it answers; `step` "more" asks for the whole form."""

    text: str = ""
    key: str = ""
    step: str = ""


@post("/posts/{post_id:str}/reply", sync_to_thread=True)
def reply(request: Request, data: JSONBody[ReplyForm], post_id: FromPath[str]) -> Response:
    """Publish a reply that names whom it answers, or show the form for posts with what was typed."""
    form = DraftForm(text=data.text, in_reply_to_id=post_id, key=data.key, back=data.back)
    try:
        with reading(request, page=False) as visit:
            visit.require_login()
            begun = reply_form(visit, id_in(post_id))
        text = addressed(begun.text.split(), data.text)
        form = msgspec.structs.replace(begun, text=text, key=data.key or begun.key, back=data.back)
        return compose_page(request, form) if data.step == "more" else publish_form(request, form)
    except (*SHOWN, NotFound, LoginNeeded) as error:
        return compose_page(request, form, error=error)


def addressed(names: list[str], text: str) -> str:
    """Return a text with those names in front that it doesn't have."""
    named = {name.lower() for name in NAME.findall(text)}
    return " ".join([*(name for name in names if name.lower() not in named), text])


router = Router("/", route_handlers=[reply])
