from support.moment import NOW
from twite_common.queries.accounts import suggestions as queries
from twite_common.services.accounts import follows, profiles, suggestions


def test_a_suggestion_that_was_put_away_does_not_come_back(db, ann, bob, cho):
    for person in (bob, cho):
        profile = profiles.ProfileChanges(discoverable=True)
        profiles.change_profile(db, now=NOW, account_id=person.id, changes=profile)
    follows.follow_account(db, now=NOW, follower_id=cho.id, followee_id=bob.id)

    def suggested():
        return {one.account_id for one in queries.suggestions(db, viewer_id=ann.id, limit=40)}

    assert bob.id in suggested()
    for dismissed_id in (bob.id, bob.id, 1):
        suggestions.dismiss(db, account_id=ann.id, dismissed_id=dismissed_id)
    assert bob.id not in suggested()


def test_a_much_followed_friend_of_friends_is_suggested_once(db, ann, bob, cho, make_account):
    dot = make_account("dot")
    for person in (bob, cho, dot):
        profile = profiles.ProfileChanges(discoverable=True)
        profiles.change_profile(db, now=NOW, account_id=person.id, changes=profile)
    for follower, followee in ((ann, bob), (bob, dot), (cho, dot), (bob, cho)):
        follows.follow_account(db, now=NOW, follower_id=follower.id, followee_id=followee.id)
    found = queries.suggestions(db, viewer_id=ann.id, limit=40)

    assert [(one.account_id, one.friends) for one in found] == [(dot.id, 1), (cho.id, 1)]


def test_the_latest_follows_of_each_friend_are_looked_at(db, ann, bob, cho, make_account):
    others = [make_account(f"other{number}") for number in range(queries.CONSIDERED_OF_EACH)]
    for person in (cho, *others):
        profile = profiles.ProfileChanges(discoverable=True)
        profiles.change_profile(db, now=NOW, account_id=person.id, changes=profile)
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    for person in (cho, *others):
        follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=person.id)
    friends = {one.account_id: one.friends for one in queries.suggestions(db, viewer_id=ann.id, limit=80)}

    assert friends == {person.id: 1 for person in others} | {cho.id: 0}
