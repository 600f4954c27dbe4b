"""Figures about the site: /api/v1/admin/{measures,dimensions,retention}."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from litestar import post
from litestar.params import JSONBody

from twite_common import clock, ids
from twite_common.errors import Invalid
from twite_common.queries.operations import measures as queries
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import __version__
from twite_web.api.access import Access, reading_as_staff, user
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.moderation import Cohort, CohortValue, DatedValue, Dimension, DimensionValue, Measure
from twite_web.routing import Router
from twite_web.types import Request

ELSEWHERE = {
    "tag_servers": None,
    "instance_accounts": None,
    "instance_media_attachments": "bytes",
    "instance_reports": None,
    "instance_statuses": None,
    "instance_follows": None,
    "instance_followers": None,
}
"""Numbers about other servers, by their units: this site knows none, so they are 0."""
DIMENSIONS = (
    *("languages", "sources", "servers", "space_usage", "software_versions", "tag_servers", "tag_languages"),
    *("instance_accounts", "instance_languages"),
)
MAX_LANGUAGES = 100
MAX_DAYS = 366
DEFAULT_DAYS = 30
FIRST_DAY, LAST_DAY = date(1972, 1, 1), date(2999, 12, 31)
WRONG_DATE = marked("Date supplied is invalid")
READ = user("admin:read")


class Subject(msgspec.Struct):
    """What a number is about: a hashtag."""

    id: str = ""


class Days(msgspec.Struct):
    """Which days are asked about, as dates or moments (ISO 8601); unless said, the last 30."""

    start_at: str = ""
    end_at: str = ""

    def bounds(self, now: int) -> tuple[date, date]:
        """Return the first and the last day. Raises Invalid for what are none, and for far too many."""
        try:
            last = _day(self.end_at) or clock.as_date(now)
            first = _day(self.start_at) or last - timedelta(days=DEFAULT_DAYS - 1)
        except ValueError as error:
            raise Invalid(_(WRONG_DATE)) from error
        if not FIRST_DAY <= first <= last <= LAST_DAY or (last - first).days > MAX_DAYS:
            raise Invalid(_(WRONG_DATE))
        return first, last


class MeasureParameters(Days):
    """Which numbers, and of which hashtags."""

    keys: list[str] = []
    tag_accounts: Subject = msgspec.field(default_factory=Subject)
    tag_uses: Subject = msgspec.field(default_factory=Subject)


class DimensionParameters(Days):
    """Which wholes, in how many parts, and of which hashtag."""

    keys: list[str] = []
    limit: int = 10
    tag_languages: Subject = msgspec.field(default_factory=Subject)


class RetentionParameters(Days):
    """How long the periods are."""

    frequency: Literal["day", "month"] = "day"


@post("/measures", status_code=200, opt=READ, sync_to_thread=True)
def measures(request: Request, data: JSONBody[MeasureParameters]) -> list[Measure]:
    """Return figures by day, and their totals for this and the preceding period."""
    keys = [key for key in dict.fromkeys(data.keys) if key in queries.MEASURES or key in ELSEWHERE]
    with reading_as_staff(request, "view_dashboard") as access:
        first, last = data.bounds(access.now)
        return [_measure(access, key, data, first, last) for key in keys]


@post("/dimensions", status_code=200, opt=READ, sync_to_thread=True)
def dimensions(request: Request, data: JSONBody[DimensionParameters]) -> list[Dimension]:
    """Return breakdowns, such as the most used languages."""
    keys = [key for key in dict.fromkeys(data.keys) if key in DIMENSIONS]
    with reading_as_staff(request, "view_dashboard") as access:
        first, last = data.bounds(access.now)
        return [Dimension(key=key, data=_dimension(access, key, data, first, last)) for key in keys]


@post("/retention", status_code=200, opt=READ, sync_to_thread=True)
def retention(request: Request, data: JSONBody[RetentionParameters]) -> list[Cohort]:
    """Return how many accounts that signed up in a period were active in it and in later ones."""
    with reading_as_staff(request, "view_dashboard") as access:
        first, last = data.bounds(access.now)
        joined = queries.signed_up(access.db, first, last)
        returned = queries.returned(access.db, first, last)
    active = {(account_id, _period(day, data.frequency)) for account_id, day in returned}
    periods = list(dict.fromkeys(_period(day, data.frequency) for day in clock.days(first, last)))
    cohorts: dict[date, set[int]] = {period: set() for period in periods}
    for account_id, day in joined.items():
        cohorts[_period(day, data.frequency)].add(account_id)
    numbers = Counter((_period(joined[account_id], data.frequency), period) for account_id, period in active)
    return [
        Cohort(
            period=_moment(period),
            frequency=data.frequency,
            data=[_part(len(members), numbers[period, later], later) for later in periods if later >= period],
        )
        for period, members in cohorts.items()
    ]


def _measure(access: Access, key: str, data: MeasureParameters, first: date, last: date) -> Measure:
    days = clock.days(first, last)
    counts, previous_counts = {}, {}
    if key in queries.MEASURES:
        tag_id = ids.parse({"tag_accounts": data.tag_accounts, "tag_uses": data.tag_uses}.get(key, Subject()).id) or 0
        counts = queries.measure(access.db, key, first, last, tag_id=tag_id)
        earlier = first - timedelta(days=len(days)), first - timedelta(days=1)
        previous_counts = queries.measure(access.db, key, *earlier, tag_id=tag_id)
    return Measure(
        key=key,
        unit=ELSEWHERE.get(key),
        total=str(sum(counts.values())),
        previous_total=str(sum(previous_counts.values())),
        data=[DatedValue(date=_moment(day), value=str(counts.get(day, 0))) for day in days],
    )


def _dimension(access: Access, key: str, data: DimensionParameters, first: date, last: date) -> list[DimensionValue]:
    """Return a whole's parts: none of what is elsewhere, and of sources, which aren't recorded."""
    limit = max(0, min(data.limit, MAX_LANGUAGES))
    if key == "languages":
        return _languages(queries.languages(access.db, first, last, limit=limit))
    if key == "tag_languages":
        tag_id = ids.parse(data.tag_languages.id) or 0
        return _languages(queries.tag_languages(access.db, first, last, tag_id=tag_id, limit=limit))
    if key == "space_usage":
        size = str(queries.media_bytes(access.db))
        return [DimensionValue(key="media", human_key=_("Media storage"), value=size, unit="bytes", human_value=size)]
    if key == "software_versions":
        return [DimensionValue(key="twite", human_key="Twite", value=__version__, human_value=__version__)]
    return []


def _languages(languages: list[tuple[str, int]]) -> list[DimensionValue]:
    return [DimensionValue(key=code, human_key=code, value=str(number)) for code, number in languages]


def _day(text: str) -> date | None:
    return datetime.fromisoformat(text).date() if text else None


def _part(members: int, returned: int, period: date) -> CohortValue:
    return CohortValue(date=_moment(period), rate=returned / members if members else 0.0, value=str(returned))


def _period(day: date, frequency: str) -> date:
    return day.replace(day=1) if frequency == "month" else day


def _moment(day: date) -> str:
    return timestamp(clock.start_of(day))


router = Router("/v1/admin", route_handlers=[measures, dimensions, retention], tags=["admin"])
