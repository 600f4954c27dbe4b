import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import ids
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import trend_reviews as queries
from twite_common.services.accounts import accounts
from twite_common.services.moderation import trend_reviews
from twite_common.services.moderation.trend_reviews import TagChanges
from twite_common.services.timelines import tags
from twite_common.tables import audit_entry, card, publisher


@pytest.fixture
def moderator(db, ann):
    accounts.set_role(db, account_id=ann.id, role="moderator")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def tag_id(db):
    return tags.found_or_made(db, "Birds", now=NOW).id


@pytest.fixture
def judge(db, moderator):
    def judge(kind, subject_id, *, trendable=True, viewer=moderator):
        trend_reviews.judge(db, kind, subject_id, now=NOW, viewer=viewer, trendable=trendable)

    return judge


@pytest.fixture
def change_tag(db, moderator):
    def change_tag(tag_id, *, viewer=moderator, **changes):
        trend_reviews.change_tag(db, tag_id, now=NOW, viewer=viewer, changes=TagChanges(**changes))

    return change_tag


@pytest.fixture
def subjects(db, tag_id, bob, make_post):
    """Return something of each kind that may trend, with the name under which a decision is recorded."""
    publisher_id, card_id, post_id = ids.new(NOW), ids.new(NOW), make_post(bob)
    db.execute(insert(publisher).values(id=publisher_id, domain="news.example"))
    db.execute(
        insert(card).values(
            id=card_id, url="https://news.example/1", state="ready", due_at=NOW, publisher_id=publisher_id
        )
    )
    return {
        "tag": (tag_id, "Birds"),
        "link": (card_id, "https://news.example/1"),
        "publisher": (publisher_id, "news.example"),
        "post": (post_id, str(post_id)),
    }


@pytest.fixture
def recorded(db):
    columns = (audit_entry.c.action, audit_entry.c.target_kind, audit_entry.c.target_name)
    return lambda: [tuple(row) for row in db.execute(select(*columns).order_by(audit_entry.c.id))]


@pytest.mark.parametrize("kind", ["tag", "link", "publisher", "post"])
@pytest.mark.parametrize(("trendable", "action"), [(True, "approve"), (False, "reject")])
def test_what_may_trend_is_decided_and_recorded(judge, subjects, recorded, kind, trendable, action):
    subject_id, name = subjects[kind]
    judge(kind, subject_id, trendable=trendable)

    assert recorded() == [(action, kind, name)]


@pytest.mark.parametrize("kind", ["tag", "link", "publisher", "post"])
def test_nothing_is_decided_about_what_is_not_there(judge, recorded, kind):
    with pytest.raises(NotFound):
        judge(kind, 1)
    assert recorded() == []


@pytest.mark.parametrize("visibility", ["unlisted", "followers", "mentioned"])
def test_only_public_posts_trend(judge, make_post, bob, visibility):
    with pytest.raises(NotFound):
        judge("post", make_post(bob, "@ann", visibility=visibility))


def test_people_without_the_permission_decide_nothing(db, judge, change_tag, tag_id, recorded, bob):
    viewer = viewers.by_account(db, bob.id)

    for attempt in (
        lambda: judge("tag", tag_id, viewer=viewer),
        lambda: change_tag(tag_id, viewer=viewer, usable=False),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert recorded() == []


def test_a_hashtag_is_spelled_anew_in_upper_and_lower_case_only(db, change_tag, tag_id):
    change_tag(tag_id, name="BIRDS")

    with pytest.raises(Invalid, match="only change upper and lower case"):
        change_tag(tag_id, name="Bird")
    assert queries.load_tags(db, [tag_id])[0].tag.name == "BIRDS"


def test_what_a_change_of_a_hashtag_leaves_out_stays(db, change_tag, tag_id, recorded):
    change_tag(tag_id, usable=False)
    change_tag(tag_id, listable=False, trendable=True)

    [review] = queries.load_tags(db, [tag_id])
    assert (review.usable, review.listable, review.trendable, review.tag.name) == (False, False, True, "Birds")
    assert recorded() == [("update", "tag", "Birds")] * 2


def test_a_hashtag_that_may_not_be_written_is_refused(change_tag, tag_id, make_post, bob):
    change_tag(tag_id, usable=False)

    with pytest.raises(Invalid):
        make_post(bob, "Look: #birds")
