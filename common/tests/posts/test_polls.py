import msgspec
import pytest

from support.moment import NOW
from twite_common import clock
from twite_common.drafts import PollDraft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.notifications import notifications
from twite_common.queries.paging import Page
from twite_common.queries.posts import posts
from twite_common.services.accounts import follows
from twite_common.services.posts import polls

HOUR = 3600
END = NOW + HOUR * clock.SECOND


@pytest.fixture
def ask(ann, make_post):
    """Return the post of a poll of Ann's with the options A, B and C."""

    def ask(*, visibility="public", **poll):
        draft = PollDraft(options=("A", "B", "C"), expires_in_seconds=HOUR, **poll)
        return make_post(ann, "Which?", poll=draft, visibility=visibility)

    return ask


@pytest.fixture
def vote(db, bob):
    def vote(post_id, *choices, voter=bob, now=NOW + 1):
        polls.vote(db, now=now, account_id=voter.id, post_id=post_id, choices=choices)

    return vote


@pytest.fixture
def state(db, bob):
    """Return the votes of each option, the number of voters and what Bob chose."""

    def state(post_id):
        shown = posts.get(db, post_id, viewer_id=bob.id)
        votes = [number for _, number in msgspec.json.decode(shown.poll_options)]
        return votes, shown.poll_voters_count, shown.poll_choices and msgspec.json.decode(shown.poll_choices)

    return state


@pytest.fixture
def told(db):
    """Return how often somebody was told of the end of a poll."""

    def told(person):
        listed = notifications.page(db, Page(), viewer_id=person.id, now=NOW, kinds=["poll"])
        return len(listed)

    return told


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"options": ("A", " ")}, "blank"),
        ({"options": ("A",)}, "2 to 4 options"),
        ({"options": ("A", "B", "C", "D", "E")}, "2 to 4 options"),
        ({"options": ("A", " A ")}, "duplicates"),
        ({"options": ("A", "B" * 51)}, "50 characters"),
        ({"expires_in_seconds": 299}, "5 minutes"),
        ({"expires_in_seconds": 2_629_747}, "a month"),
    ],
)
def test_a_poll_that_cannot_be_is_refused(changes, message):
    draft = PollDraft(options=("A", "B"), expires_in_seconds=HOUR)

    with pytest.raises(Invalid, match=message):
        polls.checked(msgspec.structs.replace(draft, **changes))


def test_options_are_kept_without_the_space_around_them():
    draft = PollDraft(options=(" A ", "B"), expires_in_seconds=300)

    assert polls.checked(draft).options == ("A", "B")


def test_a_vote_is_counted_once(ask, vote, state):
    post_id = ask()
    vote(post_id, 1)

    with pytest.raises(Invalid, match="already voted"):
        vote(post_id, 2)
    assert state(post_id) == ([0, 1, 0], 1, [1])


def test_one_option_can_be_chosen_unless_the_poll_says_otherwise(ask, vote, state):
    post_id = ask()

    with pytest.raises(Invalid, match="Only one option"):
        vote(post_id, 0, 1)
    assert state(post_id) == ([0, 0, 0], 0, None)


def test_further_options_of_a_poll_that_allows_several_may_follow(ask, vote, state, cho):
    post_id = ask(multiple=True)
    vote(post_id, 2)
    vote(post_id, 0)
    vote(post_id, 0, 2, voter=cho)

    assert state(post_id) == ([2, 0, 2], 2, [0, 2])
    with pytest.raises(Invalid, match="already voted"):
        vote(post_id, 1, 2)
    assert state(post_id) == ([2, 0, 2], 2, [0, 2])


@pytest.mark.parametrize("choices", [(), (3,), (-1,), (0, 3)])
def test_only_options_that_there_are_can_be_chosen(ask, vote, choices):
    with pytest.raises(Invalid, match="does not exist"):
        vote(ask(multiple=True), *choices)


def test_an_option_named_twice_counts_once(ask, vote, state):
    post_id = ask()
    vote(post_id, 1, 1)

    assert state(post_id) == ([0, 1, 0], 1, [1])


def test_nobody_votes_in_their_own_poll(ask, vote, ann):
    with pytest.raises(Invalid, match="your own"):
        vote(ask(), 0, voter=ann)


def test_nobody_votes_in_a_poll_that_they_cannot_see(ask, vote, make_post, ann):
    for post_id in (ask(visibility="followers"), make_post(ann, "No poll"), 1):
        with pytest.raises(NotFound):
            vote(post_id, 0)


def test_followers_vote_in_polls_for_followers(db, ask, vote, state, ann, bob):
    post_id = ask(visibility="followers")
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    vote(post_id, 0)

    assert state(post_id) == ([1, 0, 0], 1, [0])


def test_a_poll_takes_votes_until_it_ends(ask, vote, state):
    post_id = ask(multiple=True)
    vote(post_id, 0, now=END - 1)

    with pytest.raises(Invalid, match="already ended"):
        vote(post_id, 1, now=END)
    assert state(post_id) == ([1, 0, 0], 1, [0])


def test_the_author_and_the_voters_are_told_once_that_a_poll_has_ended(db, ask, vote, told, ann, bob, cho):
    vote(ask(), 0)
    polls.end_those_over(db, now=END - 1)
    assert told(ann) == 0

    for _ in range(2):
        polls.end_those_over(db, now=END)
    assert [told(person) for person in (ann, bob, cho)] == [1, 1, 0]


def test_other_options_make_the_votes_void(db, ask, vote, state):
    post_id = ask()
    vote(post_id, 0)
    draft = PollDraft(options=("A", "D"), expires_in_seconds=HOUR)

    assert polls.change(db, now=NOW + 2, post_id=post_id, draft=draft)
    assert state(post_id) == ([0, 0], 0, None)
    vote(post_id, 1)
    assert state(post_id) == ([0, 1], 1, [1])


def test_votes_stay_where_only_the_end_changes(db, ask, vote, state):
    post_id = ask()
    vote(post_id, 0)
    draft = PollDraft(options=("A", "B", "C"), expires_in_seconds=2 * HOUR)

    assert not polls.change(db, now=NOW, post_id=post_id, draft=draft)
    assert state(post_id) == ([1, 0, 0], 1, [0])
    assert posts.get(db, post_id, viewer_id=None).poll_expires_at == END + HOUR * clock.SECOND


def test_a_poll_can_be_added_and_taken_away(db, ann, make_post, bob):
    post_id = make_post(ann)
    draft = PollDraft(options=("A", "B"), expires_in_seconds=HOUR)

    assert not polls.change(db, now=NOW, post_id=post_id, draft=None)
    assert polls.change(db, now=NOW, post_id=post_id, draft=draft)
    assert posts.get(db, post_id, viewer_id=bob.id).poll_options == '[["A",0],["B",0]]'
    assert polls.change(db, now=NOW, post_id=post_id, draft=None)
    assert posts.get(db, post_id, viewer_id=bob.id).poll_options is None
