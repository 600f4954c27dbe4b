"""Counts stay right whatever people do, one after the other, in any order."""

import random

import pytest
from sqlalchemy import func, select, update

from support.deletion import delete_whole_account
from support.moment import NOW
from twite_common.drafts import Draft
from twite_common.errors import TwiteError
from twite_common.queries.posts import posts as post_queries
from twite_common.services.accounts import accounts, blocks, follows
from twite_common.services.identity import confirmations, registrations, tokens
from twite_common.services.operations import counts
from twite_common.services.posts import boosts, favourites, post_deletion, posts
from twite_common.tables import account, metadata, post


class Crowd:
    """People who do things at random, as the services let them."""

    def __init__(self, db, settings, people, make_post, seed):
        self.db, self.settings, self.make_post = db, settings, make_post
        self.people = list(people)
        self.chance = random.Random(seed)
        self.now = NOW

    def act(self):
        self.now += 1000
        one, other = self.chance.choice(self.people), self.chance.choice(self.people)
        posted = list(self.db.scalars(select(post.c.id).order_by(post.c.id)))
        target = self.chance.choice(posted) if posted else 0
        visibility = self.chance.choice(["public", "public", "unlisted", "followers", "mentioned"])
        between = {"account_id": one.id, "post_id": target}
        pair = {"follower_id": one.id, "followee_id": other.id}
        actions = {
            "post": lambda: self.make_post(one, f"@{other.username} #a", now=self.now, visibility=visibility),
            "answer": lambda: self.make_post(one, "yes", now=self.now, visibility=visibility, in_reply_to_id=target),
            "delete": lambda: post_deletion.delete_own(self.db, now=NOW, author_id=one.id, post_id=target),
            "boost": lambda: boosts.boost_post(self.db, self.settings, now=self.now, **between),
            "unboost": lambda: boosts.unboost_post(self.db, now=NOW, **between),
            "favourite": lambda: favourites.favourite_post(self.db, now=self.now, **between),
            "unfavourite": lambda: favourites.unfavourite_post(self.db, **between),
            "follow": lambda: follows.follow_account(self.db, now=self.now, **pair),
            "unfollow": lambda: follows.unfollow_account(self.db, **pair),
            "accept": lambda: follows.accept_request(self.db, now=self.now, **pair),
            "block": lambda: blocks.block_account(self.db, now=self.now, account_id=one.id, blocked_id=other.id),
            "unblock": lambda: blocks.unblock_account(self.db, account_id=one.id, blocked_id=other.id),
            "suspend": lambda: accounts.suspend(self.db, now=self.now, account_id=one.id),
            "unsuspend": lambda: accounts.unsuspend(self.db, account_id=one.id),
        }
        weights = [9 if name in {"post", "answer", "boost", "favourite", "follow"} else 2 for name in actions]
        try:
            self.chance.choices(list(actions.values()), weights)[0]()
        except TwiteError:
            return

    def leave(self):
        gone = self.people.pop()
        delete_whole_account(self.db, gone.id)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_people_do_makes_a_count_wrong(db, settings, make_account, make_post, seed):
    people = [make_account(f"person{n}", locked=n == 0) for n in range(6)]
    crowd = Crowd(db, settings, people, make_post, seed)
    for _ in range(2):
        for _ in range(120):
            crowd.act()
        crowd.leave()

    assert counts.check(db) == []
    assert db.scalar(select(func.sum(post.c.favourites_count + post.c.boosts_count + post.c.replies_count)))


def test_a_deleted_post_that_its_author_boosted_counts_twice(db, settings, ann, bob, make_post):
    mine = make_post(ann)
    for one in (ann, bob):
        boosts.boost_post(db, settings, now=NOW, account_id=one.id, post_id=mine)
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=mine)

    assert counts.check(db) == []


def test_a_wrong_count_is_found_and_repaired(db, ann, make_post):
    id = make_post(ann)
    db.execute(update(post).values(favourites_count=7))
    db.execute(update(account).values(posts_count=0))
    found = counts.check(db)
    repaired = counts.repair(db)

    assert {(one.column, one.id, one.kept, one.counted) for one in found} == {
        ("favourites_count", id, 7, 0),
        ("posts_count", ann.id, 0, 1),
    }
    assert (repaired, counts.check(db)) == (2, [])


def test_a_deleted_account_leaves_nothing_of_its_own(db, settings, ann, bob, make_post):
    before = {table.name: db.execute(select(table)).all() for table in metadata.sorted_tables if table.name != "event"}
    dee = registrations.create(
        db,
        now=NOW,
        sign_up=registrations.SignUp(username="dee", email="d@mail.example", password_hash="x"),
        confirmed=True,
        smtp_utf8=False,
    )
    follows.follow_account(db, now=NOW, follower_id=dee, followee_id=ann.id)
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=dee)
    mine = make_post(ann)
    theirs = posts.publish(db, settings, now=NOW, author_id=dee, draft=Draft(text="@ann hi", in_reply_to_id=mine))
    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=theirs)
    favourites.favourite_post(db, now=NOW, account_id=dee, post_id=mine)
    confirmations.ask_to_confirm(db, now=NOW, account_id=dee, email="d@mail.example")
    tokens.create_personal(db, now=NOW, account_id=dee, name="script", scopes="read")
    delete_whole_account(db, dee)
    answered = post_queries.get(db, mine, viewer_id=None)
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=mine)

    left = {
        table.name
        for table in metadata.sorted_tables
        if table.name in before and len(db.execute(select(table)).all()) != len(before[table.name])
    }
    assert (answered.replies_count, answered.favourites_count) == (0, 0)
    # How many mails an address has had lately is kept under its hash for an hour: nobody starts anew by leaving.
    assert left <= {"deleted_name", "home_timeline", "mail_allowance", "stream_event"}
