"""Deleting an account: hidden and shut at once, and removed in chunks of which each leaves everything right."""

import itertools

import pytest
from sqlalchemy import event as events
from sqlalchemy import func, insert, select

from support.deletion import delete_whole_account, finish_deletions
from support.moment import NOW
from twite_common import outbox
from twite_common.errors import NotFound
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts import relationships
from twite_common.queries.moderation import reports as report_queries
from twite_common.queries.notifications import notifications as notification_queries
from twite_common.queries.operations import statistics
from twite_common.queries.paging import Page
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.viewers import by_token
from twite_common.services.accounts import account_deletion, accounts, follows
from twite_common.services.accounts import account_deletion_chunks as chunks
from twite_common.services.identity import tokens
from twite_common.services.operations import counts
from twite_common.services.posts import boosts, favourites
from twite_common.tables import (
    account,
    credentials,
    event,
    favourite,
    follow,
    mention,
    metadata,
    notification,
    post,
    report,
    session,
    token,
)

CROWD = chunks.ROWS + 100
FIRST = 1000
"""The crowd's first id, and that of what they did."""
HANDLED = {
    "account": {"follow.follower_id", "follow.followee_id", "favourite.account_id", "mention.account_id"}
    | {"media.account_id", "post.account_id"},
    "post": {"post.in_reply_to_id"},
}
"""Columns that statements of their own look after, because they change rows of others, or files."""
FEW = {
    "account": {
        *("account_alias", "account_domain_block", "announcement_reaction", "announcement_reading", "archive"),
        *("bookmark_folder", "canonical_email_block", "content_rule", "credentials", "draft", "featured_tag"),
        *("field_check", "filter", "former_username", "held_post", "idempotency_key", "import", "imported_post"),
        *("invitation", "list", "marker", "membership", "notification_policy", "oauth_grant", "passkey", "pin"),
        *("post_deletion_rule", "preferences", "private_feed", "push_subscription", "recent_search", "recovery_code"),
        *("scheduled_post", "second_factor", "session", "tag_follow", "token", "webhook", "endorsement"),
    },
    "post": {"imported_post", "media", "pin", "poll", "post_tag", "post_writer"},
}
"""Tables of which an account has few rows, or its posts, so that they go with its own row: services keep them few."""


@pytest.fixture
def gone(db, settings, ann, bob, make_account, make_post):
    """Somebody with something of each kind that Ann and Bob see, and with a crowd that follows and likes all of it."""
    gone = make_account("gone")
    for one in (ann, bob):
        follows.follow_account(db, now=NOW, follower_id=one.id, followee_id=gone.id)
        follows.follow_account(db, now=NOW, follower_id=gone.id, followee_id=one.id)
    mine, answered = make_post(gone, "a wren for @ann"), make_post(ann, "a finch for @gone")
    make_post(gone, "yes", in_reply_to_id=answered)
    make_post(ann, "no", in_reply_to_id=mine)
    make_post(gone, "see this", quote_of_id=answered)
    quoting = make_post(ann, "see that", quote_of_id=mine)
    for who, what in ((gone, answered), (ann, mine), (gone, mine)):
        boosts.boost_post(db, settings, now=NOW, account_id=who.id, post_id=what)
        favourites.favourite_post(db, now=NOW, account_id=who.id, post_id=what)
    return Gone(gone.id, mine, answered, quoting)


class Gone:
    """Who is deleted: a post of theirs, Ann's that they answered and quoted, and Ann's that quotes theirs."""

    def __init__(self, id, post_id, answered_id, quoting_id):
        self.id, self.post_id, self.answered_id, self.quoting_id = id, post_id, answered_id, quoting_id


@pytest.fixture
def crowd(db, gone):
    """A crowd that follows, likes, boosts and answers, each once."""
    ids = range(FIRST, FIRST + CROWD)
    db.execute(
        insert(account),
        [
            {"id": id, "username": f"c{id}", "username_key": f"c{id}", "following_count": 1, "posts_count": 2}
            for id in ids
        ],
    )
    db.execute(insert(follow), [{"follower_id": id, "followee_id": gone.id, "id": id} for id in ids])
    db.execute(insert(favourite), [{"account_id": id, "post_id": gone.post_id, "id": id} for id in ids])
    written = {"visibility": "public", "text": "", "conversation_id": gone.post_id}
    db.execute(insert(post), [{**written, "id": id, "account_id": id, "boost_of_id": gone.post_id} for id in ids])
    db.execute(
        insert(post),
        [{**written, "id": id + 10_000, "account_id": id, "in_reply_to_id": gone.post_id} for id in ids],
    )
    told = {"account_id": gone.id, "kind": "favourite", "post_id": gone.post_id}
    db.execute(insert(notification), [{**told, "id": id, "from_account_id": id} for id in ids])
    counts.repair(db)


def delete(db, gone):
    account_deletion.delete_account(db, now=NOW, account_id=gone.id)


def rows_of_all(db):
    return sum(db.scalars(select(func.count()).select_from(table)).one() for table in metadata.sorted_tables)


def wrong_of_others(db, gone):
    """Return the counts that are wrong, but for those of posts that nobody sees any more."""
    own = db.scalars(select(post.c.id).where(post.c.account_id == gone.id)).all()
    return [one for one in counts.check(db) if one.id not in own]


def test_it_is_hidden_from_everybody_at_once(db, gone, ann):
    delete(db, gone)
    page = Page(limit=20)
    told = notification_queries.page(db, page, viewer_id=ann.id, now=NOW)

    assert account_queries.get(db, gone.id) is None
    assert account_queries.by_username(db, "gone") is None
    assert post_queries.get(db, gone.post_id, viewer_id=ann.id) is None
    assert account_queries.followers(db, ann.id, page) == account_queries.following(db, ann.id, page) == []
    assert account_queries.favourited_by(db, gone.answered_id, page, viewer_id=ann.id) == []
    assert [one for one in told if one.from_account_id == gone.id] == []
    assert statistics.count_totals(db, now=NOW).accounts == 2
    with pytest.raises(NotFound):
        follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=gone.id)
    assert relationships.load(db, [gone.id], viewer_id=ann.id, now=NOW) is not None


def test_nothing_opens_it_at_once(db, gone):
    secret = tokens.create_personal(db, now=NOW, account_id=gone.id, name="script", scopes="read")
    delete(db, gone)

    assert by_token(db, secret, now=NOW) is None
    assert credential_queries.get(db, gone.id) is None
    assert credential_queries.by_login(db, "gone") is None
    for table in (credentials, session, token):
        assert db.scalars(select(table.c.account_id).where(table.c.account_id == gone.id)).all() == []
    with pytest.raises(NotFound):
        accounts.unsuspend(db, account_id=gone.id)


def test_staff_see_no_reports_of_it_while_it_goes(db, gone, ann):
    written = {"target_id": gone.id, "account_id": ann.id, "updated_at": NOW}
    db.execute(insert(report), {"id": 1, **written})
    before = report_queries.count_open(db)
    delete(db, gone)

    assert (before, report_queries.count_open(db), report_queries.get(db, 1)) == (1, 0, None)
    assert report_queries.several(db, Page(limit=9)) == []


def test_a_second_deletion_changes_nothing(db, gone):
    delete(db, gone)
    before = {table.name: db.execute(select(table)).all() for table in metadata.sorted_tables}
    with pytest.raises(NotFound):
        delete(db, gone)
    with pytest.raises(NotFound):
        account_deletion.leave(db, now=NOW, account_id=gone.id)

    assert {table.name: db.execute(select(table)).all() for table in metadata.sorted_tables} == before


def test_a_chunk_after_the_last_changes_nothing(db, gone):
    delete_whole_account(db, gone.id)
    before = rows_of_all(db)
    account_deletion.go_on(db, now=NOW, account_id=gone.id)

    assert rows_of_all(db) == before


def test_what_others_have_of_it_is_put_right(db, gone, ann):
    delete_whole_account(db, gone.id)
    answered = post_queries.get(db, gone.answered_id, viewer_id=ann.id)
    quote_state = db.scalars(select(post.c.quote_state).where(post.c.id == gone.quoting_id)).one()

    assert counts.check(db) == []
    assert (answered.replies_count, answered.boosts_count, answered.favourites_count) == (0, 0, 0)
    assert (answered.quotes_count, quote_state) == (0, "deleted")
    assert db.scalars(select(mention.c.post_id).where(mention.c.account_id == gone.id)).all() == []
    assert "gone" not in db.scalars(select(post.c.details).where(post.c.id == gone.answered_id)).one()


def test_chunks_are_small_and_leave_every_count_right(db, gone, crowd):
    delete(db, gone)
    removed, taken = [rows_of_all(db)], 0
    while account_queries.load(db, [gone.id]):
        with db.begin_nested():
            account_deletion.go_on(db, now=NOW, account_id=gone.id)
        removed.append(rows_of_all(db))
        taken += 1
        assert wrong_of_others(db, gone) == []

    sizes = [before - after for before, after in itertools.pairwise(removed)]
    assert max(sizes) < 2 * chunks.ROWS, sizes
    assert taken > CROWD // chunks.ROWS * 5
    # Each chunk left an event for the next, which nobody took here.
    assert db.scalar(select(func.count()).where(event.c.kind == account_deletion.EVENT)) == taken


def test_a_chunk_runs_as_many_statements_whatever_there_is(db, gone, ann, make_post, make_account, crowd):
    small = make_account("small")
    make_post(small)
    most = [statements_of_chunks(db, id) for id in (gone.id, small.id)]

    # What files and mentions need comes to these.
    assert max(most[0]) <= max(most[1]) + 12, most


def statements_of_chunks(db, account_id):
    """Delete an account, and return how many statements each chunk ran."""
    account_deletion.delete_account(db, now=NOW, account_id=account_id)
    ran, numbers = [], []
    count = lambda *given: ran.append(given[2])  # noqa: E731 - listened to
    events.listen(db, "before_cursor_execute", count)
    while account_queries.load(db, [account_id]):
        ran.clear()
        account_deletion.go_on(db, now=NOW, account_id=account_id)
        numbers.append(sum("account" in text or "post" in text for text in ran))
    events.remove(db, "before_cursor_execute", count)
    return numbers


def test_what_a_chunk_began_before_it_was_stopped_is_done_again(db, gone, crowd, monkeypatch):
    delete(db, gone)
    stopped = 0
    for _ in range(4):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), db.begin_nested():
            patch.setattr(outbox, "add", stop)
            account_deletion.go_on(db, now=NOW, account_id=gone.id)
        stopped += 1
        assert wrong_of_others(db, gone) == []
        account_deletion.go_on(db, now=NOW, account_id=gone.id)

    assert stopped == 4
    finish_deletions(db)
    assert account_queries.load(db, [gone.id]) == {}
    assert counts.check(db) == []


def stop(*_given, **_named):
    raise KeyboardInterrupt


@pytest.mark.once
@pytest.mark.parametrize("target", ["account", "post"])
def test_everything_that_there_can_be_very_much_of_is_removed_in_chunks(target):
    chunked = {f"{column.table.name}.{column.name}" for column in (*chunks.REMOVED, *chunks.FORGOTTEN, *chunks.HANGING)}
    naming = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        for key in column.foreign_keys
        if key.column.table.name == target
    }

    assert {name for name in naming - chunked - HANDLED[target] if name.split(".")[0] not in FEW[target]} == set()
