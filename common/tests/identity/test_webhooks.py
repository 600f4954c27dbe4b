"""Webhooks: making them, what they are told, and what happens when they take nothing."""

import msgspec
import pytest
from sqlalchemy import select, update

from support.moment import NOW
from twite_common import clock, ids, outbox, secret
from twite_common.drafts import Draft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.notifications import webhooks as queries
from twite_common.services.accounts import accounts, follows
from twite_common.services.identity import grants, private_feeds, webhooks
from twite_common.services.notifications import webhooks as deliveries
from twite_common.services.posts import boosts, favourites, post_deletion, post_edits
from twite_common.tables import mail, notification, webhook, webhook_delivery

URL = "https://hooks.example/ann?key=1"


@pytest.fixture
def ann(make_account):
    return make_account("ann")


@pytest.fixture
def sealer(settings):
    return secret.Sealer(b"a key")


@pytest.fixture
def make(db, settings, sealer, ann):
    def make(*events, by=ann, url=URL):
        given = {"account_id": by.id, "url": url, "events": events or ("mention",)}
        return webhooks.add(db, settings, sealer, now=NOW, **given)

    return make


@pytest.fixture
def told(db):
    """Do what the events ask for, and return what webhooks are to be told."""

    def told():
        for event in outbox.pending(db):
            taken = outbox.take(db, event.id)
            if event.kind == deliveries.EVENT:
                deliveries.plan(db, taken.details()["notification_ids"], now=NOW)
            elif event.kind == deliveries.POST_EVENT:
                details, author_id = taken.details(), taken.account_id
                deliveries.plan_for_posts(db, details["event"], details["post_ids"], now=NOW, account_id=author_id)
        columns = webhook_delivery.c.webhook_id, webhook_delivery.c.event, webhook_delivery.c.subject_id
        return [tuple(row) for row in db.execute(select(*columns).order_by(webhook_delivery.c.id))]

    return told


@pytest.fixture
def fail(db):
    """Have a delivery tried at its time, in vain."""

    def fail(delivery_id, *, now=NOW, **said):
        db.execute(update(webhook_delivery).where(webhook_delivery.c.id == delivery_id).values(due_at=now))
        claimed = deliveries.claim(db, delivery_id, now=now)
        deliveries.failed(db, claimed, now=now, **{"status": 500, "answer": b"no", **said})

    return fail


def state(db, webhook_id):
    return db.execute(select(webhook.c.state, webhook.c.failures).where(webhook.c.id == webhook_id)).one()


def test_the_owner_is_told_by_mail_of_what_hears_of_the_account_from_now_on(db, make, ann):
    make("direct")
    private_feeds.add(db, now=NOW, account_id=ann.id, kind="home")
    address = "ann@mail.example"
    told = db.execute(select(mail.c.kind, mail.c.address, mail.c.detail).order_by(mail.c.id)).all()
    details = [msgspec.json.decode(row.detail) for row in told]

    assert [(row.kind, row.address) for row in told] == [("webhook_made", address), ("feed_made", address)]
    # The rest of the address may be a secret.
    assert [one.get("host") for one in details] == ["hooks.example", None]
    assert "key=1" not in str(told)
    assert all(one["link_id"] for one in details)


def test_the_secret_is_kept_encrypted_and_for_this_webhook_alone(db, ann, make, sealer):
    made, other = make(), make()
    kept = queries.get(db, made.id, account_id=ann.id)
    moved = msgspec.structs.replace(kept, id=other.id)

    assert made.secret.encode() not in kept.sealed_secret
    assert webhooks.opened_secret(sealer, kept) == made.secret
    assert webhooks.opened_secret(sealer, moved) is None
    renewed = webhooks.renew_secret(db, sealer, now=NOW, account_id=ann.id, webhook_id=made.id)
    assert webhooks.opened_secret(sealer, queries.get(db, made.id, account_id=ann.id)) == renewed != made.secret


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://user@hooks.example/"}, "url"),
        ({"url": f"https://hooks.example/{'x' * 2048}"}, "url"),
        ({"events": ()}, "events"),
        ({"events": ("mention", "boost")}, "events"),
    ],
)
@pytest.mark.once
def test_what_cannot_be_a_webhook_is_refused(db, settings, sealer, ann, changes, field):
    given = {"account_id": ann.id, "url": URL, "events": ("mention",)} | changes
    with pytest.raises(Invalid) as refused:
        webhooks.add(db, settings, sealer, now=NOW, **given)

    assert list(refused.value.details) == [field]
    assert queries.of_account(db, ann.id) == []


@pytest.mark.once
def test_http_is_for_sites_that_may_ask_private_addresses(db, settings, sealer, ann):
    private = msgspec.structs.replace(settings, allow_private_addresses=True)
    webhooks.add(db, private, sealer, now=NOW, account_id=ann.id, url="http://10.0.0.1/", events=["mention"])

    assert len(queries.of_account(db, ann.id)) == 1


@pytest.mark.once
def test_an_account_has_a_few(make):
    for _ in range(webhooks.MAX_COUNT):
        make()
    with pytest.raises(Invalid, match="up to 5"):
        make()


def test_one_is_told_of_the_events_that_were_chosen(db, settings, ann, bob, make, make_post, told):
    posts = make("status.created", "status.updated", "status.deleted").id
    others = make("favourite", "reblog", "follow").id
    post_id = make_post(ann, "Hello @bob")
    post_edits.edit(db, settings, now=NOW, author_id=ann.id, post_id=post_id, draft=Draft(text="Hello"))
    favourites.favourite_post(db, now=NOW, account_id=bob.id, post_id=post_id)
    boosts.boost_post(db, settings, now=NOW, account_id=bob.id, post_id=post_id)
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    kinds = {row.id: row.kind for row in db.execute(select(notification.c.id, notification.c.kind))}
    found = told()

    assert [one[1:] for one in found if one[0] == posts] == [("status.created", post_id), ("status.updated", post_id)]
    assert [(one[1], kinds[one[2]]) for one in found if one[0] == others] == [
        ("favourite", "favourite"),
        ("reblog", "boost"),
        ("follow", "follow"),
    ]
    post_deletion.delete_own(db, now=NOW, author_id=ann.id, post_id=post_id)
    assert told()[-1] == (posts, "status.deleted", post_id)


def test_boosts_are_no_posts_of_their_own(db, settings, ann, bob, make, make_post, told):
    make("status.created", "status.deleted")
    post_id = make_post(bob)
    boost_id = boosts.boost_post(db, settings, now=NOW, account_id=ann.id, post_id=post_id)
    boosts.unboost_post(db, now=NOW, account_id=ann.id, post_id=boost_id)

    assert told() == []


@pytest.mark.parametrize("visibility", ["unlisted", "mentioned"])
def test_messages_are_an_event_of_their_own(db, ann, bob, make, make_post, told, visibility):
    mention, direct = make("mention").id, make("direct").id
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    make_post(bob, "Hello @ann", visibility=visibility)

    [[webhook_id, event, _]] = told()
    assert (webhook_id, event) == {"unlisted": (mention, "mention"), "mentioned": (direct, "direct")}[visibility]


def test_nobody_without_webhooks_causes_events(db, ann, bob, make_post):
    make_post(bob, "Hello @ann")

    assert deliveries.EVENT not in {event.kind for event in outbox.pending(db)}
    assert deliveries.POST_EVENT not in {event.kind for event in outbox.pending(db)}


def test_one_that_takes_nothing_is_tried_with_growing_waits_then_parked_and_its_owner_told_once(
    db, ann, bob, make, make_post, told, fail
):
    id = make("status.created").id
    make_post(ann)
    make_post(ann)
    told()
    first_id, second_id = db.scalars(select(webhook_delivery.c.id).order_by(webhook_delivery.c.id))
    waits = []
    for _ in deliveries.DELAYS_MS:
        fail(first_id)
        waits.append(db.scalar(select(webhook_delivery.c.due_at).where(webhook_delivery.c.id == first_id)) - NOW)
    before = state(db, id)
    fail(first_id)
    parked, mails = (
        state(db, id),
        db.execute(select(mail.c.kind, mail.c.address, mail.c.detail).where(mail.c.kind != "webhook_made")).all(),
    )
    held = db.scalar(select(webhook_delivery.c.state).where(webhook_delivery.c.id == second_id))
    make_post(ann)

    assert tuple(waits) == deliveries.DELAYS_MS
    assert (before.state, parked.state, held) == ("active", "parked", "held")
    assert mails == [("webhook_parked", "ann@mail.example", '{"host":"hooks.example"}')]
    assert len(told()) == 2

    webhooks.resume(db, now=NOW, account_id=ann.id, webhook_id=id)
    assert tuple(state(db, id)) == ("active", 0)
    assert queries.due(db, now=NOW, limit=10) == [second_id]
    deliveries.retry(db, now=NOW, account_id=ann.id, webhook_id=id, delivery_id=first_id)
    assert set(queries.due(db, now=NOW, limit=10)) == {first_id, second_id}


def test_success_in_between_keeps_it_from_being_parked(db, ann, make, make_post, told, fail):
    id = make("status.created").id
    make_post(ann)
    make_post(ann)
    told()
    first_id, second_id = db.scalars(select(webhook_delivery.c.id).order_by(webhook_delivery.c.id))
    for _ in deliveries.DELAYS_MS:
        fail(first_id)
    deliveries.delivered(db, deliveries.claim(db, second_id, now=NOW), now=NOW, status=204, answer=b"")
    fail(first_id)
    given_up = queries.last_deliveries(db, id)[1]

    assert tuple(state(db, id)) == ("active", 1)
    assert (given_up.state, given_up.attempts, given_up.status, given_up.answer) == ("failed", 7, 500, "no")


def test_one_that_says_it_is_gone_is_parked_at_once(db, ann, make, make_post, told, fail):
    id = make("status.created").id
    make_post(ann)
    told()
    fail(db.scalar(select(webhook_delivery.c.id)), status=410)

    assert state(db, id).state == "parked"


def test_nothing_is_written_down_for_one_that_is_paused_but_a_test(db, ann, make, make_post, told, fail):
    id = make("status.created").id
    webhooks.pause(db, account_id=ann.id, webhook_id=id)
    make_post(ann)
    nothing = told()
    deliveries.test(db, now=NOW, account_id=ann.id, webhook_id=id)
    [test_id] = queries.due(db, now=NOW)
    fail(test_id)

    assert nothing == []
    # It is tried once.
    assert [one.state for one in queries.last_deliveries(db, id)] == ["failed"]


def test_one_is_told_one_thing_at_a_time_and_what_a_dead_sender_had_is_sent_again(db, ann, bob, make, make_post, told):
    make("status.created")
    other = make("status.created", by=bob).id
    for by in (ann, ann, bob):
        make_post(by)
    told()
    first = queries.due(db, now=NOW)[0]
    deliveries.claim(db, first, now=NOW)
    of_others = queries.due(db, now=NOW, limit=10)
    deliveries.recover(db, now=NOW + deliveries.CLAIM_MS + 1)

    of = select(webhook_delivery.c.webhook_id).where(webhook_delivery.c.id.in_(of_others))
    assert db.scalars(of).all() == [other]
    assert first in queries.due(db, now=NOW, limit=10)


def test_what_a_dead_sender_had_waits_while_its_webhook_is_paused(db, ann, make, make_post, told):
    id = make("status.created").id
    make_post(ann)
    told()
    deliveries.claim(db, queries.due(db, now=NOW)[0], now=NOW)
    webhooks.pause(db, account_id=ann.id, webhook_id=id)
    deliveries.recover(db, now=NOW + deliveries.CLAIM_MS + 1)
    held = queries.due(db, now=NOW)
    webhooks.resume(db, now=NOW, account_id=ann.id, webhook_id=id)

    assert (held, len(queries.due(db, now=NOW))) == ([], 1)


def test_nothing_is_sent_for_who_could_not_log_in(db, ann, make, make_post, told):
    id = make("status.created").id
    make_post(ann)
    told()
    db.execute(accounts.CHANGE_CREDENTIALS.values(disabled_at=NOW), {"the_id": ann.id})

    assert deliveries.claim(db, queries.due(db, now=NOW)[0], now=NOW) is None
    assert queries.last_deliveries(db, id) == []


def test_others_have_no_business_with_it(db, sealer, ann, bob, make):
    id = make().id
    by_bob = {"account_id": bob.id, "webhook_id": id}
    for call in (
        lambda: webhooks.change(db, **by_bob, events=["follow"]),
        lambda: webhooks.pause(db, **by_bob),
        lambda: webhooks.resume(db, now=NOW, **by_bob),
        lambda: webhooks.renew_secret(db, sealer, now=NOW, **by_bob),
        lambda: webhooks.remove(db, **by_bob),
        lambda: deliveries.test(db, now=NOW, **by_bob),
        lambda: deliveries.retry(db, now=NOW, **by_bob, delivery_id=1),
    ):
        with pytest.raises(NotFound):
            call()

    assert queries.get(db, id, account_id=ann.id).chosen() == ["mention"]


def test_they_end_with_all_access_and_what_they_were_told_after_a_week(db, ann, bob, make, make_post, told):
    make("status.created")
    other = make("status.created", by=bob).id
    make_post(ann)
    make_post(bob)
    told()
    grants.revoke_all(db, now=NOW, account_id=ann.id)
    kept = queries.last_deliveries(db, other)
    later = ids.created_at(kept[0].id) + deliveries.KEEP_MS + clock.SECOND
    deliveries.forget_old(db, now=later, limit=10)

    assert queries.of_account(db, ann.id) == []
    assert (len(kept), queries.last_deliveries(db, other)) == (1, [])
