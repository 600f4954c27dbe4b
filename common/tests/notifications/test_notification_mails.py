from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, outbox, secret
from twite_common.drafts import Draft
from twite_common.errors import NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mails as queries
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts, blocks, follows, preferences
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.identity import confirmations, passwords
from twite_common.services.moderation import account_actions
from twite_common.services.notifications import mails, notification_mails, notifications, unsubscribe
from twite_common.services.operations import commands
from twite_common.services.posts import post_deletion, post_edits
from twite_common.tables import notification

TEN_MINUTES = 10 * clock.MINUTE


@pytest.fixture
def planned(db, settings):
    """Act on every event as a worker would, and return a person's mails about notifications."""

    def planned(person, now=NOW, kind="notifications"):
        for event in outbox.pending(db):
            for id in outbox.take(db, event.id).details()["notification_ids"]:
                notification_mails.plan(db, settings, now=now, notification_id=id)
        return queries.latest(db, person.id, kind, limit=10)[::-1]

    return planned


def told(db, person, mail, now=NOW):
    return [item.post_text for item in queries.items(db, mail.id, account_id=person.id, now=now, seen_before=NOW * 2)]


def choose(db, person, **changes):
    preferences.change_preferences(db, account_id=person.id, changes=PreferenceChanges(**changes))


def refuse(db, person, now, error="550 no such user"):
    """Have the mail server refuse somebody's address, and take a mail to somebody else afterwards."""
    address = f"{person.username}@mail.example"
    id = mails.add(db, "test", now=now, address=address, account_id=person.id)
    mails.refuse(db, now=now, sending=mails.claim(db, now=now, mail_id=id), error=error)
    mails.sent(db, now=now + 1, mail_id=mails.add(db, "test", now=now + 1, address="x@mail.example"))


LATER = NOW + clock.SECOND


def mark(db, person, now=NOW):
    """Have an address refused so often that it takes no mail any more."""
    for days in (3, 2, 0):
        refuse(db, person, now - days * clock.DAY)


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
        mark(db, bob)
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
        mails.begin(db, now=NOW, mail_id=id)
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


def failure(db, person):
    found = credentials.get(db, person.id)
    return found.mail_failed_at, found.mail_refusals


@pytest.mark.faults
def test_three_refusals_over_two_days_mark_an_address(db, bob):
    standings = []
    for hours in (0, 1, 47, 48):
        refuse(db, bob, NOW + hours * clock.HOUR, error=f"550 no such user, {hours}")
        standings.append(failure(db, bob))
    later = NOW + 48 * clock.HOUR

    assert standings == [(None, 1), (None, 2), (None, 3), (later, 4)]
    assert credentials.get(db, bob.id).mail_failure == "550 no such user, 48"


@pytest.mark.faults
def test_a_mail_server_that_refuses_everybody_marks_nobody(db, bob):
    refuse(db, bob, NOW)
    for hours in range(12, 96, 12):
        now = NOW + hours * clock.HOUR
        id = mails.add(db, "test", now=now, address="bob@mail.example", account_id=bob.id)
        mails.refuse(db, now=now, sending=mails.claim(db, now=now, mail_id=id), error="550 relay not permitted")

    assert failure(db, bob) == (None, 2)


def test_refusals_before_a_mail_that_arrived_count_no_more(db, bob):
    refuse(db, bob, NOW)
    refuse(db, bob, NOW + clock.DAY)
    arrived = mails.add(db, "test", now=NOW, address="bob@mail.example", account_id=bob.id)
    mails.sent(db, now=NOW, mail_id=arrived)
    refuse(db, bob, NOW + 3 * clock.DAY)

    assert failure(db, bob) == (None, 1)


def test_an_address_that_was_given_up_meanwhile_is_not_counted(db, bob):
    id = mails.add(db, "test", now=NOW, address="old@mail.example", account_id=bob.id)
    mails.refuse(db, now=NOW, sending=mails.claim(db, now=NOW, mail_id=id), error="550 no such user")

    assert failure(db, bob) == (None, 0)


@pytest.mark.parametrize("end", ["mail", "confirmation", "reset", "administrator", "all", "command"])
def test_an_address_takes_mail_again(db, settings, ann, bob, end):
    mark(db, bob)
    mark(db, ann, LATER)
    accounts.set_role(db, account_id=ann.id, role="admin")
    admin = viewers.by_account(db, ann.id)
    before = failure(db, bob)
    match end:
        case "mail":
            confirmations.ask_whether_mail_arrives(db, now=NOW, account_id=bob.id)
            mails.sent(db, now=NOW, mail_id=queries.latest(db, bob.id, "confirm")[0].id)
        case "confirmation":
            confirmations.confirm(db, now=NOW, account_id=bob.id)
        case "reset":
            signer = secret.signer(settings)
            token = one_time_links.token(signer, one_time_links.add(db, "reset", now=NOW, account_id=bob.id), "reset")
            passwords.reset(db, signer, now=NOW, token=token, password_hash="y", end_tokens=True)
        case "administrator":
            account_actions.clear_mail_failure(db, now=NOW, viewer=admin, account_id=bob.id)
        case "command":
            commands.clear_mail_failure(db, now=NOW, account_id=bob.id)
        case "all":
            account_actions.clear_mail_failures(db, now=NOW, viewer=admin)

    assert before == (NOW, 3)
    assert failure(db, bob) == (None, 0)
    assert failure(db, ann) == ((None, 0) if end == "all" else (LATER, 3))


def test_an_address_that_takes_mail_is_not_tried(db, bob):
    confirmations.ask_whether_mail_arrives(db, now=NOW, account_id=bob.id)

    assert queries.latest(db, bob.id, "confirm") == []


@pytest.mark.parametrize("clear", [account_actions.clear_mail_failures, account_actions.clear_mail_failure])
def test_only_those_who_may_have_mail_sent_again(db, bob, clear):
    only_one = {} if clear is account_actions.clear_mail_failures else {"account_id": bob.id}
    with pytest.raises(NotAllowed):
        clear(db, now=NOW, viewer=viewers.by_account(db, bob.id), **only_one)


def test_a_sender_that_lives_keeps_its_mail_and_one_that_died_loses_it_after_two_minutes(db):
    id = mails.add(db, "reset", now=NOW, address="x@mail.example")
    mails.claim(db, now=NOW, mail_id=id)
    mails.begin(db, now=NOW, mail_id=id)
    for seconds in range(30, 600, 30):
        mails.renew(db, now=NOW + seconds * 1000, mail_id=id)
        mails.recover(db, now=NOW + seconds * 1000 + 29_000)
    alive = queries.get(db, id).state
    mails.recover(db, now=NOW + 570_000 + 2 * clock.MINUTE + 1)

    assert (alive, queries.get(db, id).state) == ("sending", "due")


def test_what_was_recorded_meanwhile_is_not_renewed(db):
    id = mails.add(db, "reset", now=NOW, address="x@mail.example")
    mails.claim(db, now=NOW, mail_id=id)
    mails.sent(db, now=NOW, mail_id=id)
    mails.renew(db, now=NOW + 1, mail_id=id)

    assert queries.get(db, id).claimed_at == NOW


@pytest.fixture
def crowd(make_account):
    return [make_account(f"person{number}") for number in range(15)]


def kinds_of_mail(db, people):
    """Return by which kind of mail each of them hears."""
    return [
        next((kind for kind in ("notifications", "digest") if queries.latest(db, one.id, kind)), None) for one in people
    ]


def name(people):
    return " ".join(f"@{one.username}" for one in people)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("way", "surely"),
    [("one post", 0), ("edits", 9), ("posts that are deleted", 10), ("follows that are taken back", 10)],
)
def test_a_new_account_mails_ten_strangers_and_the_others_hear_in_their_digests(
    db, settings, ann, crowd, make_post, planned, way, surely
):
    """The first who are reached are mailed; among those whom one post or one edit names no order is promised."""
    for one in crowd:
        choose(db, one, mail_follow="at_once")
    match way:
        case "one post":
            make_post(ann, name(crowd))
        case "edits":
            id = make_post(ann, "hello")
            for count in range(3, 16, 3):
                draft = Draft(text=f"hello {name(crowd[count - 3 : count])}")
                post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=draft)
        case "posts that are deleted":
            for one in crowd:
                id = make_post(ann, f"@{one.username}")
                planned(one)
                post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=id)
        case "follows that are taken back":
            for one in crowd:
                follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=one.id)
                planned(one)
                follows.unfollow_account(db, follower_id=ann.id, followee_id=one.id)
    planned(ann)

    kinds = kinds_of_mail(db, crowd)
    assert kinds[:surely] == ["notifications"] * surely
    assert sorted(kinds) == ["digest"] * 5 + ["notifications"] * 10


def test_followers_are_no_strangers_and_ten_strangers_go_on_hearing(db, ann, crowd, make_post, planned):
    for one in crowd[:5]:
        follows.follow_account(db, now=NOW, follower_id=one.id, followee_id=ann.id)
    make_post(ann, name(crowd))
    planned(ann)
    make_post(ann, name(crowd), now=NOW + TEN_MINUTES)
    planned(ann, NOW + TEN_MINUTES)

    assert kinds_of_mail(db, crowd) == ["notifications"] * 15
    assert [queries.latest(db, one.id, "digest") for one in crowd] == [[]] * 15


@pytest.mark.parametrize("changes", [{"new_account_hours": 0}, {"rate_limits": "off"}, {}])
def test_who_is_new_is_a_setting(db, settings, ann, crowd, make_post, changes):
    settings = msgspec.structs.replace(settings, **changes)
    now = NOW if changes else NOW + settings.new_account_hours * clock.HOUR
    make_post(ann, name(crowd), now=now)
    for event in outbox.pending(db):
        for id in outbox.take(db, event.id).details()["notification_ids"]:
            notification_mails.plan(db, settings, now=now, notification_id=id)

    assert kinds_of_mail(db, crowd) == ["notifications"] * 15


def test_notifications_come_all_the_same(db, ann, crowd, make_post, planned):
    make_post(ann, name(crowd))
    planned(ann)

    told = select(notification.c.account_id).where(notification.c.from_account_id == ann.id)
    assert set(db.scalars(told)) == {one.id for one in crowd}


@pytest.mark.faults
def test_a_name_that_is_taken_out_and_put_back_is_told_once(db, settings, ann, bob, make_post):
    id = make_post(ann, "hello")
    for round in range(3):
        for text in (f"@bob {round}", f"nobody {round}"):
            post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=Draft(text=text))

    told = select(notification.c.id).where(notification.c.account_id == bob.id)
    assert len(db.scalars(told).all()) == 1


def test_whom_a_post_named_from_the_beginning_is_not_told_again(db, settings, ann, bob, make_post):
    id = make_post(ann, "@bob hello")
    for text in ("hello", "@bob hello again"):
        post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=id, draft=Draft(text=text))

    told = select(notification.c.id).where(notification.c.account_id == bob.id)
    assert len(db.scalars(told).all()) == 1


def test_one_click_turns_off_what_the_mail_was_about_and_nothing_else(db, settings, bob):
    signer = secret.signer(settings)
    before = credentials.preferences_of(db, bob.id)
    token = unsubscribe.token(signer, bob.id, ["mention", "weekly"])
    unsubscribe.use(db, signer, token)

    changed = msgspec.structs.replace(before, mail_mention="never", mail_weekly=False)
    assert credentials.preferences_of(db, bob.id) == changed
    with pytest.raises(NotFound):
        unsubscribe.use(db, signer, token.replace("mention", "follow"))
