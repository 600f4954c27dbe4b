from datetime import UTC, datetime

import msgspec
import pytest

from moment import NOW
from twite_common import clock, events, secret
from twite_common.errors import NotFound
from twite_common.queries import credentials
from twite_common.queries import mails as queries
from twite_common.services import (
    accounts,
    blocks,
    follows,
    mails,
    notification_mails,
    notifications,
    post_deletion,
    unsubscribe,
)
from twite_common.services.accounts import PreferenceChanges

TEN_MINUTES = 10 * clock.MINUTE


@pytest.fixture
def planned(db, settings):
    """Act on every event as a worker would, and return a person's mails about notifications."""

    def planned(person, now=NOW, kind="notifications"):
        for event in events.pending(db):
            for id in events.take(db, event.id).details()["notification_ids"]:
                notification_mails.plan(db, settings, now=now, notification_id=id)
        return queries.latest(db, person.id, kind, limit=10)[::-1]

    return planned


def told(db, person, mail, now=NOW):
    return [item.post_text for item in queries.items(db, mail.id, account_id=person.id, now=now, seen_before=NOW * 2)]


def choose(db, person, **changes):
    accounts.change_preferences(db, account_id=person.id, changes=PreferenceChanges(**changes))


def send(db, mail, now):
    mails.sent(db, now=now, mail_id=mails.claim(db, now=now, mail_id=mail.id).id)


def test_the_first_mention_is_mailed_at_once_and_the_next_are_gathered(db, ann, bob, make_post, planned):
    make_post(ann, "@bob one")
    (first,) = planned(bob)
    send(db, first, NOW)
    for text, later in (("@bob two", 1000), ("@bob three", TEN_MINUTES - 1)):
        make_post(ann, text, now=NOW + later)
        planned(bob, NOW + later)
    _, second = planned(bob)

    assert (first.due_at, second.due_at) == (NOW, NOW + TEN_MINUTES)
    assert told(db, bob, first) == ["@bob one"]
    assert told(db, bob, second) == ["@bob two", "@bob three"]


def test_after_ten_quiet_minutes_a_mention_is_mailed_at_once_again(db, ann, bob, make_post, planned):
    make_post(ann, "@bob one")
    send(db, planned(bob)[0], NOW)
    later = NOW + TEN_MINUTES
    make_post(ann, "@bob two", now=later)

    assert planned(bob, later)[1].due_at == later


@pytest.mark.parametrize("reason", ["off", "muted", "looked", "failed address"])
def test_no_mail_to_those_who_do_not_want_or_need_it(db, ann, bob, make_post, planned, reason):
    if reason == "off":
        choose(db, bob, mail_mention="never")
    elif reason == "muted":
        blocks.mute_account(db, now=NOW, account_id=bob.id, muted_id=ann.id)
    elif reason == "looked":
        notifications.seen(db, account_id=bob.id, now=NOW - 2 * clock.MINUTE + 1)
    else:
        mail_id = mails.add(db, "test", now=NOW, address="bob@mail.example", account_id=bob.id)
        mails.refuse(db, now=NOW, sending=mails.claim(db, now=NOW, mail_id=mail_id), error="550 no such user")
    make_post(ann, "@bob hello")

    assert planned(bob) == []


@pytest.mark.parametrize("reason", ["off", "muted", "blocked", "looked", "deleted", "suspended"])
def test_what_changes_before_the_mail_is_sent_is_left_out(db, ann, bob, make_post, planned, reason):

    id = make_post(ann, "@bob hello")
    (mail,) = planned(bob)
    before = told(db, bob, mail)
    match reason:
        case "off":
            choose(db, bob, mail_mention="never")
        case "muted":
            blocks.mute_account(db, now=NOW, account_id=bob.id, muted_id=ann.id)
        case "blocked":
            blocks.block_account(db, now=NOW, account_id=bob.id, blocked_id=ann.id)
        case "looked":
            notifications.seen(db, account_id=bob.id, now=NOW + 1)
        case "deleted":
            post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=id)
        case "suspended":
            accounts.suspend(db, now=NOW, account_id=ann.id)
    after = queries.items(db, mail.id, account_id=bob.id, now=NOW, seen_before=NOW)

    assert (before, after) == (["@bob hello"], [])


def test_daily_choices_are_gathered_until_the_digest_hour_where_one_lives(db, ann, bob, planned):
    choose(db, bob, mail_follow="daily", time_zone="America/New_York")
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    (mail,) = planned(bob, kind="digest")

    due = datetime.fromtimestamp(mail.due_at / 1000, UTC)
    assert NOW < mail.due_at <= NOW + clock.DAY
    assert (due.hour, due.minute) in {(12, 0), (13, 0)}


@pytest.mark.parametrize(
    ("hour", "quiet_from", "quiet_to", "end"),
    [(23, 22, 7, 31), (3, 22, 7, 7), (7, 22, 7, 7), (12, 22, 7, 12), (13, 12, 14, 14), (14, 12, 14, 14), (5, 6, 6, 5)],
)
def test_quiet_hours_are_kept_even_past_midnight(hour, quiet_from, quiet_to, end):
    midnight = clock.start_of(clock.as_date(NOW))
    at = midnight + hour * clock.HOUR
    due = notification_mails.after_quiet_hours(at, "UTC", quiet_from * 60, quiet_to * 60)

    assert (due - midnight) / clock.HOUR == end


def test_a_lost_sender_never_makes_a_notification_arrive_twice_but_account_mail_arrives(db):
    ids = {kind: mails.add(db, kind, now=NOW, address="x@mail.example") for kind in ("notifications", "reset")}
    for id in ids.values():
        mails.claim(db, now=NOW, mail_id=id)
        mails.begin(db, mail_id=id)
    mails.recover(db, now=NOW + mails.CLAIM_MS)
    early = {kind: queries.get(db, id).state for kind, id in ids.items()}
    mails.recover(db, now=NOW + mails.CLAIM_MS + 1)

    assert early == {"notifications": "sending", "reset": "sending"}
    assert {kind: queries.get(db, id).state for kind, id in ids.items()} == {"notifications": "parked", "reset": "due"}


def test_a_mail_that_nobody_had_begun_to_hand_over_is_due_again(db):
    id = mails.add(db, "notifications", now=NOW, address="x@mail.example")
    mails.claim(db, now=NOW, mail_id=id)
    mails.recover(db, now=NOW + mails.CLAIM_MS + 1)

    assert queries.get(db, id).state == "due"


def test_a_mail_is_claimed_once(db):
    id = mails.add(db, "test", now=NOW, address="x@mail.example")

    assert mails.claim(db, now=NOW - 1, mail_id=id) is None
    assert mails.claim(db, now=NOW, mail_id=id).state == "claimed"
    assert mails.claim(db, now=NOW, mail_id=id) is None


def test_temporary_failures_wait_longer_each_time_and_are_parked_in_the_end(db):
    id = mails.add(db, "test", now=NOW, address="x@mail.example")
    waits, now = [], NOW
    while (sending := mails.claim(db, now=now, mail_id=id)) is not None:
        mails.postpone(db, now=now, sending=sending, error="451 later")
        found = queries.get(db, id)
        waits.append(found.due_at - now)
        now = found.due_at

    assert waits[:-1] == list(mails.DELAYS_MS)
    assert (found.state, found.error) == ("parked", "451 later")


def test_a_refused_address_is_marked_until_a_new_one_is_confirmed(db, bob):
    id = mails.add(db, "test", now=NOW, address="bob@mail.example", account_id=bob.id)
    mails.refuse(db, now=NOW, sending=mails.claim(db, now=NOW, mail_id=id), error="550 no such user")
    marked = credentials.get(db, bob.id)
    accounts.confirm(db, now=NOW, account_id=bob.id)

    assert (marked.mail_failed_at, marked.mail_failure) == (NOW, "550 no such user")
    assert credentials.get(db, bob.id).mail_failed_at is None


def test_one_click_turns_off_what_the_mail_was_about_and_nothing_else(db, settings, bob):
    signer = secret.signer(settings)
    before = credentials.preferences_of(db, bob.id)
    token = unsubscribe.token(signer, bob.id, ["mention", "weekly"])
    unsubscribe.use(db, signer, token)

    changed = msgspec.structs.replace(before, mail_mention="never", mail_weekly=False)
    assert credentials.preferences_of(db, bob.id) == changed
    with pytest.raises(NotFound):
        unsubscribe.use(db, signer, token.replace("mention", "follow"))
