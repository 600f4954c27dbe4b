"""Finding people, hashtags and posts, and the directory of people who want to be found."""

from urllib.parse import quote, urlencode

from litestar import Router, get
from litestar.params import FromQuery

from twite_common import text
from twite_common.queries.accounts import accounts
from twite_common.queries.paging import Page
from twite_common.queries.timelines import search as queries
from twite_common.queries.timelines import search_terms, tags
from twite_common.queries.timelines.search import Bounds
from twite_common.queries.timelines.timelines import Entry
from twite_web.site import paging, templating
from twite_web.site.access import Visit, reading
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

FOUND = 20
LISTED = 40
MAX_SKIPPED = accounts.MAX_LISTED


@get("/search", sync_to_thread=True)
def search(request: Request, q: FromQuery[str] = "", max_id: FromQuery[str] = "") -> Response:
    """Show the accounts and hashtags that begin with what is looked for, and to members the posts that are about it."""
    query = q.strip()[: search_terms.MAX_LENGTH]
    part = paging.page(max_id, "")
    key = text.hashtag_key(query.removeprefix("#"))
    with reading(request) as visit:
        account_ids = accounts.search(visit.db, query, limit=FOUND, viewer_id=visit.viewer_id) if query else []
        wants_tag = text.is_hashtag(key)
        hashtags = tags.search(visit.db, key, viewer_id=visit.viewer_id, limit=FOUND) if wants_tag else []
        account_views = account_view_models.accounts(visit, account_ids)
        entries = _posts(visit, query, part)
        posts = post_view_models.posts_of(visit, entries)
    full = len(entries) == part.limit
    older = f"/search?{urlencode({'q': query, 'max_id': entries[-1].cursor})}" if full else None
    return templating.page(
        request,
        "timelines/search.html",
        visit,
        wanted=query,
        here=quote(f"/search?{urlencode({'q': query})}"),
        accounts=account_views,
        posts=posts,
        older=older,
        tags=[{"name": tag.name, "path": f"/tags/{tag.name_key}"} for tag in hashtags],
    )


def _posts(visit: Visit, query: str, part: Page) -> list[Entry]:
    terms = search_terms.parse(query)
    if terms is None or visit.viewer is None:
        return []
    return queries.posts(visit.db, terms, Bounds(part), viewer_id=visit.account_id)


@get("/directory", sync_to_thread=True)
def directory(request: Request, order: FromQuery[str] = "active", skip: FromQuery[int] = 0) -> Response:
    """Show the people who want to be listed, by their last post or by when they came."""
    newest = order == "new"
    offset = min(max(skip, 0), MAX_SKIPPED)
    with reading(request) as visit:
        account_ids = accounts.directory(
            visit.db, newest=newest, limit=LISTED, offset=offset, viewer_id=visit.viewer_id
        )
        account_views = account_view_models.accounts(visit, account_ids)
    full = len(account_ids) == LISTED and offset + LISTED < MAX_SKIPPED
    more = f"/directory?order={'new' if newest else 'active'}&skip={offset + LISTED}" if full else None
    return templating.page(request, "accounts/directory.html", visit, accounts=account_views, newest=newest, more=more)


router = Router("/", route_handlers=[search, directory])
