"""The columns that the visitor pins beside the content of wide windows."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from twite_common import ids, text
from twite_common.errors import TwiteError
from twite_common.queries.timelines import columns as queries
from twite_common.queries.timelines import lists
from twite_common.queries.timelines.columns import Column, ShownColumn
from twite_common.services.timelines import columns
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, reading, writing
from twite_web.site.form_errors import shown_again
from twite_web.types import Request, Response

PATH = "/settings/columns"
FIXED = {"home": (marked("Home"), "/"), "notifications": (marked("Notifications"), "/notifications")}
"""Titles and pages of the columns that everybody has."""


class ColumnForm(msgspec.Struct, frozen=True, kw_only=True):
    """A column: `list_id` names a list, `tag` a hashtag. `position`, counted from 0, is the place it is moved to."""

    kind: str = ""
    list_id: str = ""
    tag: str = ""
    position: int = 0
    back: str = ""

    def column(self) -> Column:
        """Return the column."""
        return Column(self.kind, list_id=ids.parse(self.list_id), tag=self.tag or None)


class ColumnView(msgspec.Struct, frozen=True):
    """A column as pages show it: what it is called, the page that it shows, and how a form names it."""

    kind: str
    list_id: str
    tag: str
    title: str
    path: str


def beside(visit: Visit, path: str) -> list[ColumnView]:
    """Return what a member pinned, for the page with this path: without the column that shows just that."""
    if visit.viewer is None:
        return []
    return [view for view in _views(queries.of_account(visit.db, visit.account_id)) if view.path != path]


def columns_page(request: Request, data: ColumnForm, *, error: TwiteError | None = None) -> Response:
    """Return the page on which columns are arranged."""
    with reading(request) as visit:
        pinned = _views(queries.of_account(visit.db, visit.account_id))
        own = [
            ShownColumn(Column("list", list_id=one.id), one.title)
            for one in lists.of_account(visit.db, visit.account_id)
        ]
        fixed = [ShownColumn(Column(kind), "") for kind in FIXED]
        shown = {view.path for view in pinned}
        return form_errors.page(
            request,
            "timelines/columns.html",
            visit,
            values=data,
            error=error,
            columns=pinned,
            offered=[view for view in _views([*fixed, *own]) if view.path not in shown],
            most=columns.MAX_COUNT,
        )


@get(PATH, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the columns that are pinned, and what else can be."""
    return columns_page(request, ColumnForm())


@post(PATH, sync_to_thread=True)
@shown_again(columns_page)
def pin(request: Request, data: JSONBody[ColumnForm]) -> Response:
    """Pin a column after the others."""
    with writing(request) as visit:
        columns.pin(visit.db, account_id=visit.account_id, column=data.column())
    return redirects.see(request, redirects.local(data.back, PATH), "column_pinned")


@post(f"{PATH}/move", sync_to_thread=True)
def move(request: Request, data: JSONBody[ColumnForm]) -> Response:
    """Give a column another place."""
    with writing(request) as visit:
        columns.move(visit.db, account_id=visit.account_id, column=data.column(), position=data.position)
    return redirects.see(request, PATH)


@post(f"{PATH}/unpin", sync_to_thread=True)
def unpin(request: Request, data: JSONBody[ColumnForm]) -> Response:
    """Take a column away."""
    with writing(request) as visit:
        columns.unpin(visit.db, account_id=visit.account_id, column=data.column())
    return redirects.see(request, PATH)


def _views(shown: Sequence[ShownColumn]) -> list[ColumnView]:
    return [_view(one.column, one.title) for one in shown]


def _view(column: Column, title: str) -> ColumnView:
    list_id, tag = str(column.list_id or ""), column.tag or ""
    if column.kind == "list":
        path = f"/lists/{list_id}"
    elif column.kind == "tag":
        title, path = f"#{title}", f"/tags/{quote(text.hashtag_key(tag))}"
    else:
        label, path = FIXED[column.kind]
        title = _(label)
    return ColumnView(column.kind, list_id, tag, title, path)


router = Router("/", route_handlers=[show, pin, move, unpin])
