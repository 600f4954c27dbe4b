"""Daily statistics: /api/v1/statistics/daily, which Mastodon doesn't have."""

from datetime import date, timedelta
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from twite_common import clock
from twite_common.errors import Invalid
from twite_common.queries.operations import statistics
from twite_common.translations import gettext as _
from twite_common.translations import ngettext
from twite_web.api.access import anyone, reading
from twite_web.api.schemas import Entity
from twite_web.routing import Router
from twite_web.types import Request

USUAL_DAYS = 30
MAX_DAYS = 366

First = Annotated[str | None, QueryParameter(name="from", description="First day, such as 2026-11-01 (UTC).")]
Last = Annotated[str | None, QueryParameter(name="to", description="Last day, inclusive; today by default.")]


class Day(Entity, frozen=True, kw_only=True, gc=False):
    """What happened on the site on one day in UTC. Replies are among the posts."""

    date: str
    active_accounts: int
    new_accounts: int
    posts: int
    replies: int
    boosts: int
    favourites: int
    follows: int
    mails: int


@get("/statistics/daily", opt=anyone(), sync_to_thread=True)
def daily(request: Request, first: First = None, last: Last = None) -> list[Day]:
    """Return the site's statistics by day, the newest first; today's are at most ten minutes old."""
    today = clock.as_date(clock.now())
    to = _day("to", last) or today
    since = _day("from", first) or to - timedelta(days=USUAL_DAYS - 1)
    if since > to:
        raise Invalid(_("from must not be after to."))
    if (to - since).days >= MAX_DAYS:
        raise Invalid(
            ngettext(
                "At most %(count)s day can be requested at once.",
                "At most %(count)s days can be requested at once.",
                MAX_DAYS,
            )
        )
    with reading(request) as access:
        days = statistics.daily(access.db, since, to)
    return [
        Day(
            date=day.day.isoformat(),
            active_accounts=day.active_accounts,
            new_accounts=day.new_accounts,
            posts=day.posts,
            replies=day.replies,
            boosts=day.boosts,
            favourites=day.favourites,
            follows=day.follows,
            mails=day.mails,
        )
        for day in days
    ]


def _day(name: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("%(name)s must be a day such as 2026-11-01.", name=name)) from error


router = Router("/", route_handlers=[daily], tags=["statistics"])
