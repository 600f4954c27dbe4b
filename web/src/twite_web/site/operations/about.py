"""About the site, and statistics of the site and of the visitor as tables, charts and CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import litestar
import msgspec
from litestar import Router, get
from litestar.params import FromPath, FromQuery

from twite_common import clock, formats
from twite_common.errors import NotFound
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import rules, site_texts
from twite_common.queries.operations import statistics
from twite_common.queries.operations.statistics import AccountDay, Day
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import __version__
from twite_web import cache_control as caching
from twite_web.site import templating
from twite_web.site.access import reading
from twite_web.site.moderation.site_texts import TITLES, shown_text
from twite_web.site.operations import charts
from twite_web.site.options import translated
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.types import Request, Response

USUAL_DAYS, MAX_DAYS = 30, 366
SITE_FIGURES = {
    "posts": marked("Posts"),
    "active_accounts": marked("Active accounts"),
    "new_accounts": marked("New accounts"),
    "replies": marked("Replies"),
    "boosts": marked("Boosts"),
    "favourites": marked("Favourites"),
    "follows": marked("Follows"),
    "mails": marked("E-mails"),
}
OWN_FIGURES = {
    "posts": marked("Posts"),
    "new_followers": marked("New followers"),
    "favourites": marked("Favourites"),
    "boosts": marked("Boosts"),
    "replies": marked("Replies"),
}


@get("/about", sync_to_thread=True)
def about(request: Request) -> Response:
    """Say what the site is and who runs it."""
    with reading(request) as visit:
        totals = statistics.totals(visit.db, now=visit.now)
        administrator_ids = [row.account_id for row in credentials.with_role(visit.db, ["admin"])]
        administrators = account_view_models.accounts(visit, sorted(administrator_ids))
        text_names = site_texts.names_in_effect(visit.db, now=visit.now) - {"about"}
        text, all_rules = shown_text(visit, "about"), rules.all_rules(visit.db)
    return templating.page(
        request,
        "operations/about.html",
        visit,
        totals=totals,
        administrators=administrators,
        version=__version__,
        text=text,
        rules=all_rules,
        texts={name: _(title) for name, title in TITLES.items() if name in text_names},
    )


@get("/about/statistics", sync_to_thread=True)
def site_statistics(request: Request, days: FromQuery[int] = USUAL_DAYS) -> Response:
    """Show what happened on the site, day by day."""
    first, today = _span(days)
    with reading(request) as visit:
        rows = statistics.daily(visit.db, first, today)
        newest = rows[0] if rows else None
        ids_of_top = [int(id) for id, _ in _top(newest.top_posts if newest else "[]")]
        top_posts = post_view_models.posts(visit, ids_of_top[:5])
    return templating.page(
        request,
        "operations/statistics.html",
        visit,
        title=_("Statistics"),
        figures=translated(SITE_FIGURES),
        days=_rows(rows, SITE_FIGURES),
        charts=[
            (f"/about/statistics/{name}.svg?days={len(_days(first, today))}", _(label))
            for name, label in SITE_FIGURES.items()
        ],
        table=f"/about/statistics.csv?days={len(_days(first, today))}",
        top_posts=top_posts,
        top_tags=[(name, number) for name, number in _top(newest.top_tags if newest else "[]")],
    )


@get("/about/statistics.csv", sync_to_thread=True)
def site_table(request: Request, days: FromQuery[int] = USUAL_DAYS) -> Response:
    """Return the site's statistics as CSV (RFC 4180)."""
    first, today = _span(days)
    with reading(request, page=False) as visit:
        rows = statistics.daily(visit.db, first, today)
    return _csv(rows, SITE_FIGURES, cache_control=caching.PUBLIC)


@get("/about/statistics/{file:str}", sync_to_thread=True)
def site_chart(request: Request, file: FromPath[str], days: FromQuery[int] = USUAL_DAYS) -> Response:
    """Return one of the site's figures as a chart."""
    name = _figure(file, SITE_FIGURES)
    first, today = _span(days)
    with reading(request, page=False) as visit:
        rows = statistics.daily(visit.db, first, today)
    numbers, labels = _bars(rows, name, first, today)
    return charts.bars(request, _(SITE_FIGURES[name]), labels, numbers, cache_control=caching.PUBLIC)


@get("/statistics", sync_to_thread=True)
def own_statistics(request: Request, days: FromQuery[int] = USUAL_DAYS) -> Response:
    """Show what the visitor wrote and received, day by day."""
    first, today = _span(days)
    with reading(request) as visit:
        rows = statistics.of_account(visit.db, visit.account_id, first, today)
    return templating.page(
        request,
        "operations/statistics.html",
        visit,
        title=_("My statistics"),
        figures=translated(OWN_FIGURES),
        days=_rows(rows, OWN_FIGURES),
        charts=[
            (f"/statistics/{name}.svg?days={len(_days(first, today))}", _(label)) for name, label in OWN_FIGURES.items()
        ],
        table=f"/statistics.csv?days={len(_days(first, today))}",
        top_posts=[],
        top_tags=[],
    )


@get("/statistics.csv", sync_to_thread=True)
def own_table(request: Request, days: FromQuery[int] = USUAL_DAYS) -> Response:
    """Return the visitor's statistics as CSV (RFC 4180)."""
    first, today = _span(days)
    with reading(request, page=False) as visit:
        rows = statistics.of_account(visit.db, visit.account_id, first, today)
    return _csv(rows, OWN_FIGURES, cache_control=caching.PRIVATE)


@get("/statistics/{file:str}", sync_to_thread=True)
def own_chart(request: Request, file: FromPath[str], days: FromQuery[int] = USUAL_DAYS) -> Response:
    """Return one of the visitor's figures as a chart."""
    name = _figure(file, OWN_FIGURES)
    first, today = _span(days)
    with reading(request, page=False) as visit:
        rows = statistics.of_account(visit.db, visit.account_id, first, today)
    numbers, labels = _bars(rows, name, first, today)
    return charts.bars(request, _(OWN_FIGURES[name]), labels, numbers, cache_control=caching.PRIVATE)


def _span(days: int) -> tuple[date, date]:
    today = clock.as_date(clock.now())
    return today - timedelta(days=min(max(days, 1), MAX_DAYS) - 1), today


def _days(first: date, last: date) -> list[date]:
    return clock.days(first, last)


def _rows(rows: Sequence[Day | AccountDay], figures: dict[str, str]) -> list[tuple[str, list[int]]]:
    return [(day.day.isoformat(), [getattr(day, name) for name in figures]) for day in rows]


def _top(encoded: str) -> list[tuple[str, int]]:
    return msgspec.json.decode(encoded, type=list[tuple[str, int]])


def _figure(file: str, figures: dict[str, str]) -> str:
    name = file.removesuffix(".svg")
    if not file.endswith(".svg") or name not in figures:
        raise NotFound(_("There is no such chart."))
    return name


def _bars(rows: Sequence[Day | AccountDay], name: str, first: date, last: date) -> tuple[list[int], list[str]]:
    """Return a figure of each day, and what stands below each bar."""
    numbers = {day.day: getattr(day, name) for day in rows}
    days = _days(first, last)
    return [numbers.get(day, 0) for day in days], [formats.day_of_year(day) for day in days]


def _csv(rows: Sequence[Day | AccountDay], figures: dict[str, str], *, cache_control: str) -> litestar.Response[str]:
    output = io.StringIO()
    table = csv.writer(output)
    table.writerow(["date", *figures])
    table.writerows([day, *numbers] for day, numbers in _rows(rows, figures))
    return Response(
        output.getvalue(), media_type="text/csv", headers={"Cache-Control": cache_control, "Vary": "Cookie"}
    )


router = Router(
    "/",
    route_handlers=[
        about,
        site_statistics,
        site_table,
        site_chart,
        own_statistics,
        own_table,
        own_chart,
    ],
)
