"""Polls: /api/v1/polls/… A poll has its post's id."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from twite_common.errors import NotFound
from twite_common.services.posts import polls
from twite_common.translations import gettext as _
from twite_web.api.access import Access, anyone, reading, user, writing
from twite_web.api.path_params import NOT_FOUND, record_id
from twite_web.api.schemas.posts import Poll
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request


class Vote(msgspec.Struct):
    """The places of the chosen options, from 0."""

    choices: list[int] = []


@get("/{poll_id:str}", opt=anyone("read:statuses"), sync_to_thread=True)
def one(request: Request, poll_id: FromPath[str]) -> Poll:
    """Return a poll, if the viewer may see its post."""
    with reading(request) as access:
        return _poll(access, record_id(poll_id))


@post("/{poll_id:str}/votes", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def vote(request: Request, poll_id: FromPath[str], data: JSONBody[Vote]) -> Poll:
    """Vote in a poll, once."""
    post_id = record_id(poll_id)
    with writing(request) as access:
        polls.vote(access.db, now=access.now, account_id=access.account_id, post_id=post_id, choices=data.choices)
    with access.reading() as access:
        return _poll(access, post_id)


def _poll(access: Access, post_id: int) -> Poll:
    status = post_serializers.status(access, post_id)
    if status is None or status.poll is None:
        raise NotFound(_(NOT_FOUND))
    return status.poll


router = Router("/polls", route_handlers=[one, vote], tags=["polls"])
