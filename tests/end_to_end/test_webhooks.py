"""Webhooks, against a receiver that checks what it gets as the documentation says."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy import select

from support import webhook_receiver
from support.site_under_test import PASSWORD, Site, wait_for
from support.webhook_receiver import Receiver
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.queries.notifications import webhooks as queries
from twite_common.services.identity import webhooks
from twite_common.services.posts import post_deletion, posts
from twite_common.tables import emoji, webhook_delivery
from twite_tasks import context, event_handlers
from twite_tasks.notifications import webhook_sender


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver.running() as receiver:
        yield receiver


class Telling:
    """A site without processes of its own: what tasks would do is done by the tests."""

    def __init__(self, site: Site) -> None:
        self.site, self.context = site, context.make(site.settings)
        self.ann_id, self.token = site.make_account("ann")
        self.bob_id, _ = site.make_account("bob")

    def make(self, url: str, *events: str) -> webhooks.NewWebhook:
        with self.site.database.writing() as db:
            given = {"account_id": self.ann_id, "url": url, "events": events or queries.EVENTS}
            return webhooks.add(db, self.site.settings, self.context.sealer, now=clock.now(), **given)

    def publish(self, by: int, text: str) -> int:
        with self.site.database.writing() as db:
            return posts.publish(db, self.site.settings, now=clock.now(), author_id=by, draft=Draft(text=text))

    def send(self) -> None:
        """Do what events ask for, and send what is due."""
        while event_handlers.handle_next(self.context, now=clock.now()):
            pass
        with self.site.database.reading() as db:
            waiting = list(db.scalars(select(webhook_delivery.c.id).order_by(webhook_delivery.c.id)))
        for delivery_id in waiting:
            webhook_sender.send(self.context, delivery_id)

    def last(self, webhook_id: int) -> queries.Delivery:
        with self.site.database.reading() as db:
            return queries.last_deliveries(db, webhook_id)[0]


@pytest.fixture
def telling(make_site: Callable[..., Site]) -> Iterator[Telling]:
    telling = Telling(make_site(allow_private_addresses="true"))
    yield telling
    telling.context.database.close()


def test_what_is_told_are_the_api_s_entities_signed(make_site, receiver):
    """Each member is what the API says of the same; what a receiver misses it finds there."""
    site = make_site(allow_private_addresses="true")
    site.start("web")
    site.start("worker")
    _, ann = site.make_account("ann")
    _, bob = site.make_account("bob")
    with site.database.writing() as db:
        pictures = {"picture": "aa/wren.webp", "still_picture": "aa/still.webp"}
        db.execute(emoji.insert(), {"id": 1, "shortcode": "wren", **pictures})
    with httpx.Client(base_url=site.base_url, timeout=20) as client:
        mine, theirs = {"Authorization": f"Bearer {ann}"}, {"Authorization": f"Bearer {bob}"}
        wanted = {"url": receiver.url, "events": ["mention"], "current_password": PASSWORD}
        made = client.post("/api/v1/webhooks", json=wanted, headers=mine).raise_for_status().json()
        poll = {"options": ["tea :wren:", "coffee"], "expires_in": 600, "hide_totals": True}
        text = {"status": "Hello @ann, *see* #birds :wren:", "spoiler_text": "birds", "language": "en", "poll": poll}
        id = client.post("/api/v1/statuses", json=text, headers=theirs).raise_for_status().json()["id"]
        wait_for(lambda: receiver.got, site.printed)
        [told] = client.get("/api/v1/notifications", headers=mine).json()
        wait_for(
            lambda: (
                client.get(f"/api/v1/webhooks/{made['id']}/deliveries", headers=mine).json()[0]["state"] == "delivered"
            ),
            site.printed,
        )
    message = receiver.read(made["secret"])
    got = message["object"]
    headers = receiver.got[-1][0]

    assert (message["event"], got["status"]["id"]) == ("mention", id)
    assert got["status"]["emojis"]
    assert got["status"]["poll"]
    assert (headers["twite-event"], headers["twite-delivery"]) == ("mention", message["id"])
    for part, whole in ((got, told), (got["status"], told["status"]), (got["account"], told["account"])):
        plain = {name: value for name, value in part.items() if name not in {"status", "account"}}
        assert plain == {name: whole[name] for name in plain}


def test_posts_of_one_s_own_are_told_and_what_is_gone_is_not(telling, receiver):
    made = telling.make(receiver.url, "status.created", "status.deleted")
    gone, kept = telling.publish(telling.ann_id, "gone"), telling.publish(telling.ann_id, "kept")
    with telling.site.database.writing() as db:
        post_deletion.delete_own(db, now=clock.now(), author_id=telling.ann_id, post_id=gone)
    telling.send()
    told = [(one["event"], one["object"]) for one in (json.loads(body) for _, body in receiver.got)]
    answered = telling.last(made.id)

    assert [(event, subject["id"]) for event, subject in told] == [
        ("status.created", str(kept)),
        ("status.deleted", str(gone)),
    ]
    assert (answered.state, answered.status, answered.attempts) == ("delivered", 200, 1)
    assert answered.answer.startswith("thanks \ufffdthanks")
    assert len(answered.answer) <= 500


def test_what_fails_is_sent_again_with_a_new_signature_and_the_same_id(telling, receiver):
    made = telling.make(receiver.url)
    receiver.status = 302
    telling.publish(telling.bob_id, "Hello @ann")
    telling.send()
    telling.send()
    failed, tried = telling.last(made.id), len(receiver.got)
    receiver.status = 204
    with telling.site.database.writing() as db:
        db.execute(webhook_delivery.update().values(due_at=0))
    telling.send()

    assert (failed.state, failed.status, failed.attempts, tried) == ("due", 302, 1, 1)
    assert (telling.last(made.id).state, len(receiver.got)) == ("delivered", 2)
    assert receiver.got[0][1] == receiver.got[1][1]
    assert telling.last(made.id).error == ""


def test_private_addresses_are_never_asked(telling, make_site, receiver):
    made = telling.make(receiver.url)
    telling.publish(telling.bob_id, "Hello @ann")
    key = (telling.site.folder / "data" / "secret.key").read_text()
    telling.context.database.close()
    telling.context = context.make(make_site(secret_key=key).settings)
    telling.send()
    refused = telling.last(made.id)

    assert receiver.got == []
    assert (refused.state, refused.error) == ("failed", "It is not on the public internet.")
