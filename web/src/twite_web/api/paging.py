"""Pages of lists: the parameters that ask for one and the Link header that leads to the next."""

import re
from collections.abc import Callable
from typing import Annotated, Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode

from litestar import Response
from litestar.params import QueryParameter

from twite_common import ids
from twite_common.errors import Invalid
from twite_common.queries.paging import Page
from twite_common.translations import gettext as _
from twite_web.core import core
from twite_web.parameters import original_query
from twite_web.types import Request

STATUSES = (20, 40)
ACCOUNTS = (40, 80)
NOTIFICATIONS = (40, 80)
MANY = (100, 200)
"""How many entries a page has when nothing is asked for, and at most."""
_CURSORS = ("max_id=", "since_id=", "min_id=")
_PLAIN = re.compile(r"(?:[\w.~-]+=[\w.~-]*(?:&|$))*", re.ASCII)
"""Queries that stay as they are when they are read and written anew, as nearly all do."""


class HasId(Protocol):
    """A row that is paged by its id."""

    @property
    def id(self) -> int:
        """Where the row is in the list."""


Row = TypeVar("Row", bound=HasId)
Entity = TypeVar("Entity")


class PageRequest:
    """The paging parameters of a request, as they came."""

    def __init__(self, limit: int | None, max_id: str | None, since_id: str | None, min_id: str | None) -> None:
        self.limit = limit
        self.max_id = max_id
        self.since_id = since_id
        self.min_id = min_id

    def page(self, sizes: tuple[int, int]) -> Page:
        """Return the page that is asked for; a limit that is too large is cut, a negative one loses its sign.

        Raises Invalid for a cursor that isn't an id.
        """
        default, maximum = sizes
        return Page(
            limit=min(abs(default if self.limit is None else self.limit), maximum),
            max_id=_cursor("max_id", self.max_id, ids.MAXIMUM),
            since_id=_cursor("since_id", self.since_id, 0),
            min_id=_cursor("min_id", self.min_id, 0) if self.min_id else None,
        )


def page_request(
    limit: Annotated[int | None, QueryParameter(description="How many entries to return.")] = None,
    max_id: Annotated[str | None, QueryParameter(description="Only entries older than this one.")] = None,
    since_id: Annotated[str | None, QueryParameter(description="Only entries newer than this one.")] = None,
    min_id: Annotated[str | None, QueryParameter(description="The entries just newer than this one.")] = None,
) -> PageRequest:
    """Provide the paging parameters to a handler that has a parameter `page_request`."""
    return PageRequest(limit, max_id, since_id, min_id)


def link(request: Request, cursors: list[int], limit: int, *, previous: str = "min_id") -> dict[str, str]:
    """Return the Link header of a page whose entries have these cursors, newest first.

    `next` only when the page was full, so that following it ends.
    """
    if not cursors:
        return {}
    address = f"{core(request).addresses.base}{request.scope['path']}?{_further(original_query(request))}"
    relations = f'<{address}{previous}={cursors[0]}>; rel="prev"'
    if len(cursors) >= limit:
        relations = f'<{address}max_id={cursors[-1]}>; rel="next", {relations}'
    return {"Link": relations}


def rendered_page(
    request: Request, rows: list[Row], render: Callable[[Row], Entity], limit: int
) -> Response[list[Entity]]:
    """Return the response with a page of rows, each rendered by itself, and the Link header."""
    return Response([render(row) for row in rows], headers=link(request, [row.id for row in rows], limit))


def _further(query: str) -> str:
    """Return what a query asks for besides the page, as it stands before a cursor."""
    if not _PLAIN.fullmatch(query):
        query = urlencode(parse_qsl(query, keep_blank_values=True))
    return "".join([f"{pair}&" for pair in query.split("&") if pair and not pair.startswith(_CURSORS)])


def _cursor(name: str, text: str | None, default: int) -> int:
    if not text:
        return default
    id = ids.parse(text)
    if id is None:
        raise Invalid(_("%(name)s must be the id of an entry.", name=name))
    return id
