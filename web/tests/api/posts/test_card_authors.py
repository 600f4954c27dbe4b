"""Preview cards whose pages name somebody here as their author."""

import pytest
from sqlalchemy import insert, update

from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import post_details
from twite_common.tables import account, card, post, trend


@pytest.fixture
def listed(database, bob):
    """Let Bob list websites that may name him."""

    def listed(*domains):
        with database.writing() as db:
            changes = ProfileChanges(attribution_domains=list(domains))
            profiles.change_profile(db, now=1, account_id=bob.id, changes=changes)

    return listed


@pytest.fixture
def linking(database, ann, bob, make_post):
    """A post of Ann's with the card of a page that names Bob."""
    post_id = make_post(ann)
    page = {"url": "https://short.example/x", "provider_url": "https://blog.site.example", "title": "A page"}
    with database.writing() as db:
        db.execute(insert(card).values(id=1, **page, author_account_id=bob.id, state="ready", due_at=0))
        db.execute(update(post).where(post.c.id == post_id).values(card_id=1))
        db.execute(insert(trend).values(kind="link", subject_id=1, score=1))
        post_details.refresh(db, [post_id])
    return post_id


@pytest.fixture
def authors(stranger, linking):
    """The names of a card's authors with an account here, as a post shows it."""

    def authors():
        shown = stranger.get(f"/api/v1/statuses/{linking}").json()["card"]["authors"]
        return [one["account"]["acct"] for one in shown]

    return authors


@pytest.mark.parametrize(
    ("domain", "named"),
    [
        ("blog.site.example", ["bob"]),
        ("site.example", ["bob"]),
        ("short.example", []),
        ("og.site.example", []),
        ("x.blog.site.example", []),
    ],
)
def test_the_author_is_named_where_they_list_the_pages_site(listed, authors, domain, named):
    listed("other.example", domain)

    assert authors() == named


def test_listing_a_site_and_taking_it_back_take_effect_at_once(listed, authors):
    before = authors()
    listed("site.example")
    between = authors()
    listed()

    assert (before, between, authors()) == ([], ["bob"], [])


@pytest.mark.parametrize("values", [{"suspended_at": 1}, {"pending": True}])
def test_who_is_not_there_is_not_named(database, bob, listed, authors, values):
    listed("site.example")
    with database.writing() as db:
        db.execute(update(account).where(account.c.id == bob.id).values(version=account.c.version + 1, **values))

    assert authors() == []


def test_lists_of_links_name_the_author_too(listed, linking, stranger):
    listed("site.example")
    (shown,) = stranger.get("/api/v1/trends/links").json()

    assert [one["account"]["acct"] for one in shown["authors"]] == ["bob"]
