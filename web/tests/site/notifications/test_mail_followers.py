"""Following by mail on the website: the form, and the links in mails."""

import pytest
from sqlalchemy import select, update

from twite_common import clock, secret
from twite_common.queries.notifications import mail_followers as queries
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.notifications import mail_followers
from twite_common.tables import account, mail, mail_follower

READER = "reader@elsewhere.example"
PAGE = "/@ann/by-mail"


@pytest.fixture
def offered(database, ann):
    with database.writing() as db:
        changes = ProfileChanges(follow_by_mail=True)
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=changes)


@pytest.fixture
def asked(offered, stranger, database):
    """Have a reader ask, and return their id."""
    stranger.open(PAGE)
    stranger.submit(PAGE, {"email": READER, "frequency": "weekly"})
    with database.reading() as db:
        return db.scalar(select(mail_follower.c.id))


def test_it_is_offered_on_the_profile_to_strangers_where_its_owner_wants_that(stranger, as_bob, offered, ann, bob):
    page = stranger.open("/@ann")
    [link] = stranger.page.find_all("a", href=PAGE)

    assert link.text.strip() == "Follow by e-mail"
    assert "set-cookie" not in page.headers
    assert as_bob.open("/@ann").status_code == 200
    assert as_bob.page.find("a", href=PAGE) is None
    assert stranger.open("/@bob").status_code == 200
    assert stranger.page.find("a", href="/@bob/by-mail") is None
    for path in ("/@bob/by-mail", "/ann/by-mail", "/@nobody/by-mail"):
        assert stranger.open(path).status_code == 404


def test_whoever_asks_is_sent_a_link_and_told_the_same_a_second_time(stranger, asked, database):
    first = stranger.path
    stranger.open(PAGE)
    wrong = stranger.submit(PAGE, {"email": "reader", "frequency": "weekly"})
    kept = stranger.value("email")
    stranger.submit(PAGE, {"email": READER, "frequency": "weekly"})
    with database.reading() as db:
        sent = db.execute(select(mail.c.kind, mail.c.address)).all()

    assert (first, stranger.path) == ("/by-mail/sent", "/by-mail/sent")
    assert (wrong.status_code, kept) == (422, "reader")
    assert [tuple(one) for one in sent] == [("follow_by_mail", READER)] * 2


def test_a_link_does_nothing_until_the_button_is_pressed(stranger, settings, asked, database):
    path = f"/by-mail/confirm/{mail_followers.confirmation_token(secret.signer(settings), asked, 'weekly')}"
    stranger.open(path)
    with database.reading() as db:
        before = queries.get(db, asked).confirmed_at
    stranger.submit(path, {})
    with database.reading() as db:
        follower = queries.get(db, asked)

    assert before is None
    assert follower.confirmed_at is not None
    assert follower.frequency == "weekly"
    assert "from now on" in stranger.text
    assert stranger.open(path[:-1]).status_code == 404


def test_one_click_from_a_mail_program_stops_it(stranger, settings, asked, database):
    path = f"/by-mail/{mail_followers.stop_token(secret.signer(settings), asked)}"
    stranger.open(path)
    named = "You get the public posts of @ann" in stranger.text
    with database.reading() as db:
        before = queries.get(db, asked)
    answer = stranger.client.post(path, data={"List-Unsubscribe": "One-Click"})
    with database.reading() as db:
        after = queries.get(db, asked)
    again = stranger.open(path)

    assert named
    assert (before is not None, after) == (True, None)
    assert (answer.status_code, again.status_code) == (200, 200)
    assert "your address has been forgotten" in stranger.text
    assert stranger.client.post(f"{path}x").status_code == 404


def test_a_reader_can_stop_while_the_account_is_not_offered(stranger, settings, asked, database):
    with database.writing() as db:
        db.execute(update(account).values(limited_at=1))
    stranger.open(f"/by-mail/{mail_followers.stop_token(secret.signer(settings), asked)}")

    assert "You get the public posts of @ann" in stranger.text


def test_its_owner_is_told_how_many_there_are_and_turning_it_off_forgets_them(as_ann, asked, database, ann):
    with database.writing() as db:
        db.execute(update(mail_follower).values(confirmed_at=1))
    as_ann.open("/settings/profile")
    told = as_ann.text
    as_ann.submit("/settings/profile", {"follow_by_mail": None})
    with database.reading() as db:
        left = db.scalar(select(mail_follower.c.id)), db.scalar(select(account.c.follow_by_mail))

    assert "At the moment there is 1, who will be forgotten" in told
    assert READER not in told
    assert left == (None, False)


def test_the_api_turns_it_on_and_says_so(api, ann):
    client = api(ann, "read write profile")
    before = client.get("/api/v1/profile").json()["follow_by_mail"]
    client.patch("/api/v1/accounts/update_credentials", json={"follow_by_mail": True}).raise_for_status()

    assert before is False
    assert client.get("/api/v1/profile").json()["follow_by_mail"] is True
