"""Quotes of posts: /api/v1/statuses/:id/quotes and …/interaction_policy."""

import msgspec
from litestar import Response, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from twite_common.errors import NotFound
from twite_common.queries.posts import posts
from twite_common.queries.timelines import timelines
from twite_common.services.posts import quotes
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import reading, user, writing
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id, status
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request


class Policy(msgspec.Struct):
    """Who may quote a post: public, followers or nobody."""

    quote_approval_policy: str = ""


@get("/{status_id:str}/quotes", opt=user("read:statuses"), sync_to_thread=True)
def several(
    request: Request, status_id: FromPath[str], page_request: NamedDependency[PageRequest]
) -> Response[list[Status]]:
    """Return the posts that quote a post, if the viewer may see them."""
    page = page_request.page(paging.STATUSES)
    post_id = record_id(status_id)
    with reading(request) as access:
        if posts.get(access.db, post_id, viewer_id=access.viewer_id) is None:
            raise NotFound(_(NOT_FOUND))
        entries = timelines.quotes(access.db, post_id, page, viewer_id=access.account_id, now=access.now)
        statuses = post_serializers.statuses_of(access, entries)
    return Response(statuses, headers=link(request, [entry.cursor for entry in entries], page.limit))


@post(
    "/{status_id:str}/quotes/{quoting_id:str}/revoke", status_code=200, opt=user("write:statuses"), sync_to_thread=True
)
def revoke(request: Request, status_id: FromPath[str], quoting_id: FromPath[str]) -> Status:
    """Remove the user's post from a post that quotes it."""
    quoting = record_id(quoting_id)
    with writing(request) as access:
        quotes.revoke(
            access.db,
            now=access.now,
            account_id=access.account_id,
            post_id=record_id(status_id),
            quoting_id=quoting,
        )
    with access.reading() as access:
        return status(access, quoting)


@route(
    "/{status_id:str}/interaction_policy",
    http_method=["PUT", "PATCH"],
    opt=user("write:statuses"),
    sync_to_thread=True,
)
def set_policy(request: Request, status_id: FromPath[str], data: JSONBody[Policy]) -> Status:
    """Choose who may quote one of the user's posts; this doesn't count as an edit."""
    post_id = record_id(status_id)
    with writing(request) as access:
        quotes.set_policy(access.db, account_id=access.account_id, post_id=post_id, policy=data.quote_approval_policy)
    with access.reading() as access:
        return status(access, post_id)


router = Router(
    "/statuses",
    route_handlers=[several, revoke, set_policy],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["statuses"],
)
