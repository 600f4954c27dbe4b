"""What is talked about most, as the website shows it, and where moderators decide about it."""

import pytest
from sqlalchemy import insert, update

from twite_common import clock
from twite_common.services.accounts import accounts
from twite_common.services.posts import favourites
from twite_common.services.timelines import trends
from twite_common.tables import account, card, post, publisher


@pytest.fixture
def talk(database, ann, bob, cho, make_post):
    """Have a hashtag, a page and a post that several people take up."""
    posts = [make_post(who, "Seen a #Wren today") for who in (ann, bob)]
    with database.writing() as db:
        db.execute(insert(publisher).values(id=5, domain="a.example"))
        page = {"url": "https://a.example/", "title": "All wrens", "provider_name": "Birds", "author_name": "Dee"}
        db.execute(insert(card).values(id=7, due_at=0, state="ready", publisher_id=5, **page))
        db.execute(update(post).where(post.c.id.in_(posts)).values(card_id=7))
        db.execute(update(account).values(discoverable=True))
        for who in (bob, cho):
            favourites.favourite_post(db, now=clock.now(), account_id=who.id, post_id=posts[0])
        trends.compute(db, now=clock.now())
    return posts[0]


@pytest.fixture
def moderator(database, cho, logged_in):
    with database.writing() as db:
        accounts.set_role(db, account_id=cho.id, role="moderator")
    return logged_in(cho)


def test_a_quiet_site_says_so(stranger):
    stranger.open("/explore")

    assert "Nothing is trending" in stranger.text


def test_strangers_see_what_is_talked_about(stranger, talk):
    stranger.open("/explore")
    page = stranger.page

    assert page.find("a", href="/tags/wren").find("strong").text == "#Wren"
    assert page.find("a", class_="linked")["href"] == "https://a.example/"
    assert page.find("a", class_="linked").find(class_="hint").text == "Birds · Dee"
    assert "2 posts this week" in stranger.text
    assert page.find("a", href=f"/@ann/{talk}")


@pytest.mark.parametrize("kind", ["tag", "link", "publisher", "post"])
def test_moderators_decide_what_trends(moderator, stranger, talk, kind):
    heading = {"tag": "Hashtags", "link": "Popular links", "publisher": "Popular links", "post": "Popular posts"}[kind]

    def shown():
        stranger.open("/explore")
        return heading in stranger.text

    before = shown()
    moderator.open("/admin/trends")
    action = next(one for one in moderator.actions() if one.startswith(f"/admin/trends/{kind}/"))
    moderator.submit(action.replace("approve", "reject"))
    during = shown()
    moderator.submit(action.replace("reject", "approve"))

    assert (before, during, shown()) == (True, False, True)


def test_moderators_look_a_hashtag_up_and_forbid_it(moderator, as_ann, talk):
    moderator.open("/admin/trends?q=%23wren")
    moderator.submit(next(one for one in moderator.actions() if one.endswith("/forbid")))
    as_ann.open("/compose")
    as_ann.submit("/posts", {"text": "Another #wren"})
    moderator.open("/admin/trends?q=wren")

    assert "can't be used" in moderator.text
    assert "disallowed hashtags: #Wren" in as_ann.text


@pytest.mark.parametrize("decision", ["approve", "forbid"])
def test_nobody_else_decides(as_ann, talk, decision):
    as_ann.open("/settings")
    sent = {"form_token": as_ann.value("form_token")}

    assert as_ann.open("/admin/trends").status_code == 403
    assert as_ann.client.post(f"/admin/trends/tag/1/{decision}", data=sent).status_code == 403


def test_there_are_no_other_decisions(moderator):
    moderator.open("/menu")
    sent = {"form_token": moderator.value("form_token")}

    assert moderator.client.post("/admin/trends/link/7/forbid", data=sent).status_code == 404
