"""Posts embedded in other sites' pages (oEmbed 1.0): /api/oembed."""

from litestar import get
from litestar.params import FromQuery
from markupsafe import Markup

from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.posts import posts as queries
from twite_common.queries.posts.posts import Post
from twite_common.translations import gettext as _
from twite_web.api.access import Access, anyone, reading
from twite_web.api.path_params import NOT_FOUND
from twite_web.api.schemas import Entity
from twite_web.routing import Router
from twite_web.types import Request

WIDTH, HEIGHT = 400, 400
LARGEST = 4000
MAX_AGE_SECONDS = 86_400
FRAME = Markup(
    '<iframe src="{address}" title="{title}" width="{width}" height="{height}" style="max-width: 100%; border: 0" '
    'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" loading="lazy"></iframe>'
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
    height: int


@get("/api/oembed", opt=anyone(), sync_to_thread=True)
def oembed(
    request: Request,
    url: FromQuery[str] = "",
    maxwidth: FromQuery[int] = WIDTH,
    maxheight: FromQuery[int] = HEIGHT,
) -> Embedding:
    """Return HTML to embed a public post in another site, given the post's URL."""
    with reading(request) as access:
        post = _public(access, url)
        author = account_queries.load(access.db, [post.account_id])[post.account_id]
        addresses, settings = access.core.addresses, access.core.settings
        name = author.display_name or author.username
        title = f"{name}: {post.spoiler_text or post.text}"
        width, height = (max(min(size, LARGEST), 1) for size in (maxwidth, maxheight))
        return Embedding(
            type="rich",
            version="1.0",
            title=title,
            author_name=name,
            author_url=addresses.profile(author.username),
            provider_name=settings.domain,
            provider_url=addresses.base,
            cache_age=MAX_AGE_SECONDS,
            html=FRAME.format(
                address=addresses.embedded(author.username, post.id), title=title, width=width, height=height
            ),
            width=width,
            height=height,
        )


def _public(access: Access, url: str) -> Post:
    post_id = access.core.addresses.post_id(url)
    post = queries.get(access.db, post_id, viewer_id=None, now=access.now) if post_id is not None else None
    if post is None or post.boost_of_id is not None:
        raise NotFound(_(NOT_FOUND))
    return post


router = Router("/", route_handlers=[oembed], tags=["discovery"])
