"""Web Push, against a push service that reads what it gets as a device would."""

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from sqlalchemy import func, select, update

from support.site_under_test import Site, wait_for
from twite_common import clock, secret
from twite_common.drafts import Draft
from twite_common.errors import Invalid
from twite_common.queries import viewers
from twite_common.queries.notifications import push as queries
from twite_common.secret import public_point, push_key
from twite_common.services.identity import sessions, tokens
from twite_common.services.notifications import push
from twite_common.services.posts import posts
from twite_common.tables import push_message, push_subscription
from twite_tasks import context, event_handlers
from twite_tasks.notifications import push as pushes


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Device:
    """A browser, and the push service that it uses, which answers with `status`."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.status = 201
        self.got: list[tuple[dict[str, str], bytes]] = []
        device = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                device.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(device.status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def subscription(self, *, standard: bool, alerts: dict[str, bool], policy: str = "all") -> dict[str, Any]:
        """Return what an application sends to subscribe this device."""
        keys = {"p256dh": encoded(public_point(self.key)), "auth": encoded(self.auth)}
        return {
            "subscription": {"endpoint": f"{self.origin}/send/1", "keys": keys, "standard": standard},
            "data": {"alerts": alerts, "policy": policy},
        }

    def read(self) -> dict[str, Any]:
        """Decrypt the last message."""
        headers, body = self.got[-1]
        options: dict[str, Any] = {"version": headers["content-encoding"]}
        if headers["content-encoding"] == "aesgcm":
            options["salt"] = push.decoded(headers["encryption"].removeprefix("salt="))
            options["dh"] = push.decoded(headers["crypto-key"].partition(";")[0].removeprefix("dh="))
        content = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, **options)
        message: dict[str, Any] = json.loads(content)
        return message


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    thread = threading.Thread(target=device.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield device
    device.server.shutdown()
    thread.join()
    device.server.server_close()


class Pushing:
    """A site without processes of its own: what tasks would do is done by the tests."""

    def __init__(self, site: Site, device: Device) -> None:
        self.site = site
        self.device = device
        self.context = context.make(site.settings)
        self.ann_id, self.ann = site.make_account("ann")
        self.bob_id, _ = site.make_account("bob")

    def subscribe(self, *, standard: bool = True, kinds: tuple[str, ...] = ("mention",), policy: str = "all") -> None:
        device = push.Device(
            f"{self.device.origin}/send/1",
            encoded(public_point(self.device.key)),
            encoded(self.device.auth),
            standard,
        )
        with self.site.database.writing() as db:
            token = viewers.by_token(db, self.ann, now=clock.now())
            push.subscribe(
                db,
                self.site.settings,
                now=clock.now(),
                account_id=self.ann_id,
                token_id=token.id,
                sealed_token=self.context.sealer.seal(self.ann),
                device=device,
                kinds=kinds,
                policy=policy,
            )

    def subscribe_again(self, *, token: str, account_id: int, path: str = "/send/1") -> None:
        """Subscribe the device for an account with another of its tokens."""
        device = push.Device(
            f"{self.device.origin}{path}", encoded(public_point(self.device.key)), encoded(self.device.auth)
        )
        with self.site.database.writing() as db:
            push.subscribe(
                db,
                self.site.settings,
                now=clock.now(),
                account_id=account_id,
                token_id=viewers.by_token(db, token, now=clock.now()).id,
                sealed_token=self.context.sealer.seal(token),
                device=device,
                kinds=("mention",),
                policy="all",
            )

    def subscribe_session(self) -> None:
        """Subscribe the device as the site's own pages do, in a session of Ann's."""
        keys = encoded(public_point(self.device.key)), encoded(self.device.auth)
        with self.site.database.writing() as db:
            session_secret = sessions.start(
                db, self.site.settings, now=clock.now(), account_id=self.ann_id, address="127.0.0.1", browser=""
            )
            session = viewers.by_session(db, session_secret, now=clock.now())
            push.subscribe(
                db,
                self.site.settings,
                now=clock.now(),
                account_id=self.ann_id,
                session_id=session.id,
                device=push.Device(f"{self.device.origin}/send/1", *keys, standard=True),
                kinds=("mention",),
                policy="all",
            )

    def make_token(self, account_id: int) -> str:
        """Make a token as an application gets one, of which there may be many."""
        made = secret.new()
        with self.site.database.writing() as db:
            tokens.add(
                db, now=clock.now(), access_token=made, scopes="push", application_id=None, account_id=account_id
            )
        return made

    def mention(self, text: str = "Hello @ann", *, by: int | None = None) -> None:
        """Have Bob, or somebody else, mention Ann, and do what the event asks for."""
        dispatched: list[Any] = []
        self.site.database.dispatch = dispatched.extend
        with self.site.database.writing() as db:
            draft = Draft(text=text, visibility="unlisted")
            posts.publish(db, self.site.settings, now=clock.now(), author_id=by or self.bob_id, draft=draft)
        for announcement in dispatched:
            event_handlers.handle(self.context, announcement.id, now=clock.now())

    def send(self) -> None:
        """Send all messages that are due."""
        with self.site.database.reading() as db:
            waiting = list(db.scalars(select(push_message.c.id)))
        for message_id in waiting:
            pushes.send(self.context, message_id)

    def count(self, table: Any) -> int:
        with self.site.database.reading() as db:
            return db.scalar(select(func.count()).select_from(table))


@pytest.fixture
def pushing(make_site: Callable[..., Site], device: Device) -> Iterator[Pushing]:
    pushing = Pushing(make_site(allow_private_addresses="true"), device)
    yield pushing
    pushing.context.database.close()


@pytest.mark.parametrize("standard", [True, False])
def test_a_mention_is_pushed_so_that_only_the_device_can_read_it(pushing, device, standard):
    pushing.subscribe(standard=standard)
    pushing.mention("Hello @ann, come\nand see")
    pushing.send()

    message = device.read()
    assert message == {
        "access_token": pushing.ann,
        "preferred_locale": "en",
        "notification_id": int(message["notification_id"]),
        "notification_type": "mention",
        "icon": f"{pushing.site.base_url}/static/avatar.png",
        "title": "bob mentioned you",
        "body": "Hello @ann, come and see",
    }
    assert b"Hello" not in device.got[0][1]
    assert device.got[0][0]["ttl"] == str(48 * 3600)
    assert pushing.count(push_message) == 0


def test_what_a_session_is_sent_names_the_page_and_no_token(pushing, device):
    pushing.subscribe_session()
    pushing.mention()
    pushing.send()
    message = device.read()

    assert message["access_token"] == ""
    assert message["title"] == "bob mentioned you"
    assert message["url"].startswith(f"{pushing.site.base_url}/posts/")


@pytest.mark.parametrize("standard", [True, False])
def test_the_push_service_can_see_who_sends(pushing, device, standard):
    pushing.subscribe(standard=standard)
    pushing.mention()
    pushing.send()

    headers, _ = device.got[0]
    proof = headers["authorization"].removeprefix("vapid t=").removeprefix("WebPush ").partition(",k=")[0]
    signed, _, signature = proof.rpartition(".")
    raw = push.decoded(signature)
    key = push_key(pushing.site.settings).public_key()
    dss = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(dss, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(push.decoded(signed.partition(".")[2]))
    assert claims["aud"] == device.origin
    assert clock.now() / 1000 < claims["exp"] < clock.now() / 1000 + 24 * 3600
    known_as = encoded(public_point(push_key(pushing.site.settings)))
    assert known_as in headers["authorization"] + headers.get("crypto-key", "")


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(pushing, device, status):
    pushing.subscribe()
    pushing.mention()
    device.status = status
    pushing.send()

    assert (pushing.count(push_subscription), pushing.count(push_message)) == (0, 0)


def test_a_push_service_that_is_busy_is_asked_again_later(pushing, device):
    pushing.subscribe()
    pushing.mention()
    device.status = 503
    pushing.send()
    pushing.send()
    tried = len(device.got)
    device.status = 201
    with pushing.site.database.writing() as db:
        db.execute(update(push_message).values(due_at=0))
    pushing.send()

    assert (tried, len(device.got), pushing.count(push_message)) == (1, 2, 0)


def test_what_is_refused_is_not_sent_again(pushing, device):
    pushing.subscribe()
    pushing.mention()
    device.status = 400
    pushing.send()

    assert (pushing.count(push_subscription), pushing.count(push_message)) == (1, 0)


@pytest.mark.parametrize(
    ("kinds", "policy", "number"),
    [
        (("mention",), "all", 1),
        (("follow",), "all", 0),
        (("mention",), "none", 0),
        (("mention",), "followed", 0),
        (("mention",), "follower", 0),
    ],
)
def test_only_what_is_wanted_is_pushed(pushing, device, kinds, policy, number):
    pushing.subscribe(kinds=kinds, policy=policy)
    pushing.mention()
    pushing.send()

    assert len(device.got) == number


def test_a_push_is_never_sent_twice_when_its_sender_dies(pushing, device):
    pushing.subscribe()
    pushing.mention()
    with pushing.site.database.writing() as db:
        db.execute(update(push_message).values(state="sending", claimed_at=0))
        push.recover(db, now=clock.now())

    assert pushing.count(push_message) == 0


def test_private_addresses_are_never_asked(make_site, device):
    pushing = Pushing(make_site(allow_private_addresses="true"), device)
    pushing.subscribe()
    pushing.mention()
    pushing.context.database.close()
    pushing.context = context.make(make_site(secret_key="k").settings)
    pushing.send()
    pushing.context.database.close()

    assert device.got == []


def test_an_application_subscribes_and_is_told(make_site, device):
    site = make_site(allow_private_addresses="true")
    site.start("web")
    site.start("worker")
    _, ann = site.make_account("ann")
    _, bob = site.make_account("bob")
    with httpx.Client(base_url=site.base_url, timeout=20) as client:
        mine, theirs = {"Authorization": f"Bearer {ann}"}, {"Authorization": f"Bearer {bob}"}
        sent = device.subscription(standard=True, alerts={"mention": True})
        client.post("/api/v1/push/subscription", json=sent, headers=mine).raise_for_status()
        id = client.post("/api/v1/statuses", json={"status": "Hello @ann"}, headers=theirs).json()["id"]
        wait_for(lambda: device.got, site.printed)
        message = device.read()
        told = client.get(
            f"/api/v1/notifications/{message['notification_id']}",
            headers={"Authorization": f"Bearer {message['access_token']}"},
        ).json()

    assert (told["type"], told["status"]["id"]) == ("mention", id)


def test_pushes_are_sent_in_turns_by_account(pushing):
    pushing.subscribe()
    for _ in range(5):
        pushing.mention()
    pushing.mention(by=pushing.site.make_account("cho")[0])
    with pushing.site.database.reading() as db:
        newest = db.scalar(select(func.max(push_message.c.id)))
        found = queries.due(db, now=clock.now(), limit=10)

    assert len(found) == 6
    assert found.index(newest) < 2


def test_a_device_is_sent_one_push_at_a_time(pushing):
    pushing.subscribe()
    for _ in range(3):
        pushing.mention()
    with pushing.site.database.writing() as db:
        first = queries.due(db, now=clock.now())[0]
        push.claim(db, first, now=clock.now())
    with pushing.site.database.writing() as db:
        meanwhile = queries.due(db, now=clock.now(), limit=10)
        push.drop(db, first)
    with pushing.site.database.reading() as db:
        after = queries.due(db, now=clock.now(), limit=10)

    assert (meanwhile, len(after)) == ([], 2)


@pytest.mark.faults
def test_forty_tokens_with_one_address_make_one_request_of_a_mention(pushing, device):
    for _ in range(40):
        pushing.subscribe_again(token=pushing.make_token(pushing.ann_id), account_id=pushing.ann_id)
    pushing.mention()
    pushing.send()

    assert len(device.got) == pushing.count(push_subscription) == 1


@pytest.mark.faults
def test_rows_from_before_there_was_a_limit_make_one_request_too(pushing, device):
    for number in range(3):
        pushing.subscribe_again(
            token=pushing.make_token(pushing.ann_id), account_id=pushing.ann_id, path=f"/send/{number}"
        )
    with pushing.site.database.writing() as db:
        db.execute(update(push_subscription).values(endpoint=f"{device.origin}/send/1"))
    pushing.mention()
    pushing.send()

    assert len(device.got) == 1


@pytest.mark.faults
def test_a_person_has_a_few_devices_the_newest(pushing, device):
    for number in range(40):
        pushing.subscribe_again(
            token=pushing.make_token(pushing.ann_id), account_id=pushing.ann_id, path=f"/send/{number}"
        )
    with pushing.site.database.reading() as db:
        left = db.scalars(select(push_subscription.c.endpoint).order_by(push_subscription.c.id)).all()
    pushing.mention()
    pushing.send()

    assert left == [f"{device.origin}/send/{number}" for number in range(30, 40)]
    assert len(device.got) == 10


@pytest.mark.faults
def test_a_few_accounts_share_an_address_the_newest(pushing):
    people = [pushing.site.make_account(f"person{number}") for number in range(8)]
    for id, token in people:
        pushing.subscribe_again(token=token, account_id=id)
    with pushing.site.database.reading() as db:
        left = db.scalars(select(push_subscription.c.account_id)).all()

    assert set(left) == {id for id, _ in people[3:]}


def test_case_and_what_is_not_sent_make_no_other_address(pushing, device):
    shouted = device.origin.replace("127.0.0.1", "LOCALHOST")
    device.origin = shouted.lower()
    pushing.subscribe_again(token=pushing.make_token(pushing.ann_id), account_id=pushing.ann_id)
    device.origin = shouted
    pushing.subscribe_again(token=pushing.make_token(pushing.ann_id), account_id=pushing.ann_id)

    assert pushing.count(push_subscription) == 1
    for path in ("/send/1#2", "@127.0.0.1/send/1"):
        with pytest.raises(Invalid):
            pushing.subscribe_again(token=pushing.ann, account_id=pushing.ann_id, path=path)
