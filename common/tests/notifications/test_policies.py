import msgspec
import pytest

from support.moment import NOW
from twite_common import clock, ids
from twite_common.errors import Invalid, NotFound
from twite_common.queries.notifications import notifications
from twite_common.queries.notifications import policies as queries
from twite_common.queries.paging import Page
from twite_common.services.accounts import follows, profiles
from twite_common.services.notifications import policies
from twite_common.services.notifications.policies import PolicyChanges, Sender
from twite_common.services.posts import favourites

OLD = ids.first_at(NOW - 31 * clock.DAY)
NEW = ids.first_at(NOW - 29 * clock.DAY)
STRANGER = Sender(
    followed=False,
    follows=False,
    permitted=False,
    private=False,
    limited=False,
    bot=False,
    **dict.fromkeys(Sender.__struct_fields__[6:]),
)


def verdict(kind="mention", *, id=OLD, **sender):
    return policies.verdict(msgspec.structs.replace(STRANGER, **sender), kind, from_account_id=id, now=NOW)


@pytest.fixture
def choose(db, bob):
    def choose(**choices):
        policies.change(db, account_id=bob.id, changes=PolicyChanges(**choices))

    return choose


@pytest.fixture
def listed(db, bob):
    """Return the kinds of what Bob was told."""

    def listed(**bounds):
        return [one.kind for one in notifications.page(db, Page(), viewer_id=bob.id, now=NOW, **bounds)]

    return listed


@pytest.fixture
def requests(db, bob):
    return lambda: queries.requests(db, bob.id, Page())


def test_without_a_policy_strangers_are_heard_except_in_private_or_when_limited():
    assert verdict() == "accept"
    assert verdict("favourite", private=True) == "accept"
    assert verdict(private=True) == "filter"
    assert verdict(limited=True) == "filter"
    assert verdict(bot=True) == "accept"
    assert verdict(id=NEW) == "accept"


def test_who_is_followed_is_heard_whatever_they_are():
    choices = {"for_new_accounts": "drop", "for_bots": "drop", "for_not_following": "drop"}

    assert verdict(followed=True, private=True, limited=True, bot=True, id=NEW, **choices) == "accept"


@pytest.mark.parametrize(
    ("choice", "sender"),
    [
        ("for_not_following", {}),
        ("for_not_followers", {}),
        ("for_new_accounts", {"id": NEW}),
        ("for_private_mentions", {"private": True}),
        ("for_limited_accounts", {"limited": True}),
        ("for_bots", {"bot": True}),
    ],
)
def test_each_choice_concerns_its_kind_of_sender(choice, sender):
    assert [verdict(**sender, **{choice: wanted}) for wanted in ("accept", "filter", "drop")] == [
        "accept",
        "filter",
        "drop",
    ]


def test_new_accounts_are_those_of_the_last_thirty_days():
    assert [verdict(id=id, for_new_accounts="drop") for id in (OLD, NEW)] == ["accept", "drop"]


def test_a_choice_about_those_who_do_not_follow_concerns_whom_one_follows_too():
    assert verdict(followed=True, for_not_followers="drop") == "drop"
    assert verdict(followed=True, follows=True, for_not_followers="drop") == "accept"


def test_the_strictest_of_all_that_applies_counts():
    assert verdict(limited=True, bot=True, for_bots="drop", for_limited_accounts="filter") == "drop"
    assert verdict(limited=True, bot=True, for_bots="accept", for_limited_accounts="filter") == "filter"


def test_who_was_let_through_and_what_the_site_says_is_heard():
    assert verdict(permitted=True, for_not_following="drop") == "accept"
    assert {verdict(kind, for_not_following="drop") for kind in policies.UNFILTERED} == {"accept"}


def test_what_is_kept_aside_waits_as_a_request_for_each_sender(choose, listed, requests, ann, make_post):
    choose(for_not_following="filter")
    first, second = make_post(ann, "@bob one"), make_post(ann, "@bob two")

    assert (listed(), listed(with_filtered=True)) == ([], ["mention", "mention"])
    [request] = requests()
    assert (request.from_account_id, request.last_post_id, request.notifications_count) == (ann.id, second, 2)
    assert first < second


def test_a_notification_without_a_post_keeps_the_last_post_of_a_request(db, choose, requests, ann, bob, make_post):
    choose(for_not_following="filter")
    post_id = make_post(ann, "@bob")
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)

    [request] = requests()
    assert (request.last_post_id, request.notifications_count) == (post_id, 2)


def test_what_is_dropped_is_kept_nowhere(db, choose, listed, requests, ann, bob, make_post):
    choose(for_not_following="drop")
    favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=make_post(bob))

    assert (listed(with_filtered=True), requests()) == ([], [])


def test_accepting_a_request_lets_the_sender_through_from_then_on(db, choose, listed, requests, ann, bob, make_post):
    choose(for_not_following="filter")
    make_post(ann, "@bob")
    policies.accept(db, now=NOW, account_id=bob.id, request_ids=[requests()[0].id])
    make_post(ann, "@bob again")

    assert (listed(), requests()) == (["mention", "mention"], [])


def test_dismissing_a_request_hides_it_and_further_ones(db, choose, listed, requests, ann, bob, make_post):
    choose(for_not_following="filter")
    make_post(ann, "@bob")
    policies.dismiss(db, account_id=bob.id, request_ids=[requests()[0].id])
    make_post(ann, "@bob again")

    assert (listed(), requests()) == ([], [])
    assert listed(with_filtered=True) == ["mention", "mention"]


@pytest.mark.parametrize("settle", [policies.dismiss, lambda db, **given: policies.accept(db, now=NOW, **given)])
def test_nobody_settles_requests_of_others(db, choose, requests, ann, cho, make_post, settle):
    choose(for_not_following="filter")
    make_post(ann, "@bob")
    [request] = requests()

    for request_ids in ([request.id], [request.id, 1]):
        with pytest.raises(NotFound):
            settle(db, account_id=cho.id, request_ids=request_ids)
    assert requests() == [request]


def test_a_choice_that_is_left_out_stays(db, choose, bob):
    choose(for_bots="drop")
    choose(for_new_accounts="filter")
    choose()

    policy = queries.policy_of(db, bob.id)
    assert (policy.for_bots, policy.for_new_accounts, policy.for_private_mentions) == ("drop", "filter", "filter")


def test_there_are_three_choices(choose):
    with pytest.raises(Invalid, match="accept, filter or drop"):
        choose(for_bots="maybe")


def test_bots_are_known_by_their_profile(db, choose, listed, ann, make_post):
    choose(for_bots="drop")
    make_post(ann, "@bob")
    profiles.change_profile(db, now=NOW, account_id=ann.id, changes=profiles.ProfileChanges(bot=True))
    make_post(ann, "@bob")

    assert listed(with_filtered=True) == ["mention"]
