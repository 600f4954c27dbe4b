"""Finding people, hashtags and posts, and the directory of people who want to be found."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from litestar import get
from litestar.params import FromQuery

from twite_common import text
from twite_common.queries.accounts import accounts, search_reasons, search_suggestions
from twite_common.queries.paging import Page
from twite_common.queries.timelines import recent_searches, search_terms, tags, trends
from twite_common.queries.timelines import search as queries
from twite_common.queries.timelines.search import Bounds
from twite_common.queries.timelines.search_operators import OPERATORS, Operator
from twite_common.queries.timelines.tags import Tag
from twite_common.queries.timelines.timelines import Entry
from twite_common.services.timelines import recent_searches as remembered
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import paging, templating
from twite_web.site.access import Visit, reading, reading_replica, writing
from twite_web.site.options import translated
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

FOUND_OF_ALL, FOUND = 5, 40
"""People and hashtags that are shown beside posts, and alone."""
LISTED = 40
MAX_SKIPPED = accounts.MAX_LISTED
TRENDING = 8
"""Hashtags that are shown to strangers who haven't looked for anything yet."""
EXAMPLES = ("phrase", "from", "has", "during")
"""Operators by which strangers are shown how members search posts."""
KINDS = {"": marked("All"), "people": marked("People"), "hashtags": marked("Hashtags"), "posts": marked("Posts")}


class TagLink(msgspec.Struct, frozen=True):
    """A hashtag and its page."""

    name: str
    path: str


class Example(msgspec.Struct, frozen=True):
    """A search for posts, what it finds, and the way to it for somebody who isn't logged in."""

    query: str
    words: str
    path: str


class Tip(msgspec.Struct, frozen=True):
    """Why nothing was found, and where to look instead; `path` is empty where that isn't known."""

    sentence: str
    path: str


class Wanted(NamedTuple):
    """What is looked for, of which kind; `complete` is whether it is to be looked for already."""

    query: str
    kind: str
    complete: bool

    def path(self, kind: str, **more: str | int) -> str:
        """Return the address that looks for things of a kind."""
        parameters = {"q": self.query} | ({"type": kind} if kind else {}) | more
        return f"/search?{urlencode(parameters)}"

    def shows(self, kind: str) -> bool:
        """Say whether things of a kind are looked for."""
        return self.complete and bool(self.query) and self.kind in {"", kind}


@get("/search", sync_to_thread=True)
def search(
    request: Request,
    q: FromQuery[str] = "",
    add: FromQuery[str] = "",
    type: FromQuery[str] = "",
    max_id: FromQuery[str] = "",
) -> Response:
    """Show the people and hashtags that begin with what is looked for, and to members the posts that are about it.

    `add` is an operator whose button was pressed; one without a value waits in the box for it.
    """
    wanted = _wanted(q, add, type)
    part = paging.page(max_id, "")
    with reading_replica(request) as visit:
        account_ids, hashtags, entries = _people(visit, wanted), _hashtags(visit, wanted), _posts(visit, wanted, part)
        full = len(entries) == part.limit
        searches = recent_searches.of_account(visit.db, visit.account_id) if visit.viewer else []
        kept = visit.viewer is not None and recent_searches.kept(visit.db, visit.account_id)
        found = bool(account_ids or hashtags or entries)
        undecided = visit.viewer is None and not wanted.query
        trending = _links(trends.tags(visit.db, limit=TRENDING, offset=0)) if undecided else []
        response = templating.page(
            request,
            "timelines/search.html",
            visit,
            wanted=wanted.query,
            complete=wanted.complete,
            kind=wanted.kind,
            tabs=[(kind, label, wanted.path(kind)) for kind, label in translated(KINDS).items()],
            here=quote(wanted.path(wanted.kind)),
            accounts=account_view_models.accounts(visit, account_ids),
            posts=post_view_models.posts_of(visit, entries, context="public"),
            older=wanted.path("posts", max_id=entries[-1].cursor) if full else None,
            tags=_links(hashtags),
            tips=_tips(visit, wanted) if wanted.shows("posts") and not entries and not max_id else [],
            found=found,
            operators=_operators(visit),
            trending=trending,
            examples=_examples() if undecided else [],
            searches=searches,
            kept=kept,
        )
    if kept and wanted.shows(wanted.kind) and not max_id and [one.query for one in searches[:1]] != [wanted.query]:
        _remember(request, wanted.query)
    return response


@get("/search/suggestions", sync_to_thread=True)
def suggestions(request: Request, q: FromQuery[str] = "") -> Response:
    """Show what somebody who types may mean: people, hashtags, and what they looked for before."""
    with reading(request, page=False) as visit:
        found = search_suggestions.suggest(visit.db, q[: search_terms.MAX_LENGTH], viewer_id=visit.viewer_id)
        return templating.page(
            request,
            "timelines/search_suggestions.html",
            visit,
            accounts=account_view_models.accounts(visit, found.account_ids),
            tags=_links(found.hashtags),
            searches=[(one.query, f"/search?{urlencode({'q': one.query})}") for one in found.searches],
        )


@get("/directory", sync_to_thread=True)
def directory(request: Request, order: FromQuery[str] = "active", skip: FromQuery[int] = 0) -> Response:
    """Show the people who want to be listed, by their last post or by when they came."""
    newest = order == "new"
    offset = min(max(skip, 0), MAX_SKIPPED)
    with reading_replica(request) as visit:
        account_ids = accounts.directory(
            visit.db, newest=newest, limit=LISTED, offset=offset, viewer_id=visit.viewer_id
        )
        account_views = account_view_models.accounts(visit, account_ids)
    full = len(account_ids) == LISTED and offset + LISTED < MAX_SKIPPED
    more = f"/directory?order={'new' if newest else 'active'}&skip={offset + LISTED}" if full else None
    return templating.page(request, "accounts/directory.html", visit, accounts=account_views, newest=newest, more=more)


def _wanted(q: str, add: str, kind: str) -> Wanted:
    query = f"{q.strip()} {add}".strip()[: search_terms.MAX_LENGTH]
    complete = not add or any(add == f"{one.start}{value}" for one in OPERATORS for value in one.values)
    return Wanted(query, kind if kind in KINDS else "", complete)


def _people(visit: Visit, wanted: Wanted) -> list[int]:
    limit = FOUND if wanted.kind else FOUND_OF_ALL
    shown = wanted.shows("people")
    return accounts.search(visit.db, wanted.query, limit=limit, viewer_id=visit.viewer_id) if shown else []


def _hashtags(visit: Visit, wanted: Wanted) -> list[Tag]:
    key = text.hashtag_key(wanted.query.removeprefix("#"))
    limit = FOUND if wanted.kind else FOUND_OF_ALL
    shown = wanted.shows("hashtags") and text.is_hashtag(key)
    return tags.search(visit.db, key, viewer_id=visit.viewer_id, limit=limit) if shown else []


def _posts(visit: Visit, wanted: Wanted, part: Page) -> list[Entry]:
    terms = search_terms.parse(wanted.query)
    if terms is None or visit.viewer is None or not wanted.shows("posts"):
        return []
    return queries.posts(visit.db, terms, Bounds(part), viewer_id=visit.account_id)


def _operators(visit: Visit) -> list[Operator]:
    """Return what the visitor is shown of what a search can have; bookmarks are searched by their owner alone."""
    if visit.viewer is None:
        return []
    return [
        msgspec.structs.replace(one, values=tuple(value for value in one.values if value != "bookmarks"))
        if visit.viewer.acting is not None
        else one
        for one in OPERATORS
    ]


def _links(hashtags: list[Tag]) -> list[TagLink]:
    return [TagLink(tag.name, f"/tags/{tag.name_key}") for tag in hashtags]


def _examples() -> list[Example]:
    return [
        Example(one.example, one.words, f"/login?{urlencode({'next': Wanted(one.example, '', True).path('')})}")
        for one in OPERATORS
        if one.name in EXAMPLES
    ]


def _tips(visit: Visit, wanted: Wanted) -> list[Tip]:
    reasons = search_reasons.reasons(visit.db, wanted.query, viewer_id=visit.viewer_id, now=visit.now)
    return [Tip(reason.sentence, _without(wanted, reason.part)) for reason in reasons]


def _without(wanted: Wanted, part: str) -> str:
    """Return the address of a search without one part of it; empty where there is no such part, or nothing else."""
    pieces = search_terms.pieces(wanted.query)
    others = [piece for piece in pieces if piece != part]
    if not others or len(others) == len(pieces):
        return ""
    return wanted._replace(query=" ".join(others)).path(wanted.kind)


def _remember(request: Request, query: str) -> None:
    with writing(request) as visit:
        remembered.remember(visit.db, now=visit.now, account_id=visit.account_id, query=query)


router = Router("/", route_handlers=[search, suggestions, directory])
