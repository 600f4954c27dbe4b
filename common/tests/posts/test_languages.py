from support.moment import NOW
from twite_common.queries.posts import languages
from twite_common.services.posts import boosts


def test_the_languages_of_the_last_fifty_posts_are_proposed_the_usual_one_first(db, settings, ann, bob, make_post):
    make_post(bob, language="fr")
    for language, number in (("ja", 10), ("en", 20), ("de", 28)):
        for _ in range(number):
            make_post(ann, language=language)
    boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=make_post(bob, language="es"))
    assert languages.used_by(db, ann.id) == ["de", "en", "ja"]

    for _ in range(2):
        make_post(ann, language="ar")
    # Two of the first are no longer among them; of those used as often, the latest comes first.
    assert languages.used_by(db, ann.id) == ["de", "en", "ar"]


def test_who_has_written_nothing_uses_no_language(db, ann):
    assert languages.used_by(db, ann.id) == []
