"""The visitor's own statistics, as charts, tables and CSV. Nobody else sees them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any

import msgspec
from litestar import get
from litestar.params import FromQuery

from twite_common import clock, formats, ids
from twite_common.errors import NotFound
from twite_common.queries.operations import account_statistics as queries
from twite_common.queries.operations.account_statistics import AccountDay, Owner, OwnPost
from twite_common.settings import time_zone
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import cache_control as caching
from twite_web.routing import Router
from twite_web.site import tables, templating
from twite_web.site.access import Visit, reading
from twite_web.site.operations import periods
from twite_web.site.operations.periods import Period, Spans
from twite_web.site.view_models import charts, times
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.charts import Chart, Columns
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

FIGURES = {
    "posts": marked("Posts"),
    "replies_written": marked("Replies written"),
    "replies": marked("Replies received"),
    "favourites": marked("Favourites received"),
    "boosts": marked("Boosts received"),
    "new_followers": marked("New followers"),
    "followers": marked("Followers"),
}
BEST_POSTS = 5
EXCERPT_CHARACTERS = 100
HOURS, WEEKDAYS = range(24), range(7)


class Led(msgspec.Struct, frozen=True):
    """A post that led to new followers: how many, and that in hundredths of the most."""

    path: str
    excerpt: str
    followers: int
    share: int


@get("/statistics", sync_to_thread=True)
def own_statistics(request: Request, days: FromQuery[str] = periods.USUAL) -> Response:
    """Show what the visitor wrote and received, and which posts and hours did best."""
    with reading(request) as visit:
        period, rows, owner = _read(visit, days)
        written = queries.posts(visit.db, visit.account_id, period.first_at, period.end_at)
        led = queries.followers_by_post(visit.db, visit.account_id, period.first_at, period.end_at)[: queries.TOP]
        best = [post.id for post in best_posts(written)]
        shown = post_view_models.posts(visit, list(dict.fromkeys([*best, *(id for id, _number in led)])))
    views = {view.id: view for view in shown}
    spans = periods.spans(period)
    return templating.page(
        request,
        "operations/account_statistics.html",
        visit,
        choices={name: _(title) for name, title in periods.CHOICES.items()},
        period=period.name,
        first=spans.first,
        last=spans.last,
        charts=_charts(rows, owner, period, spans),
        rhythm=[_by_hour(written, period), _by_weekday(written, period)] if written else [],
        zone=owner.time_zone.replace("_", " "),
        looked_at=len(written),
        cut=len(written) == queries.WINDOW,
        best=[views[id] for id in best if id in views],
        led=_led(led, views),
        tables=f"/statistics.csv?days={period.name}",
        year=period.last.year,
    )


@get("/statistics.csv", sync_to_thread=True)
def own_table(request: Request, days: FromQuery[str] = periods.USUAL, table: FromQuery[str] = "") -> Response:
    """Return the visitor's statistics by day, or another of the page's tables."""
    with reading(request, page=False) as visit:
        period, rows, owner = _read(visit, days)
        if not table or table in FIGURES:
            head, lines = _days_table(rows, owner, period, [table] if table else list(FIGURES))
        elif table in TABLES:
            head, lines = TABLES[table](visit, period)
        else:
            raise NotFound(_("There is no such table."))
    return tables.answer(head, lines, cache_control=caching.PRIVATE)


def best_posts(posts: Sequence[OwnPost], number: int = BEST_POSTS) -> list[OwnPost]:
    """Return the posts that received most, the best first; none that received nothing."""
    best = sorted(posts, key=lambda post: (post.reactions, post.id), reverse=True)
    return [post for post in best[:number] if post.reactions]


def _read(visit: Visit, asked: str) -> tuple[Period, list[AccountDay], Owner]:
    """Return the period that there is something to say of, its days in the visitor's time zone, and whose they are."""
    owner = queries.owner(visit.db, visit.account_id)
    period = periods.chosen(asked, visit.now, time_zone(owner.time_zone))
    rows = queries.days(visit.db, visit.account_id, period.first, period.last, period.zone)
    joined = clock.as_datetime(ids.created_at(visit.account_id)).astimezone(period.zone).date()
    began = min(rows[-1].day, joined) if rows else min(joined, period.last)
    return period.since(began), rows, owner


def _charts(rows: Sequence[AccountDay], owner: Owner, period: Period, spans: Spans) -> list[Chart]:
    found = []
    for name, title in FIGURES.items():
        is_total = name == "followers"
        combined: periods.Combined = "last" if is_total else "sum"
        by_day = _followers(rows, owner, period) if is_total else {row.day: getattr(row, name) for row in rows}
        numbers = periods.numbers(spans, by_day, combined)
        found.append(
            charts.chart(
                name,
                _(title),
                spans.columns,
                numbers,
                total=formats.number(periods.combine(numbers, combined)),
                summary=_(
                    "%(title)s, from %(first)s to %(last)s",
                    title=_(title),
                    first=spans.first,
                    last=spans.last,
                ),
                table=f"/statistics.csv?days={period.name}&table={name}",
                line=is_total,
            )
        )
    return found


def _followers(rows: Sequence[AccountDay], owner: Owner, period: Period) -> dict[date, int]:
    known = {row.day: row.followers for row in rows if row.followers is not None and row.day != period.last}
    gained = {row.day: row.new_followers for row in rows}
    return periods.totals(period.days, known, gained, at_last=owner.followers)


def _by_hour(posts: Sequence[OwnPost], period: Period) -> Chart:
    names = [formats.time(time(hour)) for hour in HOURS]
    columns = Columns(_("Hour"), names, names)
    numbers = _means(posts, lambda post: _posted(post, period.zone).hour, len(HOURS))
    return _rhythm("hours", _("Best hours"), columns, numbers, period)


def _by_weekday(posts: Sequence[OwnPost], period: Period) -> Chart:
    order = [(formats.first_weekday() + place) % len(WEEKDAYS) for place in WEEKDAYS]
    short, full = formats.weekdays("abbreviated"), formats.weekdays("wide")
    columns = Columns(_("Weekday"), [short[day] for day in order], [full[day] for day in order])
    numbers = _means(posts, lambda post: _posted(post, period.zone).weekday(), len(WEEKDAYS))
    return _rhythm("weekdays", _("Best weekdays"), columns, [numbers[day] for day in order], period)


def _rhythm(name: str, title: str, columns: Columns, numbers: Sequence[float], period: Period) -> Chart:
    best = columns.full[max(range(len(numbers)), key=lambda place: numbers[place])] if any(numbers) else "–"
    return charts.chart(
        name,
        title,
        columns,
        numbers,
        total=best,
        summary=_("%(title)s: what a post received on average, by when it was written", title=title),
        table=f"/statistics.csv?days={period.name}&table={name}",
    )


def _posted(post: OwnPost, zone: tzinfo) -> datetime:
    return clock.as_datetime(ids.created_at(post.id)).astimezone(zone)


def _means(posts: Sequence[OwnPost], place: Callable[[OwnPost], int], size: int) -> list[float]:
    """Return what posts received on average, by the place in a list that each belongs to."""
    sums, numbers = [0] * size, [0] * size
    for post in posts:
        sums[place(post)] += post.reactions
        numbers[place(post)] += 1
    return [round(sum / number, 1) if number else 0 for sum, number in zip(sums, numbers, strict=True)]


def _led(led: Sequence[tuple[int, int]], views: dict[int, PostView]) -> list[Led]:
    most = max((number for _id, number in led), default=0)
    return [
        Led(
            views[id].path,
            post_view_models.excerpt(views[id], EXCERPT_CHARACTERS) or _("A post without text"),
            number,
            charts.share(number, most),
        )
        for id, number in led
        if id in views
    ]


Table = tuple[list[str], list[list[Any]]]


def _days_table(rows: Sequence[AccountDay], owner: Owner, period: Period, names: list[str]) -> Table:
    followers = _followers(rows, owner, period) if "followers" in names else {}
    lines = [
        [row.day.isoformat(), *(followers[row.day] if name == "followers" else getattr(row, name) for name in names)]
        for row in rows
        if row.day >= period.first
    ]
    return [_("Date"), *(_(FIGURES[name]) for name in names)], lines


def _hours_table(visit: Visit, period: Period) -> Table:
    means = _means(_written(visit, period), lambda post: _posted(post, period.zone).hour, len(HOURS))
    return [_("Hour"), _("Reactions per post")], [[hour, mean] for hour, mean in enumerate(means)]


def _weekdays_table(visit: Visit, period: Period) -> Table:
    means = _means(_written(visit, period), lambda post: _posted(post, period.zone).weekday(), len(WEEKDAYS))
    names = formats.weekdays("wide")
    return [_("Weekday"), _("Reactions per post")], [[names[day], mean] for day, mean in enumerate(means)]


def _posts_table(visit: Visit, period: Period) -> Table:
    head = [_("Address"), _("Time"), _("Favourites"), _("Boosts"), _("Replies")]
    lines = [
        [_url(visit, post.id), times.iso(ids.created_at(post.id)), post.favourites, post.boosts, post.replies]
        for post in best_posts(_written(visit, period), queries.WINDOW)
    ]
    return head, lines


def _led_table(visit: Visit, period: Period) -> Table:
    led = queries.followers_by_post(visit.db, visit.account_id, period.first_at, period.end_at)
    return [_("Address"), _("New followers")], [[_url(visit, id), number] for id, number in led]


TABLES: dict[str, Callable[[Visit, Period], Table]] = {
    "hours": _hours_table,
    "weekdays": _weekdays_table,
    "best_posts": _posts_table,
    "followers_by_post": _led_table,
}
"""What there is besides the figures of each day."""


def _written(visit: Visit, period: Period) -> list[OwnPost]:
    return queries.posts(visit.db, visit.account_id, period.first_at, period.end_at)


def _url(visit: Visit, post_id: int) -> str:
    return visit.core.addresses.post(visit.member.username, post_id)


router = Router("/", route_handlers=[own_statistics, own_table])
