import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.posts import posts
from twite_common.services.accounts import blocks, follows
from twite_common.services.posts import post_deletion, quotes


@pytest.fixture
def quotable(db, bob):
    """Return the visibility that a quote by Bob would have."""

    def quotable(post_id, *, visibility="public", by=bob):
        return quotes.quotable(db, author_id=by.id, post_id=post_id, visibility=visibility)[1]

    return quotable


@pytest.fixture
def quote(bob, make_post):
    return lambda post_id, by=bob: make_post(by, "Look", quote_of_id=post_id)


@pytest.fixture
def state(db, bob):
    """Return a quote's state and how often the quoted post is quoted."""

    def state(quoting_id, quoted_id):
        shown = posts.load(db, [quoting_id, quoted_id], viewer_id=bob.id, now=NOW)
        return shown[quoting_id].quote_state, shown[quoted_id].quotes_count

    return state


@pytest.mark.parametrize(
    ("policy", "follows_ann", "allowed"),
    [
        ("public", False, True),
        ("followers", False, False),
        ("followers", True, True),
        ("nobody", True, False),
    ],
)
def test_the_author_says_who_may_quote(db, quotable, ann, bob, make_post, policy, follows_ann, allowed):
    if follows_ann:
        follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    post_id = make_post(ann, quote_policy=policy)

    if allowed:
        assert quotable(post_id) == "public"
    else:
        with pytest.raises(Invalid, match="not allowed to quote"):
            quotable(post_id)


def test_everybody_may_quote_themselves(quotable, ann, make_post):
    assert quotable(make_post(ann, quote_policy="nobody"), by=ann) == "public"


def test_what_is_for_followers_is_quoted_by_the_author_alone_and_for_followers(db, quotable, ann, bob, make_post):
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    post_id = make_post(ann, visibility="followers", quote_policy="public")

    with pytest.raises(Invalid, match="not allowed to quote"):
        quotable(post_id)
    assert [quotable(post_id, by=ann, visibility=wanted) for wanted in ("public", "unlisted", "mentioned")] == [
        "followers",
        "followers",
        "mentioned",
    ]


def test_what_is_for_those_named_is_quoted_by_nobody(quotable, ann, make_post):
    with pytest.raises(Invalid, match="mentioned people only"):
        quotable(make_post(ann, "@bob", visibility="mentioned"), by=ann)


def test_what_cannot_be_seen_cannot_be_quoted(db, quotable, ann, bob, make_post):
    post_id = make_post(ann)
    blocks.block_account(db, now=NOW, account_id=ann.id, blocked_id=bob.id)

    for unseen in (post_id, make_post(ann, visibility="followers"), 1):
        with pytest.raises(NotFound):
            quotable(unseen)


def test_the_author_takes_a_quote_back_for_good(db, state, quote, ann, make_post):
    quoted_id = make_post(ann)
    quoting_id = quote(quoted_id)
    assert state(quoting_id, quoted_id) == ("accepted", 1)

    for _ in range(2):
        quotes.revoke(db, now=NOW, account_id=ann.id, post_id=quoted_id, quoting_id=quoting_id)
    assert state(quoting_id, quoted_id) == ("revoked", 0)


def test_only_the_author_takes_a_quote_back(db, state, quote, ann, bob, cho, make_post):
    quoted_id = make_post(ann)
    quoting_id = quote(quoted_id)

    for other in (bob, cho):
        with pytest.raises(NotAllowed):
            quotes.revoke(db, now=NOW, account_id=other.id, post_id=quoted_id, quoting_id=quoting_id)
    with pytest.raises(NotFound):
        quotes.revoke(db, now=NOW, account_id=ann.id, post_id=make_post(ann), quoting_id=quoting_id)
    assert state(quoting_id, quoted_id) == ("accepted", 1)


def test_a_quote_of_a_deleted_post_says_so(db, quote, ann, bob, make_post):
    quoted_id = make_post(ann)
    quoting_id = quote(quoted_id)
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=quoted_id)

    assert posts.get(db, quoting_id, viewer_id=bob.id).quote_state == "deleted"


def test_another_policy_holds_from_then_on(db, quotable, state, quote, ann, make_post):
    quoted_id = make_post(ann, quote_policy="public")
    quoting_id = quote(quoted_id)
    quotes.set_policy(db, account_id=ann.id, post_id=quoted_id, policy="nobody")

    with pytest.raises(Invalid):
        quotable(quoted_id)
    assert state(quoting_id, quoted_id) == ("accepted", 1)


def test_a_policy_is_set_by_the_author_alone(db, ann, bob, make_post):
    post_id = make_post(ann)

    with pytest.raises(NotFound):
        quotes.set_policy(db, account_id=bob.id, post_id=post_id, policy="nobody")
    with pytest.raises(Invalid, match="must be public, followers or nobody"):
        quotes.set_policy(db, account_id=ann.id, post_id=post_id, policy="friends")


def test_what_is_written_for_few_nobody_else_may_quote():
    policies = [quotes.checked_policy("public", visibility) for visibility in ("public", "unlisted", "followers")]

    assert policies == ["public", "public", "nobody"]
