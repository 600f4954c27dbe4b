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
