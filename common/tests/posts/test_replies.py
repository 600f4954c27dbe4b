import pytest

from twite_common.errors import NotFound
from twite_common.services.accounts.preferences import PreferenceChanges, change_preferences
from twite_common.services.posts import replies


def test_a_reply_begins_with_the_names_of_author_and_mentioned_but_not_ones_own(db, ann, bob, cho, make_post):
    post_id = make_post(bob, "@ann and @cho, hello")

    draft = replies.begin(db, viewer_id=ann.id, post_id=post_id)
    assert draft.text == "@bob @cho "
    assert draft.in_reply_to_id == post_id


def test_a_reply_to_oneself_names_nobody(db, ann, make_post):
    assert replies.begin(db, viewer_id=ann.id, post_id=make_post(ann)).text == ""


@pytest.mark.parametrize(
    ("usual", "theirs", "offered"),
    [
        ("public", "public", "public"),
        ("public", "mentioned", "mentioned"),
        ("followers", "public", "followers"),
        ("unlisted", "followers", "followers"),
    ],
)
def test_a_reply_reaches_no_further_than_the_post_nor_than_one_usually_chooses(
    db, ann, bob, make_post, usual, theirs, offered
):
    change_preferences(db, account_id=ann.id, changes=PreferenceChanges(visibility=usual))
    post_id = make_post(ann, "@ann", visibility=theirs)

    assert replies.begin(db, viewer_id=ann.id, post_id=post_id).visibility == offered


def test_a_reply_keeps_the_content_warning(db, ann, bob, make_post):
    post_id = make_post(bob, "The butler", spoiler_text="Ending")

    assert replies.begin(db, viewer_id=ann.id, post_id=post_id).spoiler_text == "Ending"


def test_a_reply_to_what_one_cannot_see_does_not_begin(db, ann, bob, make_post):
    post_id = make_post(bob, "Quiet", visibility="mentioned")
    with pytest.raises(NotFound):
        replies.begin(db, viewer_id=ann.id, post_id=post_id)
