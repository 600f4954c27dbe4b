"""Mails to those who follow an account by mail: what they say, and what becomes of them."""

import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.queries.notifications import mail_followers as queries
from twite_common.queries.notifications import mails as mail_queries
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.notifications import mail_followers
from twite_common.services.posts import post_deletion
from twite_common.tables import mail, mail_follower
from twite_tasks import periodic_jobs
from twite_tasks.notifications import mail_content, mail_sender, mime

READER = "reader@elsewhere.example"
LATER = NOW + 2 * clock.DAY


@pytest.fixture
def asked(database, settings, ann):
    """Have a reader ask to follow Ann by mail, in German, and return their id."""
    with database.writing() as db:
        changes = ProfileChanges(follow_by_mail=True, display_name="Buy at spam.example")
        profiles.change_profile(db, now=NOW, account_id=ann.id, changes=changes)
        given = {"account_id": ann.id, "email": READER, "frequency": "daily", "locale": "de"}
        mail_followers.ask(db, settings, now=NOW, **given)
        return db.scalar(select(mail_follower.c.id))


@pytest.fixture
def following(database, context, settings, asked):
    with database.writing() as db:
        token = mail_followers.confirmation_token(context.signer, asked, "daily")
        mail_followers.confirm(db, context.signer, settings, token, now=NOW)
    return asked


@pytest.fixture
def last(database, context):
    """Return the last mail as it would be sent now, its plain text and its HTML; None when there is nothing to tell."""

    def last(now=LATER):
        with database.reading() as db:
            id = db.scalars(select(mail.c.id).order_by(mail.c.id.desc())).first()
            found = mail_queries.get(db, id)
            content = mail_content.write(db, context, found, now=now)
        if content is None:
            return None
        message = mime.make(context.settings, found, content, now=now)
        plain, html = (part.get_content() for part in message.iter_parts())
        return message, plain, html

    return last


def test_the_question_has_nothing_that_the_account_s_owner_wrote(asked, last):
    message, plain, html = last()

    assert message["To"] == READER
    assert message["Subject"] == "Follow @ann on Twite by e-mail?"
    assert "https://twite.example/by-mail/confirm/" in plain
    assert "spam.example" not in plain + html + message["Subject"]
    assert message["List-Unsubscribe"] is None


def test_new_posts_are_told_as_strangers_see_them_with_one_click_to_stop(
    context, database, following, ann, make_post, last
):
    post_id = make_post(ann, "A wren!\nIn *our* garden", now=NOW + clock.HOUR)
    make_post(ann, "Blood and gore", spoiler_text="hunting", now=NOW + clock.HOUR)
    gone = make_post(ann, "Never mind", now=NOW + clock.HOUR)
    periodic_jobs.run(context, "mail_followers", now=LATER)
    make_post(ann, "After the mail was planned", now=LATER)
    with database.writing() as db:
        post_deletion.delete_own(db, now=LATER, author_id=ann.id, post_id=gone)
    message, plain, html = last()

    assert message["Subject"] == "New posts by @ann on Twite"
    for told in ("A wren!", "Content warning: hunting", f"https://twite.example/@ann/{post_id}"):
        assert told in plain
        assert told in html
    for kept in ("Never mind", "gore", "After the mail"):
        assert kept not in plain + html
    stop = message["List-Unsubscribe"].strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.startswith("https://twite.example/by-mail/")
    assert stop in plain
    assert mail_followers.read_stop(context.signer, stop.rpartition("/")[2]) == following


def test_a_mail_that_has_nothing_to_tell_any_more_is_not_sent(context, database, following, ann, make_post, last):
    post_id = make_post(ann, now=NOW + clock.HOUR)
    periodic_jobs.run(context, "mail_followers", now=LATER)
    with database.writing() as db:
        post_deletion.delete_own(db, now=LATER, author_id=ann.id, post_id=post_id)
    emptied = last()
    with database.writing() as db:
        mail_followers.remove_all(db, account_id=ann.id)

    assert (emptied, last()) == (None, None)


def test_it_is_written_in_the_language_that_was_asked_in_and_a_dead_address_is_forgotten(
    context, database, following, ann, make_post
):
    make_post(ann, now=NOW + clock.HOUR)
    periodic_jobs.run(context, "mail_followers", now=LATER)
    with database.reading() as db:
        sending = mail_queries.get(db, db.scalars(select(mail.c.id).order_by(mail.c.id.desc())).first())
        locale = mail_sender._locale(db, sending)
    left = []
    with database.writing() as db:
        for failure in (True, True, False, True, True, True):
            (mail_followers.refused if failure else mail_followers.arrived)(db, sending)
            left.append(queries.get(db, following) is not None)

    assert locale == "de"
    assert left == [True] * 5 + [False]
