import base64
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Invalid, NotFound
from twite_common.queries.notifications import push as queries
from twite_common.services.accounts import blocks, follows
from twite_common.services.identity import applications, tokens
from twite_common.services.notifications import push
from twite_common.services.notifications.push import Device
from twite_common.services.posts import favourites
from twite_common.tables import notification, push_message, push_subscription

POINT = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
DEVICE = Device(
    endpoint="https://push.example/ann",
    p256dh=base64.urlsafe_b64encode(POINT).decode(),
    auth=base64.urlsafe_b64encode(b"x" * 16).decode(),
)


@pytest.fixture
def application_id(db):
    given: dict[str, Any] = {"redirect_uris": ["https://app.example/"], "scopes": "read push", "website": None}
    return applications.register(db, now=NOW, name="App", **given)[0]


@pytest.fixture
def make_token(db, ann, application_id):
    numbers = iter(range(1000))

    def make(by=ann, **changes):
        given = {"account_id": by.id, "application_id": application_id, "scopes": "read push"} | changes
        return tokens.add(db, now=NOW, access_token=f"token {next(numbers)}", **given)

    return make


@pytest.fixture
def subscribe(db, settings, ann, make_token):
    def subscribe(by=ann, *, token_id=None, kinds=("favourite", "mention"), policy="all", **device):
        return push.subscribe(
            db,
            settings,
            now=NOW,
            account_id=by.id,
            token_id=make_token(by) if token_id is None else token_id,
            sealed_token=b"sealed",
            device=msgspec.structs.replace(DEVICE, **device),
            kinds=kinds,
            policy=policy,
        ).id

    return subscribe


@pytest.fixture
def subscribed(db):
    return lambda: list(db.scalars(select(push_subscription.c.id).order_by(push_subscription.c.id)))


@pytest.fixture
def planned(db):
    """Plan messages of all notifications, and return the devices that are told."""

    def planned():
        db.execute(push_message.delete())
        push.plan(db, list(db.scalars(select(notification.c.id))), now=NOW)
        return list(db.scalars(select(push_message.c.subscription_id).order_by(push_message.c.id)))

    return planned


@pytest.fixture
def message(db, ann, bob, make_post, subscribe, planned):
    """Return the id of a message that waits to be sent to Ann."""
    subscribe()
    make_post(bob, "@ann")
    planned()
    return queries.due(db, now=NOW)[0]


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "push.example/ann",
        "http://push.example/ann",
        "https://",
        "https://push.example:0/",
        "https://push.example:x/",
        "https://ann@push.example/",
        "https://push.example/#ann",
        "https://push.example/é",
        "https://push.example/\n",
        "https://push.example/" + "x" * 2048,
    ],
)
def test_an_address_that_no_push_service_has_is_refused(subscribe, subscribed, endpoint):
    with pytest.raises(Invalid, match="Endpoint"):
        subscribe(endpoint=endpoint)
    assert subscribed() == []


@pytest.mark.parametrize("key", [{"p256dh": "AAAA"}, {"p256dh": "!"}, {"auth": "AAAA"}, {"auth": ""}])
def test_keys_that_encrypt_nothing_are_refused(subscribe, key):
    with pytest.raises(Invalid, match="p256dh or auth"):
        subscribe(**key)


@pytest.mark.parametrize("written", ["+/8=", "-_8=", "-_8"])
def test_keys_may_be_written_in_either_alphabet(written):
    assert push.decoded(written) == b"\xfb\xff"


def test_there_are_four_policies(db, subscribe, make_token):
    token_id = make_token()
    with pytest.raises(Invalid, match="all, followed, follower or none"):
        subscribe(token_id=token_id, policy="some")
    subscribe(token_id=token_id)
    with pytest.raises(Invalid, match="all, followed, follower or none"):
        push.change(db, token_id=token_id, kinds=None, policy="some")


def test_a_token_has_one_device(db, subscribe, subscribed, make_token):
    token_id = make_token()
    subscribe(token_id=token_id, endpoint="https://push.example/old")
    new = subscribe(token_id=token_id)

    assert (subscribed(), queries.of_token(db, token_id).id) == ([new], new)


def test_an_account_has_an_address_once_however_its_host_is_spelled(subscribe, subscribed, bob):
    subscribe()
    others = subscribe(bob)
    again = subscribe(endpoint="https://PUSH.example/ann")

    assert subscribed() == [others, again]


def test_an_account_has_ten_devices(subscribe, subscribed):
    ids = [subscribe(endpoint=f"https://push.example/{number}") for number in range(11)]

    assert subscribed() == ids[1:]


def test_five_accounts_share_an_address(subscribe, subscribed, make_account):
    ids = [subscribe(make_account(name)) for name in ("one", "two", "three", "four", "five", "six")]

    assert subscribed() == ids[1:]


def test_what_a_change_leaves_out_stays(db, subscribe, make_token):
    token_id = make_token()
    subscribe(token_id=token_id, policy="followed")
    push.change(db, token_id=token_id, kinds=["follow"], policy=None)
    changed = push.change(db, token_id=token_id, kinds=None, policy="none")

    assert (changed.alerts, changed.policy) == ('["follow"]', "none")
    assert queries.of_token(db, token_id) == changed


def test_a_token_without_a_device_changes_none(db, subscribe, make_token):
    token_id = make_token()
    subscribe(token_id=token_id)
    push.unsubscribe(db, token_id=token_id)

    with pytest.raises(NotFound):
        push.change(db, token_id=token_id, kinds=["follow"], policy=None)


def test_a_device_is_told_of_the_kinds_that_it_wants(db, subscribe, planned, ann, bob, make_post):
    post_id = make_post(ann)
    favourites.favourite_post(db, now=NOW, account_id=bob.id, post_id=post_id)
    wanting = subscribe(kinds=["favourite"])
    subscribe(kinds=["mention"], endpoint="https://push.example/other")

    assert planned() == [wanting]


@pytest.mark.parametrize(
    ("policy", "told"),
    [("all", [True, True, True]), ("followed", [False, True, False]), ("follower", [False, False, True])],
)
def test_a_policy_says_whose_notifications_are_pushed(db, subscribe, planned, ann, bob, make_post, policy, told):
    subscribe(policy=policy)
    make_post(bob, "@ann")
    found = [bool(planned())]
    follows.follow_account(db, now=NOW, follower_id=ann.id, followee_id=bob.id)
    found.append(bool(planned()))
    follows.unfollow_account(db, follower_id=ann.id, followee_id=bob.id)
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    found.append(bool(planned()))

    assert found == told


def test_nothing_is_pushed_with_the_policy_none(subscribe, planned, bob, make_post):
    subscribe(policy="none")
    make_post(bob, "@ann")

    assert planned() == []


def test_a_device_of_a_revoked_token_is_told_nothing(db, subscribe, planned, ann, bob, make_token, make_post):
    token_id = make_token()
    subscribe(token_id=token_id)
    make_post(bob, "@ann")
    tokens.revoke(db, now=NOW, token_id=token_id)

    assert planned() == []


def test_what_was_blocked_meanwhile_is_not_told(db, message, ann, bob):
    [notification_id] = db.scalars(select(push_message.c.notification_id))
    assert queries.told(db, notification_id, account_id=ann.id, now=NOW) is not None

    blocks.block_account(db, now=NOW, account_id=ann.id, blocked_id=bob.id)
    assert queries.told(db, notification_id, account_id=ann.id, now=NOW) is None


def test_a_message_is_sent_by_one(db, message):
    assert push.claim(db, message, now=NOW).id == message
    assert (push.claim(db, message, now=NOW), queries.due(db, now=NOW)) == (None, [])


def test_a_failure_is_tried_again_later_and_not_for_ever(db, message):
    now = NOW
    for delay in push.DELAYS_MS:
        push.postpone(db, push.claim(db, message, now=now), now=now)
        assert queries.due(db, now=now + delay - 1) == []
        now += delay
    assert queries.due(db, now=now) == [message]

    push.postpone(db, push.claim(db, message, now=now), now=now)
    assert queries.due(db, now=now + clock.DAY) == []
    assert list(db.scalars(select(push_message.c.id))) == []


@pytest.mark.parametrize("begun", [False, True])
def test_a_message_whose_sender_died_is_sent_unless_it_may_have_arrived(db, message, begun):
    push.claim(db, message, now=NOW)
    if begun:
        push.begin(db, message)
    push.recover(db, now=NOW + push.CLAIM_MS)
    assert queries.due(db, now=NOW) == []

    push.recover(db, now=NOW + push.CLAIM_MS + 1)
    assert queries.due(db, now=NOW) == ([] if begun else [message])
    assert len(list(db.scalars(select(push_message.c.id)))) == (not begun)


def test_messages_go_with_a_device_that_its_service_does_not_know(db, message, subscribed):
    push.forget_device(db, subscribed()[0])

    assert list(db.scalars(select(push_message.c.id))) == []
