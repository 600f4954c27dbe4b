"""What sites of some sizes need, computed from what was measured: `python bench/capacity.py`.

`docs/scaling.md` explains each figure. Whoever knows their own site better changes the assumptions here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

SIZES = (10_000, 1_000_000, 100_000_000)
DAY_SECONDS, YEAR_DAYS = 86_400, 365
KIB, MIB, GIB, TIB = 2**10, 2**20, 2**30, 2**40


@dataclass(frozen=True)
class Measured:
    """What was measured on one machine; times are seconds of one of its processors, on PostgreSQL.

    `web`, `database` and `worker` are what a request of a day's mix takes (`make bench`), `delivery` what the database
    takes to put a post into one timeline. Bytes on disk hold the indexes.
    """

    web: float = 0.002_7
    database: float = 0.003_4
    worker: float = 0.000_1
    delivery: float = 0.000_007
    web_process_bytes: int = 130 * MIB
    account_bytes: int = 1_455
    follow_bytes: int = 207
    timeline_entry_bytes: int = 98
    post_bytes: int = 520
    favourite_bytes: int = 188
    notification_bytes: int = 273


@dataclass(frozen=True)
class Assumed:
    """How people use a site, and how full machines may be. Each number for one person is that of one who came today."""

    daily_share: float = 0.2
    monthly_share: float = 0.4
    requests: int = 200
    posts: float = 1.5
    deliveries_per_post: int = 80
    favourites_per_post: float = 3.0
    notifications_per_post: float = 3.0
    follows_per_account: int = 30
    media_per_post: float = 0.15
    media_bytes: int = 600_000
    answer_bytes: int = 6_000
    media_requests: float = 0.5
    media_answer_bytes: int = 60_000
    streaming_share: float = 0.1
    stream_bytes: int = 50 * KIB
    peak: float = 3.0
    processor_use: float = 0.6
    timeline_length: int = 800
    read_share_of_database: float = 0.8
    web_machine_processors: int = 16
    database_machine_processors: int = 32
    database_machine_bytes: int = 4 * TIB
    price_of_processor: float = 12.0
    price_of_database_tib: float = 80.0
    price_of_media_tib: float = 15.0


@dataclass(frozen=True)
class Plan:
    """What a site needs. Rates are those of the busiest hour; `cost` is for a month, after a year of posts."""

    accounts: int
    daily: float
    requests_per_second: float
    posts_per_second: float
    deliveries_per_second: float
    streams: float
    megabits_per_second: float
    web_processors: float
    web_memory: float
    worker_processors: float
    database_processors: float
    timelines_bytes: float
    database_bytes: float
    media_bytes: float
    web_machines: int
    shards: int
    replicas_per_shard: int
    cost: float


def plan(accounts: int, measured: Measured, assumed: Assumed) -> Plan:
    """Return what a site with so many accounts needs."""
    daily = accounts * assumed.daily_share
    requests = daily * assumed.requests / DAY_SECONDS * assumed.peak
    posts_per_day = daily * assumed.posts
    posts = posts_per_day / DAY_SECONDS * assumed.peak
    deliveries = posts * assumed.deliveries_per_post
    streams = daily * assumed.streaming_share
    web = requests * measured.web / assumed.processor_use
    workers = requests * measured.worker / assumed.processor_use
    database = (requests * measured.database + deliveries * measured.delivery) / assumed.processor_use
    timelines = accounts * assumed.monthly_share * assumed.timeline_length * measured.timeline_entry_bytes
    stored = timelines + _people_bytes(accounts, measured, assumed)
    stored += posts_per_day * YEAR_DAYS * _post_bytes(measured, assumed)
    media = posts_per_day * YEAR_DAYS * assumed.media_per_post * assumed.media_bytes
    memory = math.ceil(web) * measured.web_process_bytes + streams * assumed.stream_bytes
    traffic = requests * (assumed.answer_bytes + assumed.media_requests * assumed.media_answer_bytes) * 8 / 1e6
    shards, replicas = _databases(database, stored, assumed)
    return Plan(
        accounts=accounts,
        daily=daily,
        requests_per_second=requests,
        posts_per_second=posts,
        deliveries_per_second=deliveries,
        streams=streams,
        megabits_per_second=traffic,
        web_processors=web,
        web_memory=memory,
        worker_processors=workers,
        database_processors=database,
        timelines_bytes=timelines,
        database_bytes=stored,
        media_bytes=media,
        web_machines=math.ceil((web + workers) / assumed.web_machine_processors),
        shards=shards,
        replicas_per_shard=replicas,
        cost=assumed.price_of_processor * (math.ceil(web + workers) + math.ceil(database))
        + assumed.price_of_database_tib * stored / TIB * (1 + replicas)
        + assumed.price_of_media_tib * media / TIB,
    )


def _people_bytes(accounts: int, measured: Measured, assumed: Assumed) -> float:
    return accounts * (measured.account_bytes + assumed.follows_per_account * measured.follow_bytes)


def _post_bytes(measured: Measured, assumed: Assumed) -> float:
    """Return the bytes of a post with the favourites and notifications that follow from it."""
    return (
        measured.post_bytes
        + assumed.favourites_per_post * measured.favourite_bytes
        + assumed.notifications_per_post * measured.notification_bytes
    )


def _databases(processors: float, stored: float, assumed: Assumed) -> tuple[int, int]:
    """Return how many databases share the accounts, and how many replicas each has to read from.

    A site is divided only when one machine can't write or hold it all.
    """
    most = assumed.database_machine_processors
    writing = processors * (1 - assumed.read_share_of_database)
    shards = max(1, math.ceil(writing / most), math.ceil(stored / assumed.database_machine_bytes))
    return shards, math.ceil(processors / shards / most) - 1


ROWS: tuple[tuple[str, Callable[[Plan], str]], ...] = (
    ("accounts", lambda p: f"{p.accounts:,}"),
    ("people a day", lambda p: f"{p.daily:,.0f}"),
    ("requests/s", lambda p: _number(p.requests_per_second)),
    ("posts/s", lambda p: _number(p.posts_per_second)),
    ("deliveries/s", lambda p: _number(p.deliveries_per_second)),
    ("streams", lambda p: _number(p.streams)),
    ("traffic", lambda p: f"{_number(p.megabits_per_second)} Mbit/s"),
    ("web processors", lambda p: _number(p.web_processors)),
    ("web memory", lambda p: _bytes(p.web_memory)),
    ("worker processors", lambda p: _number(p.worker_processors)),
    ("database processors", lambda p: _number(p.database_processors)),
    ("home timelines", lambda p: _bytes(p.timelines_bytes)),
    ("database, after a year", lambda p: _bytes(p.database_bytes)),
    ("media, after a year", lambda p: _bytes(p.media_bytes)),
    ("web machines", lambda p: f"{p.web_machines:,}"),
    ("databases", lambda p: f"{p.shards:,}"),
    ("replicas of each", lambda p: f"{p.replicas_per_shard:,}"),
    ("cost a month", lambda p: f"{p.cost:,.0f} €"),
)


def _number(value: float) -> str:
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def _bytes(value: float) -> str:
    unit, name = next(
        (unit, name) for unit, name in ((TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (1, "B")) if value >= unit
    )
    return f"{_number(value / unit)} {name}"


def table(plans: list[Plan]) -> str:
    """Return the plans as a table in Markdown, one in each column."""
    header, *rows = [[name, *(show(one) for one in plans)] for name, show in ROWS]
    lines = [header, ["---", *("---:" for _ in plans)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(table([plan(accounts, Measured(), Assumed()) for accounts in SIZES]))
