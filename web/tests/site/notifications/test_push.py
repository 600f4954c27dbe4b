"""Notifications in one's own browser, for as long as one is logged in there."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select, update

from twite_common import clock
from twite_common.queries.notifications import push as queries
from twite_common.tables import notification, push_subscription, session

POINT = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
GIVEN = {
    "endpoint": "https://push.example/ann",
    "p256dh": base64.urlsafe_b64encode(POINT).decode().rstrip("="),
    "auth": base64.urlsafe_b64encode(b"x" * 16).decode().rstrip("="),
}


@pytest.fixture
def devices(database):
    def devices():
        with database.reading() as db:
            return [tuple(row) for row in db.execute(select(push_subscription.c.endpoint, push_subscription.c.alerts))]

    return devices


@pytest.fixture
def told(database):
    """How many devices are told of all notifications there are."""

    def told():
        with database.reading() as db:
            return len(queries.wanting(db, list(db.scalars(select(notification.c.id))), now=clock.now()))

    return told


def subscribe(browser, **values):
    browser.open("/settings/push")
    browser.submit("/settings/push", {**GIVEN, **values})


def test_a_browser_subscribes_for_what_was_chosen(as_ann, devices):
    subscribe(as_ann, mention="1", quote=None, follow=None, follow_request=None, post=None)
    as_ann.open("/settings/push")

    assert devices() == [("https://push.example/ann", '["mention"]')]
    assert "They are on." in as_ann.text
    assert as_ann.page.find("input", attrs={"name": "mention"}).has_attr("checked")
    assert not as_ann.page.find("input", attrs={"name": "quote"}).has_attr("checked")


def test_what_is_pushed_changes_without_subscribing_again(as_ann, devices):
    subscribe(as_ann)
    as_ann.submit("/settings/push", {"favourite": "1", "follow": None})

    assert devices()[0][1] == '["favourite", "follow_request", "mention", "post", "quote"]'.replace(", ", ",")


def test_only_that_session_is_told_and_only_until_it_ends(as_ann, bob, logged_in, ann, devices, told, make_post):
    subscribe(as_ann)
    make_post(bob, "@ann hello")
    before = told()
    elsewhere = logged_in(ann)
    elsewhere.open("/settings/push")
    as_ann.open("/menu")
    as_ann.submit("/logout")

    assert before == 1
    assert "They are on." not in elsewhere.text
    assert devices() == []


def test_a_session_that_is_over_is_told_nothing(as_ann, bob, database, told, make_post):
    subscribe(as_ann)
    make_post(bob, "@ann hello")
    with database.writing() as db:
        db.execute(update(session).values(expires_at=1))

    assert told() == 0


def test_turning_it_off_forgets_the_browser(as_ann, devices):
    subscribe(as_ann)
    as_ann.open("/settings/push")
    as_ann.submit("/settings/push/stop")

    assert devices() == []


def test_what_cannot_be_a_push_service_is_refused(as_ann, devices):
    subscribe(as_ann, endpoint="javascript:alert(1)")

    assert as_ann.response.status_code == 422
    assert devices() == []


def test_it_is_offered_with_the_first_notification_until_it_is_on(as_ann, bob, make_post):
    as_ann.open("/notifications")
    none = as_ann.page.select("[data-offer]")
    make_post(bob, "@ann hello")
    as_ann.open("/notifications")
    first = as_ann.page.select("[data-offer][hidden]")
    subscribe(as_ann)
    as_ann.open("/notifications")

    assert (len(none), len(first), len(as_ann.page.select("[data-offer]"))) == (0, 1, 0)


def test_logging_out_clears_what_the_browser_keeps(as_ann):
    as_ann.open("/menu")
    as_ann.submit("/logout")

    assert as_ann.response.history[0].headers["clear-site-data"] == '"storage"'
