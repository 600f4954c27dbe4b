"""Finding people, hashtags and posts, and the directory of people who want to be found."""

from urllib.parse import quote, urlencode

from litestar import Router, get
from litestar.params import FromQuery

from twite_common import search_terms, text
from twite_common.queries.accounts import accounts
from twite_common.queries.paging import Page
from twite_common.queries.timelines import search as queries
from twite_common.queries.timelines import tags
from twite_common.queries.timelines.search import Bounds
from twite_common.queries.timelines.timelines import Entry
from twite_web.site import paging, templating, view_models
from twite_web.site.access import Visit, reading
from twite_web.types import Request, Response

FOUND = 20
LISTED = 40
MAX_SKIPPED = accounts.MAX_LISTED


@get("/search", sync_to_thread=True)
def search(request: Request, q: FromQuery[str] = "", max_id: FromQuery[str] = "") -> Response:
    """Show the accounts and hashtags that begin with what is looked for, and to members the posts that are about it."""
    wanted = q.strip()[: search_terms.MAX_LENGTH]
    part = paging.page(max_id, "")
    key = text.hashtag_key(wanted.removeprefix("#"))
    with reading(request) as visit:
        people = accounts.search(visit.db, wanted, limit=FOUND, viewer_id=visit.viewer_id) if wanted else []
        wants_tag = text.is_hashtag(key)
        hashtags = tags.search(visit.db, key, viewer_id=visit.viewer_id, limit=FOUND) if wants_tag else []
        shown = view_models.accounts(visit, people)
        entries = _posts(visit, wanted, part)
        posts = view_models.posts_of(visit, entries)
    full = len(entries) == part.limit
    older = f"/search?{urlencode({'q': wanted, 'max_id': entries[-1].cursor})}" if full else None
    return templating.page(
        request,
        "timelines/search.html",
        visit,
        wanted=wanted,
        here=quote(f"/search?{urlencode({'q': wanted})}"),
        accounts=shown,
        posts=posts,
        older=older,
        tags=[{"name": one.name, "path": f"/tags/{one.name_key}"} for one in hashtags],
    )


def _posts(visit: Visit, wanted: str, part: Page) -> list[Entry]:
    terms = search_terms.parse(wanted)
    if terms is None or visit.viewer is None:
        return []
    return queries.posts(visit.db, terms, Bounds(part), viewer_id=visit.account_id)


@get("/directory", sync_to_thread=True)
def directory(request: Request, order: FromQuery[str] = "active", skip: FromQuery[int] = 0) -> Response:
    """Show the people who want to be listed, by their last post or by when they came."""
    newest = order == "new"
    offset = min(max(skip, 0), MAX_SKIPPED)
    with reading(request) as visit:
        found = accounts.directory(visit.db, newest=newest, limit=LISTED, offset=offset, viewer_id=visit.viewer_id)
        shown = view_models.accounts(visit, found)
    full = len(found) == LISTED and offset + LISTED < MAX_SKIPPED
    more = f"/directory?order={'new' if newest else 'active'}&skip={offset + LISTED}" if full else None
    return templating.page(request, "accounts/directory.html", visit, accounts=shown, newest=newest, more=more)


router = Router("/", route_handlers=[search, directory])
