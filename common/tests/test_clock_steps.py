"""A clock that was wrong, and is set right: what it put off isn't left to wait, and ids never go back."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.event import listen

from support.moment import NOW
from twite_common import clock, database, ids, outbox
from twite_common.errors import TooMany
from twite_common.queries.operations import newest_ids
from twite_common.services import attempts
from twite_common.services.notifications import mails
from twite_common.services.operations import due_times
from twite_common.services.posts import cards
from twite_common.settings import Settings
from twite_common.tables import card, event, field_check, mail, post

pytestmark = pytest.mark.faults

AHEAD = NOW + clock.HOUR
"""What the clock showed before it was set back to NOW."""


def put_off(db, account_id):
    """Write down, an hour ahead, one of everything that waits; return each one's table and id."""
    fresh, failed = outbox.add(db, "kept", now=AHEAD), outbox.add(db, "kept", now=AHEAD)
    outbox.fail(db, failed, "no such luck", now=AHEAD)
    reset = mails.add(db, "reset", now=AHEAD, address="ann@mail.example")
    refused = mails.add(db, "notifications", now=AHEAD, address="ann@mail.example")
    mails.postpone(db, now=AHEAD, sending=mails.claim(db, now=AHEAD, mail_id=refused), error="busy")
    page = ids.new(AHEAD)
    db.execute(insert(card), {"id": page, "url": "https://a.example", "due_at": AHEAD})
    claimed = ids.new(AHEAD)
    db.execute(insert(card), {"id": claimed, "url": "https://b.example", "due_at": AHEAD})
    cards.claim(db, claimed, now=AHEAD)
    check = ids.new(AHEAD)
    db.execute(
        insert(field_check), {"id": check, "account_id": account_id, "url": "https://a.example", "due_at": AHEAD}
    )
    found = {event: (fresh, failed), mail: (reset, refused), card: (page, claimed), field_check: (check,)}
    return [(table, id) for table, those in found.items() for id in those]


def due(db, waiting, now):
    return [db.scalar(select(table.c.due_at).where(table.c.id == id)) <= now for table, id in waiting]


def test_nothing_waits_for_a_clock_that_was_set_back(db, make_account):
    waiting = put_off(db, make_account("ann").id)
    before = due(db, waiting, NOW)
    due_times.bring_forward(db, now=NOW)

    assert set(before) == {False}
    assert set(due(db, waiting, NOW)) == {True}


def test_what_waits_as_long_as_it_should_goes_on_waiting(db, make_account):
    waiting = put_off(db, make_account("ann").id)
    times = [db.scalar(select(table.c.due_at).where(table.c.id == id)) for table, id in waiting]
    # A minute apart is what clocks of two machines may be.
    due_times.bring_forward(db, now=AHEAD - clock.MINUTE)

    assert [db.scalar(select(table.c.due_at).where(table.c.id == id)) for table, id in waiting] == times


def test_the_daily_mail_keeps_its_time(db, make_account):
    digest = mails.add(
        db, "digest", now=NOW, address="a@b.example", account_id=make_account("ann").id, due_at=NOW + 20 * clock.HOUR
    )
    due_times.bring_forward(db, now=NOW)

    assert not any(due(db, [(mail, digest)], NOW))


def test_a_notice_that_comes_too_soon_after_others_keeps_its_time(db, make_account):
    ann = make_account("ann")
    for _ in range(4):
        id = mails.add(db, "new_login", now=NOW, address="ann@mail.example", account_id=ann.id)
    planned = db.scalar(select(mail.c.due_at).where(mail.c.id == id))
    due_times.bring_forward(db, now=NOW + 20 * clock.SECOND)

    assert planned > NOW
    assert db.scalar(select(mail.c.due_at).where(mail.c.id == id)) == planned


def test_who_died_while_sending_is_found_after_the_clock_was_set_back(db):
    id = mails.add(db, "reset", now=AHEAD, address="ann@mail.example")
    mails.claim(db, now=AHEAD, mail_id=id)
    due_times.bring_forward(db, now=NOW)
    mails.recover(db, now=NOW + mails.CLAIM_MS + 1)

    assert db.scalar(select(mail.c.state)) == "due"


def test_nobody_waits_an_hour_longer_for_their_next_attempt(database):
    def error(now):
        try:
            attempts.count(database, ["login:ann"], now=now, window_ms=5 * clock.MINUTE, limit=1)
        except TooMany as error:
            return error

    found = [error(AHEAD), error(AHEAD), error(NOW), error(NOW)]

    assert [type(one) for one in found] == [type(None), TooMany, type(None), TooMany]
    assert found[-1].retry_after_seconds <= 300


def test_a_process_that_starts_goes_on_after_the_newest_id(database_url, tmp_path, make_account, make_post, db):
    ahead = clock.now() + clock.HOUR
    last = make_post(make_account("ann"), now=ahead)
    db.commit()
    ids.restart()
    started = database.connect(Settings(data=tmp_path, database=database_url, sqlite_synchronous="NORMAL"))
    with started.writing():
        first = ids.new(clock.now())
    started.close()

    assert first > last
    assert ids.created_at(first) <= ahead + 1


def test_a_process_hears_of_ids_that_others_made_meanwhile(opened, make_account, make_post, db):
    ids.new(clock.now())
    ann = make_account("ann")
    mine = ids._process
    ids.restart()
    others = make_post(ann, now=clock.now() + clock.HOUR)
    db.commit()
    ids.restart()
    ids._process = mine
    opened.follow_ids()

    assert ids.new(clock.now()) > others


def test_ids_of_a_far_future_are_passed_over(db, make_account, make_post):
    ann = make_account("ann")
    recent = make_post(ann, now=NOW)
    make_post(ann, now=NOW + 14 * 365 * clock.DAY)
    found = newest_ids.before(db, ids.first_at(NOW + ids.MAX_AHEAD_MS))
    ids.follow(db.scalar(select(post.c.id).order_by(post.c.id.desc()).limit(1)), NOW)

    assert found >= recent
    assert ids.created_at(found) == NOW
    assert ids.created_at(ids.new(NOW)) == NOW


@pytest.mark.parametrize(("ahead_ms", "grows"), [(clock.HOUR, True), (clock.DAY, True), (clock.DAY + 1, False)])
def test_a_process_goes_on_after_its_own_ids_unless_the_clock_was_wrong_by_more_than_a_day(ahead_ms, grows):
    last = ids.new(NOW + ahead_ms)

    assert (ids.new(NOW) > last) is grows


def test_the_newest_id_is_found_by_keys_alone(db):
    ran = []
    listen(db, "before_cursor_execute", lambda *arguments: ran.append(arguments[2:4]))
    newest_ids.before(db, 1)
    [(statement, parameters)] = ran
    if db.dialect.name == "sqlite":
        steps = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        scans = [step for step in steps if step.startswith("SCAN") and "anon" not in step]
    else:
        db.exec_driver_sql("SET LOCAL enable_seqscan = off")
        scans = [row[0] for row in db.exec_driver_sql(f"EXPLAIN {statement}", parameters) if "Seq Scan" in row[0]]

    assert scans == []
