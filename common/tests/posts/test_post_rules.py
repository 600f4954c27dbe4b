"""What may be done with a post and how its quote and its poll stand: rules of the read model, without a database."""

from typing import Any

import pytest

from support.moment import NOW
from twite_common.queries.posts.posts import Post

AUTHOR, OTHER, STRANGER = 1, 2, None


def make_post(**values: Any) -> Post:
    """Return Ann's public post, but for these values."""
    defaults: dict[str, Any] = dict.fromkeys(Post.__struct_fields__) | {
        "id": 10,
        "account_id": AUTHOR,
        "visibility": "public",
        "quote_policy": "public",
        "follows_author": False,
        "blocks_author": False,
        "mutes_author": False,
    }
    return Post(**{**defaults, **values})


@pytest.mark.parametrize(
    ("visibility", "policy", "author", "follower", "other"),
    [
        ("public", "public", True, True, True),
        ("public", "followers", True, True, False),
        ("public", "nobody", True, False, False),
        ("unlisted", "public", True, True, True),
        ("unlisted", "followers", True, True, False),
        ("unlisted", "nobody", True, False, False),
        ("followers", "public", True, False, False),
        ("followers", "followers", True, False, False),
        ("followers", "nobody", True, False, False),
        ("mentioned", "public", False, False, False),
        ("mentioned", "followers", False, False, False),
        ("mentioned", "nobody", False, False, False),
    ],
)
def test_who_can_quote(visibility, policy, author, follower, other):
    post = make_post(visibility=visibility, quote_policy=policy)
    followed = make_post(visibility=visibility, quote_policy=policy, follows_author=True)

    assert post.can_be_quoted_by(AUTHOR) is author
    assert followed.can_be_quoted_by(OTHER) is follower
    assert post.can_be_quoted_by(OTHER) is other
    assert post.can_be_quoted_by(STRANGER) is False


@pytest.mark.parametrize("policy", ["public", "followers", "nobody"])
@pytest.mark.parametrize(
    ("visibility", "for_everybody"), [("public", True), ("unlisted", True), ("followers", False), ("mentioned", False)]
)
def test_what_is_not_for_everybody_only_its_author_might_quote(visibility, policy, for_everybody):
    post = make_post(visibility=visibility, quote_policy=policy)

    assert post.for_everybody is for_everybody
    assert post.quotable_by == (policy if for_everybody else "nobody")


@pytest.mark.parametrize(
    ("visibility", "author", "other"),
    [
        ("public", True, True),
        ("unlisted", True, True),
        ("followers", True, False),
        ("mentioned", False, False),
    ],
)
def test_who_can_boost(visibility, author, other):
    post = make_post(visibility=visibility)

    assert post.can_be_boosted_by(AUTHOR) is author
    assert post.can_be_boosted_by(OTHER) is other
    assert post.can_be_boosted_by(STRANGER) is False


@pytest.mark.parametrize(
    ("values", "author"),
    [
        ({"visibility": "public"}, True),
        ({"visibility": "unlisted"}, True),
        ({"visibility": "followers"}, True),
        ({"visibility": "mentioned"}, False),
        ({"boost_of_id": 9}, False),
    ],
)
def test_who_can_pin(values, author):
    post = make_post(**values)

    assert post.can_be_pinned_by(AUTHOR) is author
    assert post.can_be_pinned_by(OTHER) is False
    assert post.can_be_pinned_by(STRANGER) is False


QUOTED = make_post(id=9)


@pytest.mark.parametrize(
    ("quote_state", "quoted", "state"),
    [
        ("accepted", QUOTED, "accepted"),
        ("accepted", None, "unauthorized"),
        ("accepted", make_post(id=9, blocks_author=True), "blocked_account"),
        ("accepted", make_post(id=9, mutes_author=True), "muted_account"),
        ("accepted", make_post(id=9, blocks_author=True, mutes_author=True), "blocked_account"),
        ("revoked", QUOTED, "revoked"),
        ("revoked", None, "revoked"),
        ("deleted", None, "deleted"),
        ("revoked", make_post(id=9, blocks_author=True), "revoked"),
    ],
)
def test_the_state_of_a_quote(quote_state, quoted, state):
    post = make_post(quote_of_id=9, quote_state=quote_state)

    assert post.quote_state_with(quoted) == state
    assert post.accepted_quote_of_id == (9 if quote_state == "accepted" else None)


def test_a_post_that_quotes_nothing_has_no_quote_state():
    assert (make_post().quote_state_with(None), make_post().accepted_quote_of_id) == (None, None)


@pytest.mark.parametrize(
    ("values", "viewer_id", "ended", "hides_votes", "voted", "open"),
    [
        ({}, OTHER, False, False, False, True),
        ({}, STRANGER, False, False, False, False),
        ({}, AUTHOR, False, False, True, False),
        ({"poll_choices": "[1]"}, OTHER, False, False, True, False),
        ({"poll_choices": "[1]", "poll_multiple": True}, OTHER, False, False, True, False),
        ({"poll_expires_at": NOW + 1}, OTHER, False, False, False, True),
        ({"poll_expires_at": NOW}, OTHER, True, False, False, False),
        ({"poll_expires_at": NOW}, AUTHOR, True, False, True, False),
        ({"poll_hides_totals": True}, OTHER, False, True, False, True),
        ({"poll_hides_totals": True}, AUTHOR, False, True, True, False),
        ({"poll_hides_totals": True, "poll_expires_at": NOW + 1}, STRANGER, False, True, False, False),
        ({"poll_hides_totals": True, "poll_expires_at": NOW}, STRANGER, True, False, False, False),
    ],
)
def test_how_a_poll_stands(values, viewer_id, ended, hides_votes, voted, open):
    poll = make_post(poll_options='[["tea",2],["coffee",0]]', **values).poll_for(viewer_id, now=NOW)

    assert poll is not None
    assert (poll.ended, poll.hides_votes, poll.voted, poll.open) == (ended, hides_votes, voted, open)
    assert (poll.options, poll.choices) == ([("tea", 2), ("coffee", 0)], [1] if "poll_choices" in values else [])


def test_a_post_without_a_question_has_no_poll():
    assert make_post().poll_for(OTHER, now=NOW) is None
