"""Statistics of the site, as charts, tables and CSV."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from twite_common import clock, formats
from twite_common.errors import NotFound
from twite_common.queries.operations import statistics
from twite_common.queries.operations.statistics import Day
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import cache_control as caching
from twite_web.routing import Router
from twite_web.site import tables, templating
from twite_web.site.access import reading
from twite_web.site.operations import charts as chart_files
from twite_web.site.operations import periods
from twite_web.site.operations.periods import Combined, Period, Spans
from twite_web.site.view_models import charts
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.charts import Chart
from twite_web.types import Request, Response


class Figure(msgspec.Struct, frozen=True):
    """What is shown of each day: its title, and what stands for the figures of several days."""

    title: str
    combined: Combined = "sum"


FIGURES = {
    "posts": Figure(marked("Posts")),
    "replies": Figure(marked("Replies")),
    "accounts": Figure(marked("People"), "last"),
    "active_accounts": Figure(marked("Active people a day"), "mean"),
    "new_accounts": Figure(marked("New people")),
    "favourites": Figure(marked("Favourites")),
    "boosts": Figure(marked("Boosts")),
    "media": Figure(marked("Media")),
    "follows": Figure(marked("Follows")),
    "mails": Figure(marked("E-mails")),
}


@get("/about/statistics", sync_to_thread=True)
def site_statistics(request: Request, days: FromQuery[str] = periods.USUAL) -> Response:
    """Show what happened on the site."""
    period = periods.chosen(days, clock.now())
    with reading(request) as visit:
        rows = statistics.daily(visit.db, period.first, period.last)
        newest = rows[0] if rows else None
        ids_of_top = [int(id) for id, _number in _top(newest.top_posts if newest else "[]")]
        top_posts = post_view_models.posts(visit, ids_of_top[:5])
    period = _within(period, rows)
    spans = periods.spans(period)
    return templating.page(
        request,
        "operations/statistics.html",
        visit,
        choices={name: _(title) for name, title in periods.CHOICES.items()},
        period=period.name,
        first=spans.first,
        last=spans.last,
        charts=[_chart(name, rows, period, spans) for name in FIGURES],
        table=f"/about/statistics.csv?days={period.name}",
        top_posts=top_posts,
        top_tags=_top(newest.top_tags if newest else "[]"),
    )


@get("/about/statistics.csv", sync_to_thread=True)
def site_table(request: Request, days: FromQuery[str] = periods.USUAL, figure: FromQuery[str] = "") -> Response:
    """Return the site's statistics by day, or one of its figures."""
    if figure and figure not in FIGURES:
        raise NotFound(_("There is no such table."))
    period = periods.chosen(days, clock.now())
    with reading(request, page=False) as visit:
        rows = statistics.daily(visit.db, period.first, period.last)
    names = [figure] if figure else list(FIGURES)
    lines = ([row.day.isoformat(), *(getattr(row, name) for name in names)] for row in rows)
    head = [_("Date"), *(_(FIGURES[name].title) for name in names)]
    return tables.answer(head, lines, cache_control=caching.PUBLIC)


@get("/about/statistics/{file:str}", sync_to_thread=True)
def site_chart(request: Request, file: FromPath[str], days: FromQuery[str] = periods.USUAL) -> Response:
    """Return one of the site's figures as a chart."""
    name = file.removesuffix(".svg")
    if not file.endswith(".svg") or name not in FIGURES:
        raise NotFound(_("There is no such chart."))
    period = periods.chosen(days, clock.now())
    with reading(request, page=False) as visit:
        rows = statistics.daily(visit.db, period.first, period.last)
    period = _within(period, rows)
    chart = _chart(name, rows, period, periods.spans(period))
    return chart_files.file(request, chart, cache_control=caching.PUBLIC)


def charts_of(rows: Sequence[Day], names: Sequence[str], period: Period) -> list[Chart]:
    """Return the charts of some figures in a period, by name."""
    spans = periods.spans(period)
    return [_chart(name, rows, period, spans) for name in names]


def _within(period: Period, rows: Sequence[Day]) -> Period:
    """Return a period without the days before the site began."""
    return period.since(rows[-1].day if rows else period.last)


def _chart(name: str, rows: Sequence[Day], period: Period, spans: Spans) -> Chart:
    figure = FIGURES[name]
    by_day = _accounts(rows, period) if name == "accounts" else {row.day: getattr(row, name) or 0 for row in rows}
    numbers = periods.numbers(spans, by_day, figure.combined)
    total = periods.total(period, by_day, numbers, figure.combined)
    title = _(figure.title)
    return charts.chart(
        name,
        title,
        spans.columns,
        numbers,
        total=formats.number(total),
        summary=_(
            "%(title)s, from %(first)s to %(last)s",
            title=title,
            first=spans.first,
            last=spans.last,
        ),
        table=f"/about/statistics.csv?days={period.name}&figure={name}",
        line=figure.combined == "last",
    )


def _accounts(rows: Sequence[Day], period: Period) -> Mapping[date, int]:
    """Return how many people there were by the end of each day."""
    known = {row.day: row.accounts for row in rows if row.accounts is not None}
    gained = {row.day: row.new_accounts for row in rows}
    at_last = next((row.accounts for row in rows if row.accounts is not None), 0)
    return periods.totals(period.days, known, gained, at_last=at_last)


def _top(encoded: str) -> list[tuple[str, int]]:
    return msgspec.json.decode(encoded, type=list[tuple[str, int]])


router = Router("/", route_handlers=[site_statistics, site_table, site_chart])
