"""Nobody is mailed, pushed to their devices or told by a webhook anything of a post that the oracle denies them.

Mails and messages are planned while everybody may still see the posts, and sent when some may no longer.
"""

from typing import Any

import http_ece
import pytest

from post_visibility.oracle import PEOPLE, found_in, is_shown, may
from post_visibility.world import DEVICE, DEVICE_SECRET, Builder, World
from twite_common import clock, ids, outbox
from twite_common.queries.notifications import mails as mail_queries
from twite_common.services.accounts import accounts
from twite_common.tables import mail, push_message, webhook_delivery
from twite_tasks import event_handlers, http_client
from twite_tasks.http_client import Answer
from twite_tasks.notifications import mail_content, push, webhook_sender


@pytest.fixture(params=["suspended", "disabled"])
def world(request, database, context, integration) -> World:
    """What there is, with all that is planned of it; in some tests `expelled` is only kept from logging in."""
    builder = Builder(context.settings, clock.now())
    for step in (builder.write, builder.end):
        with database.writing() as db:
            step(db)
        _handle(database, context)
    if request.param == "disabled":
        with database.writing() as db:
            expelled = {"the_id": builder.id("expelled")}
            db.execute(accounts.CHANGE.values(suspended_at=None), expelled)
            db.execute(accounts.CHANGE_CREDENTIALS.values(disabled_at=clock.now()), expelled)
    return builder.world


def _handle(database, context):
    with database.reading() as db:
        waiting = [event.id for event in outbox.pending(db, limit=10_000)]
    for id in waiting:
        event_handlers.handle(context, id, now=clock.now())


def wrong(world: World, told: dict[str, str]) -> list[tuple[str, str]]:
    """Return who was told which words of posts that they may not see."""
    return [
        (name, word)
        for name, text in told.items()
        for post in world.posts
        for word in found_in(text, [post])
        if not may(name, post)
    ]


def texts(world: World, told: dict[str, str], name: str) -> set[str]:
    """Return the texts of posts that somebody was told."""
    return {word for word in found_in(told[name], world.posts) if word.endswith("text")}


def _posted_to_followers(world: World) -> set[str]:
    """Return the texts that a follower is told; a content warning stands for its post's text."""
    told = (post for post in world.posts if post.visibility != "mentioned" and post.shape != "warned")
    return {post.word + "text" for post in told if is_shown("follower", post)}


def _named(world: World) -> set[str]:
    """Return the texts that somebody is told who is named; a mention that few can read is kept aside."""
    told = (post for post in world.posts if post.visibility != "mentioned" and post.shape == "naming")
    return {post.word + "text" for post in told}


@pytest.fixture
def mailed(world, database, context):
    """Return what everybody is told by mail."""
    names = {person.id: name for name, person in world.people.items()}
    told = dict.fromkeys(world.people, "")
    with database.reading() as db:
        for row in db.execute(mail.select()).all():
            content = mail_content.write(db, context, mail_queries.get(db, row.id), now=clock.now())
            told[names[row.account_id]] += str(content)
    return told


def test_no_mail_tells_of_what_the_oracle_denies(world, mailed):
    assert wrong(world, mailed) == []
    assert texts(world, mailed, "follower") == _posted_to_followers(world)
    assert texts(world, mailed, "mentioned") == _named(world)


def test_no_digest_tells_of_what_the_oracle_denies(world, database):
    now = clock.now()
    with database.reading() as db:
        found = {
            name: mail_queries.popular(
                db, world.people[name].id, first_id=ids.first_at(now - clock.DAY), now=now, limit=100
            )
            for name in PEOPLE
        }

    assert wrong(world, {name: str(posts) for name, posts in found.items()}) == []
    assert found["follower"]


@pytest.fixture
def pushed(world, database, context, monkeypatch):
    """Return what everybody's devices are told."""
    told = dict.fromkeys(world.people, "")

    def ask(_settings: Any, _method: str, url: str, *, content: bytes, **_options: Any) -> Answer:
        shown = http_ece.decrypt(content, private_key=DEVICE, auth_secret=DEVICE_SECRET, version="aes128gcm")
        told[url.rpartition("/")[2]] += shown.decode()
        return Answer(201, {}, b"", url)

    monkeypatch.setattr(http_client, "ask", ask)
    with database.reading() as db:
        waiting = db.scalars(push_message.select()).all()
    for id in waiting:
        push.send(context, id)
    return told


def test_nothing_is_pushed_of_what_the_oracle_denies(world, pushed):
    assert wrong(world, pushed) == []
    assert texts(world, pushed, "follower") == _posted_to_followers(world)
    assert texts(world, pushed, "mentioned") == _named(world)


@pytest.fixture
def called(world, database, context, monkeypatch):
    """Return what everybody's webhooks are told."""
    told = dict.fromkeys(world.people, "")

    def ask(_settings: Any, _method: str, url: str, *, content: bytes, **_options: Any) -> Answer:
        told[url.rpartition("/")[2]] += content.decode()
        return Answer(204, {}, b"", url)

    monkeypatch.setattr(http_client, "ask", ask)
    with database.reading() as db:
        waiting = db.scalars(webhook_delivery.select()).all()
    for id in waiting:
        webhook_sender.send(context, id)
    return told


def test_no_webhook_is_told_what_the_oracle_denies(world, called):
    assert wrong(world, called) == []
    assert texts(world, called, "follower") >= _posted_to_followers(world)
    assert texts(world, called, "mentioned") >= _named(world)
