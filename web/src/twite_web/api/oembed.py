"""A post's content for other sites that show it inside their own pages (oEmbed 1.0): /api/oembed."""

import re
from typing import Any

from litestar import Request, Router, get
from litestar.params import FromQuery
from markupsafe import Markup

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries import accounts as account_queries
from twite_common.queries import posts as queries
from twite_common.queries.posts import Post
from twite_web.api.access import Access, anyone, reading
from twite_web.api.entities import Entity
from twite_web.api.records import NOT_FOUND

POST_PATH = re.compile(r"/@[A-Za-z0-9_]+/(\d{1,19})/?")
USUAL_WIDTH = 400
KEPT_SECONDS = 86_400
QUOTED = Markup(
    '<blockquote cite="{address}">{content}<p><a href="{address}">{name} (@{username})</a></p></blockquote>'
)


class Embedding(Entity, frozen=True, kw_only=True, gc=False):
    """How another site shows a post; sizes are in pixels."""

    type: str
    version: str
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int
    html: str
    width: int
    height: int | None


@get("/api/oembed", opt=anyone(), sync_to_thread=True)
def oembed(request: Request[Any, Any, Any], url: FromQuery[str], maxwidth: FromQuery[int] = USUAL_WIDTH) -> Embedding:
    """Return how another site shows a public post, given its address."""
    with reading(request) as access:
        found = _public(access, url)
        author = account_queries.load(access.db, [found.account_id])[found.account_id]
        addresses, settings = access.core.addresses, access.core.settings
        shown = found.spoiler_text or found.text
        address = addresses.post(author.username, found.id)
        name = author.display_name or author.username
        content = Markup(access.core.texts.html(shown))  # noqa: S704 - made by twite_common.text
        return Embedding(
            type="rich",
            version="1.0",
            title=f"{name}: {shown}",
            author_name=name,
            author_url=addresses.profile(author.username),
            provider_name=settings.domain,
            provider_url=addresses.base,
            cache_age=KEPT_SECONDS,
            html=QUOTED.format(address=address, content=content, name=name, username=author.username),
            width=max(min(maxwidth, USUAL_WIDTH), 1),
            height=None,
        )


def _public(access: Access, url: str) -> Post:
    match = POST_PATH.fullmatch(url.removeprefix(access.core.addresses.base))
    post_id = ids.parse(match[1]) if match else None
    found = queries.get(access.db, post_id, viewer_id=None, now=access.now) if post_id is not None else None
    if found is None or found.boost_of_id is not None:
        raise NotFound(NOT_FOUND)
    return found


router = Router("/", route_handlers=[oembed], tags=["discovery"])
