"""The visitor's year in review. Nobody else sees it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

import msgspec
from litestar import get
from litestar.params import FromPath

from twite_common import clock, formats, ids
from twite_common.errors import NotFound
from twite_common.queries.operations import account_statistics as queries
from twite_common.queries.operations.account_statistics import AccountDay, OwnPost
from twite_common.settings import time_zone
from twite_common.translations import gettext as _
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.routing import Router
from twite_web.site import templating
from twite_web.site.access import Visit, reading
from twite_web.site.operations import periods
from twite_web.site.operations.account_statistics import FIGURES, best_posts
from twite_web.site.operations.periods import Period
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import charts
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.charts import Chart
from twite_web.types import Request, Response

BEST_POSTS, PEOPLE = 3, 5
COUNTS = ("posts", "replies_written", "replies", "favourites", "boosts", "new_followers")


class Streak(msgspec.Struct, frozen=True):
    """Days on end on which the visitor posted."""

    days: int
    first: str
    last: str


class Companion(msgspec.Struct, frozen=True):
    """Somebody whom the visitor talked with, and how many of the visitor's posts replied to them."""

    account: AccountView
    replies: int


@get("/statistics/{year:str}", sync_to_thread=True)
def year_in_review(request: Request, year: FromPath[str]) -> Response:
    """Show the visitor what their year was like."""
    with reading(request) as visit:
        zone = time_zone(visit.member.time_zone)
        today = clock.as_datetime(visit.now).astimezone(zone).date()
        years = _years(visit, today, zone)
        if year not in years:
            raise NotFound(_(NO_SUCH_ADDRESS))
        period = _year(int(year), today, zone)
        span = (visit.account_id, period.first_at, period.end_at)
        rows = queries.days(visit.db, visit.account_id, period.first, period.last, zone)
        written = queries.posts(visit.db, *span)
        first_id = queries.first_post(visit.db, *span)
        hashtags = queries.hashtags(visit.db, *span)
        companions = _companions(visit, written)
        best = [post.id for post in best_posts(written, BEST_POSTS)]
        chosen = list(dict.fromkeys([*best, *([] if first_id is None else [first_id])]))
        views = {view.id: view for view in post_view_models.posts(visit, chosen)}
    busiest = max(rows, key=lambda row: (row.posts, row.day), default=None)
    return templating.page(
        request,
        "operations/year_in_review.html",
        visit,
        year=year,
        years=years,
        over=period.last.month == 12 and period.last.day == 31,
        counts=[(_(FIGURES[name]), formats.number(sum(getattr(row, name) for row in rows))) for name in COUNTS],
        months=_months(rows, period),
        streak=_streak(rows),
        busiest=(formats.day(busiest.day), busiest.posts) if busiest and busiest.posts else None,
        hashtags=[(name, number, charts.share(number, hashtags[0][1])) for name, number in hashtags],
        companions=companions,
        best=[views[id] for id in best if id in views],
        first=views.get(first_id) if first_id is not None and first_id not in best else None,
        cut=len(written) == queries.WINDOW,
        looked_at=len(written),
    )


def _years(visit: Visit, today: date, zone: tzinfo) -> list[str]:
    """Return the years in which there was the visitor's account, the newest first."""
    joined = clock.as_datetime(ids.created_at(visit.account_id)).astimezone(zone)
    return [str(year) for year in range(today.year, joined.year - 1, -1)]


def _year(year: int, today: date, zone: tzinfo) -> Period:
    return Period(str(year), date(year, 1, 1), min(date(year, 12, 31), today), zone)


def _months(rows: Sequence[AccountDay], period: Period) -> Chart:
    by_day = {row.day: row.posts for row in rows}
    spans = periods.by_month(Period(period.name, period.first, date(period.first.year, 12, 31)))
    return charts.chart(
        "months",
        _("Posts"),
        spans.columns,
        periods.numbers(spans, by_day, "sum"),
        total=formats.number(sum(by_day.values())),
        summary=_("Posts by month of %(year)s", year=period.first.year),
        table=f"/statistics.csv?days={(period.last - period.first).days + 1}&table=posts",
    )


def _streak(rows: Sequence[AccountDay]) -> Streak | None:
    """Return the most days on end with a post; the last of those that are as long, and none of a single day."""
    longest: list[date] = []
    current: list[date] = []
    for day in sorted(row.day for row in rows if row.posts):
        current = [*current, day] if current and day - current[-1] == timedelta(days=1) else [day]
        longest = current if len(current) >= len(longest) else longest
    if len(longest) < 2:
        return None
    return Streak(len(longest), formats.day(longest[0]), formats.day(longest[-1]))


def _companions(visit: Visit, written: Sequence[OwnPost]) -> list[Companion]:
    """Return whom the visitor replied to most."""
    replies = Counter(post.in_reply_to_account_id for post in written if post.in_reply_to_account_id is not None)
    del replies[visit.account_id]
    likely = [account_id for account_id, _number in replies.most_common(4 * PEOPLE)]
    nearby = queries.nearby(visit.db, visit.account_id, likely)
    shown = [account_id for account_id in likely if account_id in nearby][:PEOPLE]
    return [Companion(one, replies[one.id]) for one in account_view_models.accounts(visit, shown)]


router = Router("/", route_handlers=[year_in_review])
