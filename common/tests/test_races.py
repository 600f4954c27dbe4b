"""What people do at the same moment: on PostgreSQL transactions run beside each other, on SQLite in turn."""

from collections.abc import Callable, Sequence
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from sqlalchemy import func, select, update

from support.deletion import finish_deletions
from support.moment import NOW
from twite_common.database import Connection
from twite_common.drafts import Draft
from twite_common.errors import TwiteError, Unavailable
from twite_common.services.accounts import account_deletion, accounts, aliases, follows
from twite_common.services.identity import registrations, tokens
from twite_common.services.identity.registrations import SignUp
from twite_common.services.notifications import notification_mails
from twite_common.services.operations import counts
from twite_common.services.posts import boosts, favourites, pins, post_deletion, posts, scheduled_posts
from twite_common.services.timelines import filters, lists, tags
from twite_common.services.timelines.filters import FilterChanges
from twite_common.services.timelines.lists import ListChanges
from twite_common.tables import (
    account,
    account_alias,
    credentials,
    featured_tag,
    filter_,
    list_,
    mail,
    notification,
    pin,
    post,
    scheduled_post,
    token,
)

ROUNDS = 10


@pytest.fixture
def people(database):
    """Ann and Bob, known to every connection."""
    with database.writing() as db:
        return [new_account(db, name) for name in ("ann", "bob")]


def new_account(db, name):
    sign_up = SignUp(username=name, email=f"{name}@mail.example", password_hash="x")
    return registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)


def accounts_of(db):
    return set(db.scalars(select(account.c.id)))


@pytest.fixture
def at_once(database):
    """Do several things at the same moment, and return what failed as nobody should see it."""

    def run(*actions: Callable[[Connection], object]) -> Sequence[Exception]:
        start, failed = Barrier(len(actions)), []

        def act(action: Callable[[Connection], object]) -> None:
            try:
                start.wait(10)
                with database.writing() as db:
                    action(db)
            except (Unavailable, BrokenBarrierError) as error:
                failed.append(error)
            except TwiteError:
                pass

        threads = [Thread(target=act, args=[action]) for action in actions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failed

    return run


def wrong_counts(database):
    with database.reading() as db:
        return counts.check(db)


def test_two_who_follow_each_other_at_once_both_do(database, people, at_once):
    ann, bob = people

    def follow(one, other):
        return lambda db: follows.follow_account(db, now=NOW, follower_id=one, followee_id=other)

    def unfollow(one, other):
        return lambda db: follows.unfollow_account(db, follower_id=one, followee_id=other)

    for _ in range(ROUNDS):
        assert at_once(follow(ann, bob), follow(bob, ann)) == []
        assert at_once(unfollow(ann, bob), unfollow(bob, ann)) == []
    assert wrong_counts(database) == []


def test_a_boost_that_is_asked_for_or_taken_back_twice_at_once_counts_once(database, settings, people, at_once):
    ann, bob = people
    with database.writing() as db:
        post_id = posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text="Hello"))

    def boost(db):
        boosts.boost_post(db, settings, now=NOW, account_id=bob, post_id=post_id)

    def unboost(db):
        boosts.unboost_post(db, now=NOW, account_id=bob, post_id=post_id)

    for _ in range(ROUNDS):
        assert at_once(boost, boost, boost) == []
        assert wrong_counts(database) == []
        assert at_once(unboost, unboost, unboost) == []
        assert wrong_counts(database) == []


def test_accounts_are_deleted_while_others_have_to_do_with_them(database, settings, people, at_once):
    ann, bob = people
    for round in range(ROUNDS):
        with database.writing() as db:
            gone = [new_account(db, f"gone{round}{n}") for n in "ab"]
            for one, other in (gone, gone[::-1], (ann, gone[0]), (gone[0], ann)):
                follows.follow_account(db, now=NOW, follower_id=one, followee_id=other)
            post_id = posts.publish(db, settings, now=NOW, author_id=gone[0], draft=Draft(text="Hello @bob"))
            boosts.boost_post(db, settings, now=NOW, account_id=gone[1], post_id=post_id)

        def delete(id):
            return lambda db: account_deletion.delete_account(db, now=NOW, account_id=id)

        def go_on(id):
            return lambda db: account_deletion.go_on(db, now=NOW, account_id=id)

        others = (
            lambda db, gone_id=gone[0]: follows.follow_account(db, now=NOW, follower_id=bob, followee_id=gone_id),
            lambda db, its_id=post_id: boosts.boost_post(db, settings, now=NOW, account_id=bob, post_id=its_id),
            lambda db, its_id=post_id: favourites.favourite_post(db, now=NOW, account_id=ann, post_id=its_id),
        )
        assert at_once(delete(gone[0]), delete(gone[0]), delete(gone[1]), *others) == []
        for _ in range(3):
            assert at_once(go_on(gone[0]), go_on(gone[1]), *others) == []
        with database.writing() as db:
            finish_deletions(db)
            assert accounts_of(db) == {ann, bob}
    assert wrong_counts(database) == []


def test_a_post_is_deleted_while_others_boost_favourite_and_answer_it(database, settings, people, at_once):
    ann, bob = people
    for _ in range(ROUNDS):
        with database.writing() as db:
            post_id = posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text="Hello"))

        def delete(db, post_id=post_id):
            post_deletion.delete_own(db, now=NOW, author_id=ann, post_id=post_id)

        def boost(db, post_id=post_id):
            boosts.boost_post(db, settings, now=NOW, account_id=bob, post_id=post_id)

        def favourite(db, post_id=post_id):
            favourites.favourite_post(db, now=NOW, account_id=bob, post_id=post_id)

        def answer(db, post_id=post_id):
            posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text="Yes", in_reply_to_id=post_id))

        assert at_once(delete, delete, boost, favourite, answer) == []
        with database.reading() as db:
            assert db.scalar(select(func.count()).where(post.c.id == post_id)) == 0
    assert wrong_counts(database) == []


@pytest.mark.parametrize("to_filter", [False, True])
def test_a_post_is_deleted_while_its_author_pins_it_or_has_a_filter_name_it(
    database, settings, people, at_once, to_filter
):
    ann, _ = people
    with database.writing() as db:
        changes = FilterChanges(title="Cats", contexts=("home",))
        filter_id = filters.add(db, now=NOW, account_id=ann, changes=changes)
    for _ in range(ROUNDS):
        with database.writing() as db:
            post_id = posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text="Hello"))

        def delete(db, post_id=post_id):
            post_deletion.delete_own(db, now=NOW, author_id=ann, post_id=post_id)

        def add(db, post_id=post_id):
            if to_filter:
                filters.add_post(db, now=NOW, account_id=ann, filter_id=filter_id, post_id=post_id)
            else:
                pins.pin_post(db, now=NOW, account_id=ann, post_id=post_id)

        assert at_once(delete, add) == []


def test_a_post_is_deleted_while_a_boost_of_it_is_undone(database, settings, people, at_once):
    ann, bob = people
    for _ in range(ROUNDS):
        with database.writing() as db:
            post_id = posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text="Hello"))
            boosts.boost_post(db, settings, now=NOW, account_id=bob, post_id=post_id)

        def delete(db, post_id=post_id):
            post_deletion.delete_own(db, now=NOW, author_id=ann, post_id=post_id)

        def undo(db, post_id=post_id):
            boosts.unboost_post(db, now=NOW, account_id=bob, post_id=post_id)

        assert at_once(delete, undo) == []
    assert wrong_counts(database) == []


def test_a_hashtag_that_is_featured_twice_at_once_is_featured_once(database, people):
    ann, bob = people
    for number in range(tags.MAX_FEATURED):
        with database.writing() as db:
            tags.follow_tag(db, now=NOW, account_id=bob, name=f"tag{number}")
        start, features, failures = Barrier(3), [], []

        def feature(number=number, start=start, features=features, failures=failures):
            start.wait(10)
            try:
                with database.writing() as db:
                    features.append(tags.feature_tag(db, now=NOW, account_id=ann, name=f"tag{number}")[1])
            except TwiteError as error:
                failures.append(error)

        threads = [Thread(target=feature) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert len(set(features)) == 1


def test_who_is_let_in_by_two_at_once_is_told_once(database, people, at_once):
    ann, _ = people
    with database.writing() as db:
        db.execute(update(credentials).where(credentials.c.account_id == ann).values(approved_at=None))

    def approve(db):
        accounts.approve(db, now=NOW, account_id=ann)

    assert at_once(approve, approve, approve) == []
    with database.reading() as db:
        assert db.scalars(select(mail.c.kind)).all() == ["approved"]


def test_a_post_that_is_scheduled_twice_at_once_with_one_key_is_there_once(database, settings, people, at_once):
    ann, _ = people

    def schedule(db):
        scheduled_posts.schedule(
            db,
            settings,
            now=NOW,
            account_id=ann,
            draft=Draft(text="Later"),
            due_at=NOW + 3_600_000,
            idempotency_name="one",
        )

    assert at_once(schedule, schedule, schedule) == []
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(scheduled_post)) == 1


def test_a_post_that_was_moved_is_not_published_at_its_first_time(database, settings, people):
    ann, _ = people
    with database.writing() as db:
        scheduled = {"settings": settings, "account_id": ann, "draft": Draft(text="Later")}
        id = scheduled_posts.schedule(db, now=NOW, due_at=NOW + 3_600_000, **scheduled)
        scheduled_posts.announce_due(db, now=NOW + 3_600_000)
        scheduled_posts.move(db, now=NOW, account_id=ann, scheduled_id=id, due_at=NOW + 7_200_000)
        scheduled_posts.publish_due(db, settings, now=NOW + 3_600_001, scheduled_id=id)
        early = db.scalar(select(func.count()).select_from(post))
        scheduled_posts.publish_due(db, settings, now=NOW + 7_200_001, scheduled_id=id)

        assert (early, db.scalar(select(func.count()).select_from(post))) == (0, 1)


@pytest.mark.faults
def test_tokens_that_are_made_at_once_are_counted_one_by_one(database, people, at_once):
    ann, _ = people

    def make(db):
        tokens.create_personal(db, now=NOW, account_id=ann, name="script", scopes="read")

    with database.writing() as db:
        for _ in range(tokens.MAX_PERSONAL - 1):
            make(db)

    assert at_once(make, make, make) == []
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(token)) == tokens.MAX_PERSONAL


@pytest.mark.faults
def test_mails_to_strangers_that_are_planned_at_once_are_counted_one_by_one(database, settings, people, at_once):
    ann, _ = people
    names = [f"person{number}" for number in range(12)]
    with database.writing() as db:
        for name in names:
            sign_up = SignUp(username=name, email=f"{name}@mail.example", password_hash="x")
            registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
        posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text=" ".join(f"@{name}" for name in names)))
        ids = db.scalars(select(notification.c.id)).all()
        for id in ids[:8]:
            notification_mails.plan(db, settings, now=NOW, notification_id=id)

    def plan(id):
        return lambda db: notification_mails.plan(db, settings, now=NOW, notification_id=id)

    assert at_once(*[plan(id) for id in ids[8:]]) == []
    with database.reading() as db:
        assert db.scalar(select(func.count()).where(mail.c.kind == "notifications")) == 10
        assert db.scalar(select(func.count()).where(mail.c.kind == "digest")) == 2


def _pins(settings, post_ids):
    return pin, pins.MAX_COUNT, lambda db, ann, n: pins.pin_post(db, now=NOW, account_id=ann, post_id=post_ids[n])


def _lists(settings, post_ids):
    changes = ListChanges(title="Friends")
    return list_, lists.MAX_COUNT, lambda db, ann, _n: lists.add(db, now=NOW, account_id=ann, changes=changes)


def _filters(settings, post_ids):
    changes = FilterChanges(title="Cats", contexts=("home",))
    return filter_, filters.MAX_COUNT, lambda db, ann, _n: filters.add(db, now=NOW, account_id=ann, changes=changes)


def _tags(settings, post_ids):
    return (
        featured_tag,
        tags.MAX_FEATURED,
        lambda db, ann, n: tags.feature_tag(db, now=NOW, account_id=ann, name=f"tag{n}"),
    )


def _aliases(settings, post_ids):
    return (
        account_alias,
        aliases.MAX_COUNT,
        lambda db, ann, n: aliases.add(db, now=NOW, account_id=ann, address=f"ann{n}@other.example"),
    )


@pytest.mark.parametrize("kind", [_pins, _lists, _filters, _tags, _aliases])
def test_nobody_has_more_than_the_limit_by_asking_at_once(database, settings, people, at_once, kind):
    ann, _ = people
    with database.writing() as db:
        ids = [posts.publish(db, settings, now=NOW, author_id=ann, draft=Draft(text=f"Post {n}")) for n in range(12)]
    table, most, add = kind(settings, ids)
    beforehand = max(0, most - 2)
    with database.writing() as db:
        for n in range(beforehand):
            add(db, ann, n)

    assert at_once(*[lambda db, n=n: add(db, ann, n) for n in range(beforehand, beforehand + 4)]) == []

    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(table)) == most
