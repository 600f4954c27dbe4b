from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from support.moment import NOW
from twite_common import clock
from twite_common.queries.operations import account_statistics
from twite_common.queries.operations import statistics as queries
from twite_common.services.accounts import follows
from twite_common.services.notifications import mails
from twite_common.services.operations import statistics
from twite_common.services.posts import boosts, favourites
from twite_common.tables import account, account_daily_statistics, daily_statistics, tag

DAY = clock.as_date(NOW)
NEXT = NOW + clock.DAY


@pytest.fixture
def busy_day(db, settings, ann, bob, cho, make_post):
    first = make_post(bob, "hello #Twite")
    make_post(ann, "@bob hi #twite", in_reply_to_id=first)
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=first)
    boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=first)
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    mails.sent(db, now=NOW, mail_id=mails.add(db, "test", now=NOW, address="x@mail.example"))
    make_post(cho, "tomorrow", now=NEXT)
    return first


def test_a_day_counts_what_happened_on_it(db, busy_day):
    statistics.compute(db, DAY, now=NOW)

    (found,) = queries.daily(db, DAY, DAY)
    assert msgspec.structs.asdict(found) == {
        "day": DAY,
        "active_accounts": 2,
        "new_accounts": 3,
        "posts": 2,
        "replies": 1,
        "boosts": 1,
        "favourites": 1,
        "follows": 1,
        "mails": 1,
        "accounts": 3,
        "media": 0,
        "top_posts": f'[["{busy_day}",2]]',
        "top_tags": '[["Twite",2]]',
    }


def test_what_staff_keep_from_lists_is_not_among_the_top_ones(db, bob, busy_day):
    db.execute(update(tag).values(listable=False))
    db.execute(update(account).where(account.c.id == bob.id).values(limited_at=NOW))
    statistics.compute(db, DAY, now=NOW)

    (found,) = queries.daily(db, DAY, DAY)
    assert (found.posts, found.top_posts, found.top_tags) == (2, "[]", "[]")


def test_computing_again_replaces_and_days_come_newest_first(db, busy_day):
    for day in (DAY, DAY + timedelta(days=1), DAY):
        statistics.compute(db, day, now=NOW)

    found = queries.daily(db, DAY - timedelta(days=9), DAY + timedelta(days=9))
    assert [(one.day, one.posts) for one in found] == [(DAY + timedelta(days=1), 1), (DAY, 2)]


def test_a_day_without_anything_has_zeros(db):
    statistics.compute(db, date(2020, 2, 29), now=NOW)

    (found,) = queries.daily(db, date(2020, 2, 29), date(2020, 2, 29))
    assert (found.posts, found.active_accounts, found.top_tags) == (0, 0, "[]")


@pytest.mark.faults
def test_totals_are_those_of_the_last_count(db, ann, bob, make_post, make_account):
    make_post(ann)
    at_first = queries.totals(db, now=NOW)
    statistics.keep_totals(db, now=NOW)
    make_account("dot")
    make_post(bob)

    assert (at_first.accounts, at_first.posts, at_first.active_month) == (2, 1, 1)
    assert queries.totals(db, now=NOW) == at_first
    statistics.keep_totals(db, now=NOW)
    assert queries.totals(db, now=NOW) == queries.count_totals(db, now=NOW)
    assert queries.totals(db, now=NOW).posts == 2


def test_days_that_lack_something_are_known_and_completed_without_counting_anew(db, busy_day, ann):
    for day in (DAY, DAY + timedelta(days=1)):
        statistics.compute(db, day, now=NOW)
    db.execute(
        update(daily_statistics).where(daily_statistics.c.day == DAY).values(posts=90, accounts=None, media=None)
    )
    db.execute(update(account_daily_statistics).values(replies_written=0, favourites=80))
    db.execute(delete(daily_statistics).where(daily_statistics.c.day == DAY + timedelta(days=1)))
    incomplete = queries.incomplete_days(db, DAY + timedelta(days=1))
    for day in incomplete:
        statistics.fill_in(db, day, now=NOW)

    assert incomplete == [DAY + timedelta(days=1), DAY]
    assert queries.incomplete_days(db, DAY + timedelta(days=1)) == []
    [later, earlier] = queries.daily(db, DAY, DAY + timedelta(days=1))
    assert (earlier.posts, earlier.accounts, earlier.media, later.posts) == (90, 3, 0, 1)
    [of_ann] = account_statistics.days(db, ann.id, DAY, DAY)
    assert (of_ann.replies_written, of_ann.favourites) == (1, 80)


def test_an_earlier_day_is_completed_a_few_accounts_at_a_time_and_then_called_complete(db, busy_day, monkeypatch):
    monkeypatch.setattr(statistics, "ACCOUNTS_AT_ONCE", 1)
    statistics.compute(db, DAY, now=NOW)
    db.execute(update(daily_statistics).values(accounts=None, media=None))
    db.execute(update(account_daily_statistics).values(replies_written=7))
    number = db.scalar(select(func.count()).select_from(account_daily_statistics))
    *pieces, last = statistics.look_to_fill_in(db, DAY, now=NOW)
    left = []
    for piece in pieces:
        piece(db)
        rows = db.execute(select(account_daily_statistics.c.replies_written))
        left.append(len([row for row in rows if row.replies_written == 7]))
    incomplete = queries.incomplete_days(db, DAY)
    last(db)

    assert number > 1
    assert left == [*range(number)[::-1], 0]
    assert (incomplete, queries.incomplete_days(db, DAY)) == ([DAY], [])


def test_a_day_without_any_is_called_complete_last(db, busy_day):
    *pieces, last = statistics.look_to_fill_in(db, DAY, now=NOW)
    for piece in pieces:
        piece(db)
    incomplete = queries.incomplete_days(db, DAY)
    last(db)

    assert (incomplete, queries.incomplete_days(db, DAY)) == ([DAY], [])


def test_a_site_without_accounts_lacks_nothing(db):
    assert queries.incomplete_days(db, DAY) == []
