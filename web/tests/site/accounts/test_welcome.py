"""The first steps of a new account, and an empty home page."""

import pytest

from support.pictures import picture
from twite_common import clock
from twite_common.queries.accounts import accounts
from twite_common.queries.paging import Page
from twite_common.queries.timelines import tags
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges


@pytest.fixture
def suggested(database, bob):
    """Bob, who wants to be found."""
    with database.writing() as db:
        profiles.change_profile(db, now=clock.now(), account_id=bob.id, changes=ProfileChanges(discoverable=True))
    return bob


def test_strangers_are_sent_to_log_in_first(stranger):
    for path in ("/welcome", "/welcome/people", "/welcome/post"):
        stranger.open(path)
        assert stranger.path == "/login"


def test_one_introduces_oneself_and_goes_on(database, ann, as_ann):
    as_ann.open("/welcome")
    as_ann.submit(
        "/welcome", {"display_name": "Ann A.", "bio": "Birds."}, {"avatar": ("a.png", picture(), "image/png")}
    )
    with database.reading() as db:
        account = accounts.get(db, ann.id)

    assert as_ann.path == "/welcome/people"
    assert (account.display_name, account.bio, account.avatar is not None) == ("Ann A.", "Birds.", True)


def test_what_one_chose_elsewhere_stays(database, ann, as_ann):
    with database.writing() as db:
        changes = ProfileChanges(locked=True, fields=[("Site", "example.org")])
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=changes)
    as_ann.open("/welcome")
    as_ann.submit("/welcome", {"bio": "Birds."})
    with database.reading() as db:
        account = accounts.get(db, ann.id)

    assert (account.locked, "example.org" in account.fields) == (True, True)


def test_a_text_too_long_is_shown_again(as_ann):
    as_ann.open("/welcome")
    response = as_ann.submit("/welcome", {"bio": "x" * 501})

    assert (response.status_code, as_ann.value("bio")) == (422, "x" * 501)


def test_a_person_is_followed_and_the_click_can_be_taken_back(suggested, as_ann, stands):
    as_ann.open("/welcome/people")
    as_ann.submit(f"/accounts/{suggested.id}/follow")
    followed = stands().following
    back = as_ann.path
    as_ann.submit(f"/accounts/{suggested.id}/unfollow")

    assert (followed, back) == (True, "/welcome/people")
    assert not stands().following
    assert as_ann.path == "/welcome/people"


def test_chosen_hashtags_are_followed(database, ann, as_ann):
    as_ann.open("/welcome/people")
    token = as_ann.value("form_token")
    form = {"form_token": token, "names": ["birds", "trams"]}
    response = as_ann.client.post("/welcome/tags", data=form)
    with database.reading() as db:
        followed = {tag.name for _, tag in tags.followed(db, ann.id, Page())}

    assert response.headers["location"] == "/welcome/post"
    assert followed == {"birds", "trams"}


def test_the_first_post_can_be_sent_as_it_is(as_ann):
    as_ann.open("/welcome/post")
    as_ann.submit("/posts")

    assert as_ann.path == "/"
    assert "Hello, I'm new here!" in as_ann.text


def test_an_empty_home_page_suggests_people(suggested, as_ann, ann, make_post):
    as_ann.open("/")
    empty = f"/accounts/{suggested.id}/follow" in as_ann.actions()
    make_post(ann)
    as_ann.open("/")

    assert empty
    assert f"/accounts/{suggested.id}/follow" not in as_ann.actions()
