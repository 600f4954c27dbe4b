"""Periodic jobs. The clock's ticks are hints; each job runs when its last success says that it is due."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

import msgspec

from twite_common import clock, ids, outbox
from twite_common.database import Connection, Database, dispatch
from twite_common.queries.accounts import credentials
from twite_common.queries.identity import archives as archive_queries
from twite_common.queries.identity import imports as import_queries
from twite_common.queries.notifications import mail_followers as follower_queries
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.notifications import push as push_queries
from twite_common.queries.notifications import webhooks as webhook_queries
from twite_common.queries.operations import statistics as statistic_queries
from twite_common.services.accounts import field_verification
from twite_common.services.identity import archives, deactivation, imports, second_factors
from twite_common.services.moderation import announcements, domain_lists
from twite_common.services.notifications import mail_bounces, mail_followers, mail_health, mails, push, webhooks
from twite_common.services.operations import cleaning, due_times, media_sweep, statistics
from twite_common.services.operations import jobs as job_services
from twite_common.services.operations.jobs import Lease, TakenOver
from twite_common.services.posts import (
    cards,
    media,
    media_processing,
    polls,
    post_deletion_rules,
    post_expiry,
    scheduled_posts,
)
from twite_common.services.timelines import stream_events, tags, trends, trimming
from twite_common.settings import Settings
from twite_tasks import leases
from twite_tasks.context import Context

log = logging.getLogger(__name__)

HINTS = 8
"""How many messages say that there is something to do, so that several workers and threads hear of it."""
AWAY_MS = 7 * clock.DAY
FOLLOWERS, FOLLOWERS_AT_ONCE = 1000, 50
"""Readers by mail for whom one run looks for posts, and for how many in one transaction."""
USES_MARGIN_MS = 5 * clock.MINUTE
"""How long before the last run a post may have got its id that this run sees first."""
MAX_CATCHING_UP_DAYS = 30
"""Days further back are left to `fill_in`, and to `twite statistics compute`."""
FILLED_IN_DAYS = 100
"""Earlier days that one run completes: a year within an hour."""

Piece = Callable[[Connection], None]
Look = Callable[[Connection], Sequence[Piece]]
"""Reads, in a transaction that keeps nobody waiting, and returns what is then written."""
T = TypeVar("T")


class Job(msgspec.Struct, frozen=True):
    """What is done again and again, and after how long. `every_ms` is a little short, so that no tick is missed.

    `run` is one transaction, and so are the pieces of work that are done before it, which `first` returns: no job
    keeps others from writing for long. Where reading for them takes long, too, `looks` returns what does it, one after
    the other. `after` is done outside of any transaction, once the job has succeeded.
    """

    every_ms: int
    run: Callable[[Connection, Settings, int], None]
    first: Callable[[Connection, Settings, int], Sequence[Piece]] | None = None
    looks: Callable[[Connection, Settings, int], Sequence[Look]] | None = None
    after: Callable[[Database], None] | None = None


def run(context: Context, name: str, *, now: int) -> None:
    """Do a job, if it is due and nobody else is at it; a failure is recorded, and the next tick tries again."""
    database = context.database
    with database.writing() as db:
        lease = job_services.start(db, name, now=now, every_ms=JOBS[name].every_ms)
    if lease is None:
        return

    def renew(db: Connection) -> None:
        job_services.renew(db, lease, now=clock.now())

    try:
        with leases.renewed(database, renew, name=f"job {name}", every_seconds=job_services.RENEW_SECONDS):
            _work(context, lease, now)
    except TakenOver:
        log.warning("job_taken_over %s", {"job": name})
    except Exception as error:
        log.exception("job_failed %s", {"job": name})
        with database.writing() as db:
            job_services.fail(db, lease, f"{type(error).__name__}: {error}")


def _work(context: Context, lease: Lease, now: int) -> None:
    """Do a job's pieces of work, each only as long as the job is still ours."""
    database, settings, job = context.database, context.settings, JOBS[lease.name]
    for piece in _pieces(database, settings, job, now):
        with database.writing() as db:
            job_services.require(db, lease)
            piece(db)
    with database.writing() as db:
        job_services.require(db, lease)
        job.run(db, settings, now)
        job_services.succeed(db, lease, now=now)
    if job.after is not None:
        job.after(database)


def _pieces(database: Database, settings: Settings, job: Job, now: int) -> Iterator[Piece]:
    """Give the pieces of a job's work, with no transaction open."""
    if job.first is not None:
        with database.reading() as db:
            pieces = job.first(db, settings, now)
        yield from pieces
    if job.looks is not None:
        with database.reading() as db:
            looks = job.looks(db, settings, now)
        for look in looks:
            with database.reading() as db:
                pieces = look(db)
            yield from pieces


def hand_over(db: Connection, _settings: Settings, now: int) -> None:
    """Put in line again what failed or was left, and tell workers of what waits.

    A few messages are enough, whatever waits: who is woken goes on as long as there is something.
    """
    mails.recover(db, now=now)
    push.recover(db, now=now)
    webhooks.recover(db, now=now)
    media_processing.recover(db, now=now)
    archives.recover(db, now=now)
    imports.recover(db, now=now)
    outbox.put_back(db, now=now)
    mails.put_in_line(db, now=now)
    waiting = {
        outbox.TASK: outbox.waiting(db, limit=HINTS),
        mails.TASK: mail_queries.waiting(db, now=now, limit=HINTS),
        push.TASK: push_queries.due(db, now=now, limit=HINTS),
        webhooks.TASK: webhook_queries.due(db, now=now, limit=HINTS),
        media.TASK: media_processing.waiting(db, limit=HINTS),
        archives.TASK: archive_queries.waiting(db, limit=1),
        imports.TASK: import_queries.waiting(db, now=now, limit=1),
        cards.TASK: cards.due(db, now=now, limit=HINTS),
        field_verification.TASK: field_verification.due(db, now=now, limit=HINTS),
    }
    for task, row_ids in waiting.items():
        for id in row_ids:
            dispatch(db, task, id)


def days_to_look_at(db: Connection, _settings: Settings, now: int) -> list[Look]:
    """Compute today's statistics so far, the site's totals, and those days before that no run can have seen whole.

    These are yesterday, the day of the last run, and those since, on which no worker was there.
    """
    today = clock.as_date(now)
    ran_at = job_services.last_success(db, "statistics")
    ran_on = clock.as_date(ran_at) if ran_at is not None else today
    first = max(min(ran_on, today - timedelta(days=1)), today - timedelta(days=MAX_CATCHING_UP_DAYS))
    looks: list[Look] = [partial(statistics.look_at, day=day, now=now) for day in clock.days(first, today)]
    return [*looks, partial(statistics.look_at_totals, now=now)]


def days_to_fill_in(db: Connection, _settings: Settings, now: int) -> list[Look]:
    """Complete the statistics of earlier days from which some are missing, a few at a time, the newest first."""
    last = clock.as_date(now) - timedelta(days=2)
    days = statistic_queries.incomplete_days(db, last)[:FILLED_IN_DAYS]
    return [partial(statistics.look_to_fill_in, day=day, now=now) for day in days]


def mail_statistics(db: Connection, settings: Settings, now: int) -> None:
    """Write to the administrators what happened yesterday, once a day after the digest hour."""
    if clock.as_datetime(now).hour < settings.digest_hour:
        return
    today = ids.first_at(clock.start_of(clock.as_date(now)))
    for administrator in credentials.with_role(db, ["admin"]):
        last = next(iter(mail_queries.latest(db, administrator.account_id, "statistics")), None)
        if last is None or last.id < today:
            mails.add(db, "statistics", now=now, address=administrator.email, account_id=administrator.account_id)


def mail_weekly(db: Connection, _settings: Settings, now: int) -> None:
    """Write to those who have been away for a week, once a week."""
    week_ago = now - AWAY_MS
    away = mail_queries.away(
        db, seen_before=week_ago, first_id=ids.first_at(week_ago), first_mail_id=ids.first_at(week_ago)
    )
    for account_id, address in away:
        mails.add(db, "weekly", now=now, address=address, account_id=account_id)


def mail_followers_due(db: Connection, settings: Settings, now: int) -> list[Piece]:
    """Write new posts to those who follow accounts by mail, and forget who never said that they want to."""
    due = follower_queries.due(db, now=now, limit=FOLLOWERS)

    def write(db: Connection, *, follower_ids: Sequence[int]) -> None:
        for follower_id in follower_ids:
            mail_followers.plan(db, settings, follower_id, now=now)

    return [partial(write, follower_ids=some) for some in _batches(due, FOLLOWERS_AT_ONCE)]


def ask_for_second_factors(db: Connection, settings: Settings, now: int) -> None:
    """Tell those whose role needs a second factor, and who have none, until when to set it up."""
    second_factors.ask_staff(db, settings, now=now)


def renew_archives(db: Connection, _settings: Settings, now: int) -> None:
    """Have the archives made that are due by themselves, and remove those, and imports, that were kept long enough."""
    archives.remove_over(db, now=now)
    imports.remove_over(db, now=now)
    archives.ask_monthly(db, now=now)


def accounts_to_delete(db: Connection, _settings: Settings, now: int) -> list[Piece]:
    """Delete accounts whose owners have deactivated them and stayed away, each in a transaction of its own."""
    return [
        partial(deactivation.delete_over, account_id=account_id, now=now)
        for account_id in deactivation.over(db, now=now)
    ]


def old_posts(db: Connection, _settings: Settings, now: int) -> list[Piece]:
    """Delete a few old posts of each account that has a rule for that, each account's in a transaction of its own."""
    accounts = post_deletion_rules.due(db, now=now)
    return [partial(post_deletion_rules.delete_some, account_id=account_id, now=now) for account_id in accounts]


def fetch_domain_lists(db: Connection, _settings: Settings, now: int) -> None:
    """Have the list of domains fetched whose day has been over for longest; each run, the next one."""
    domain_lists.announce_due(db, now=now)


def read_bounces(db: Connection, settings: Settings, now: int) -> None:
    """Have the mailbox read in which mail that came back arrives, if there is one."""
    if settings.mail_bounces_mailbox:
        outbox.add(db, mail_bounces.READ, now=now)


def check_mail_domain(db: Connection, _settings: Settings, now: int) -> None:
    """Ask DNS what it says of the domain that mail comes from."""
    mail_health.ask(db, now=now)


def unconfirmed_accounts(db: Connection, _settings: Settings, now: int) -> list[Piece]:
    """Delete accounts whose address was never confirmed, a few in a transaction."""
    found = cleaning.unconfirmed(db, now=now)
    return [partial(cleaning.delete_unconfirmed, account_ids=some, now=now) for some in _batches(found, 20)]


def clean(db: Connection, _settings: Settings, now: int) -> None:
    """Remove what is over."""
    cleaning.remove_what_is_over(db, now=now)
    media.drop_left(db, now=now)


def clean_unused(db: Connection, _settings: Settings, now: int) -> None:
    """Remove links, tokens, codes and applications that nobody uses."""
    cleaning.remove_unused(db, now=now)


def clean_streams(db: Connection, _settings: Settings, now: int) -> None:
    """Remove what every listener has been told."""
    stream_events.forget_old(db, now=now)


def forget_words(db: Connection, _settings: Settings, now: int) -> None:
    """Remove a part of the words of deleted and edited posts from the full-text index, all of them within a day."""
    ran_at = job_services.last_success(db, "forget_words")
    cleaning.forget_words(db, anew=ran_at is None or clock.as_date(ran_at) != clock.as_date(now))


def trim_timelines(db: Connection, settings: Settings, _now: int) -> list[Piece]:
    """Cut timelines to their length, and take out posts that are gone; both are looked up before."""
    length = settings.timeline_length
    return [
        piece
        for timeline in trimming.TIMELINES
        for piece in (
            *[partial(timeline.cut, ids=some, length=length) for some in _batches(timeline.too_long(db, length), 20)],
            *[partial(timeline.take_out, lines=some) for some in _batches(timeline.gone(db), 500)],
        )
    ]


def bring_forward(db: Connection, _settings: Settings, now: int) -> None:
    """Have nothing wait that was put off by a clock which has been set back since."""
    due_times.bring_forward(db, now=now)


def nothing_more(_db: Connection, _settings: Settings, _now: int) -> None:
    """Do nothing after the pieces of a job."""


def sweep_media(db: Connection, _settings: Settings, now: int) -> None:
    """Look for files without rows, and rows without files, step by step."""
    media_sweep.go_on(db, media_sweep.Place(), now=now)


def publish_scheduled(db: Connection, _settings: Settings, now: int) -> None:
    """Have the posts published whose time has come."""
    scheduled_posts.announce_due(db, now=now)


def delete_posts_over(db: Connection, _settings: Settings, now: int) -> None:
    """Have the posts deleted that have ended by themselves."""
    post_expiry.announce_over(db, now=now)


def publish_announcements(db: Connection, _settings: Settings, now: int) -> None:
    """Publish the announcements whose time has come."""
    announcements.publish_due(db, now=now)


def compute_trends(db: Connection, _settings: Settings, now: int) -> None:
    """Find out what is talked about most, and count how often hashtags were used that were used lately."""
    ran_at = job_services.last_success(db, "trends") or 0
    tags.count_uses(db, since=max(ran_at - USES_MARGIN_MS, now - MAX_CATCHING_UP_DAYS * clock.DAY))
    trends.compute(db, now=now)


def end_polls(db: Connection, _settings: Settings, now: int) -> None:
    """Tell those concerned of polls that have ended."""
    polls.end_those_over(db, now=now)


JOBS: dict[str, Job] = {
    "hand_over": Job(5 * clock.SECOND, hand_over),
    "scheduled_posts": Job(5 * clock.SECOND, publish_scheduled),
    "posts_over": Job(5 * clock.SECOND, delete_posts_over),
    "announcements": Job(50 * clock.SECOND, publish_announcements),
    "trends": Job(4 * clock.MINUTE, compute_trends),
    "polls": Job(15 * clock.SECOND, end_polls),
    "statistics": Job(9 * clock.MINUTE, nothing_more, looks=days_to_look_at),
    "statistics_history": Job(9 * clock.MINUTE, nothing_more, looks=days_to_fill_in),
    "statistics_mail": Job(9 * clock.MINUTE, mail_statistics),
    "weekly_mail": Job(50 * clock.MINUTE, mail_weekly),
    "mail_followers": Job(4 * clock.MINUTE, nothing_more, first=mail_followers_due),
    "second_factors": Job(50 * clock.MINUTE, ask_for_second_factors),
    "archives": Job(9 * clock.MINUTE, renew_archives),
    "deactivated": Job(50 * clock.MINUTE, nothing_more, first=accounts_to_delete),
    "old_posts": Job(4 * clock.MINUTE, nothing_more, first=old_posts),
    "domain_lists": Job(8 * clock.MINUTE, fetch_domain_lists),
    "mail_bounces": Job(4 * clock.MINUTE, read_bounces),
    "mail_domain": Job(clock.DAY - 10 * clock.MINUTE, check_mail_domain),
    "clean": Job(50 * clock.MINUTE, clean, first=unconfirmed_accounts),
    "clean_unused": Job(4 * clock.MINUTE, clean_unused),
    "clean_streams": Job(50 * clock.SECOND, clean_streams),
    "forget_words": Job(50 * clock.SECOND, forget_words, after=Database.empty_log),
    "trim_timelines": Job(50 * clock.MINUTE, nothing_more, first=trim_timelines),
    "sweep_media": Job(7 * clock.DAY - 10 * clock.MINUTE, sweep_media),
    "due_times": Job(15 * clock.SECOND, bring_forward),
}


def _batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
