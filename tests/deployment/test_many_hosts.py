"""A site on many hosts: each is cut off and killed while people write, listen and get mail; the site goes on."""

import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from email.message import EmailMessage
from typing import Self

import httpx
import pytest
from sqlalchemy import select
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from support import many_hosts, pictures
from support.mails import MailServer, Postbox
from support.many_hosts import CLIENT, WEB, ManyHosts
from support.site_under_test import wait_for
from support.streaming import hear
from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.posts import scheduled_posts
from twite_common.tables import job, post

pytestmark = [
    pytest.mark.needs("namespaces", "postgresql", "rabbitmq", "redis", "nginx"),
    pytest.mark.faults,
    pytest.mark.once,
    pytest.mark.timeout(600),
]

WRITERS = 3
PAUSE_SECONDS = 0.3
TIMEOUT_SECONDS = 5.0
"""How long a client waits for an answer before it asks again."""
MAIL_THREADS = 3
NEEDED = ("postgresql", "nginx")
"""Without these hosts nothing can be written: they are to be there again for the site to go on."""


class Load:
    """People who write, and ask again until they are answered, and others who listen, and come again when cut."""

    def __init__(self, many: ManyHosts, tokens: list[str]) -> None:
        self.acknowledged: dict[str, str] = {}
        """The ids of posts by what was written."""
        self.heard: list[set[str]] = [set() for _ in WEB]
        self.unanswered = 0
        self._many = many
        self._base = many.site.settings.base_url
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(len(tokens) + len(self.heard))
        greetings = ["Hello @bob", *["Hello"] * (len(tokens) - 1)]
        self._running: list[Future[None]] = [
            self._pool.submit(self._write, *one) for one in zip(tokens, greetings, strict=True)
        ]
        self._running += [self._pool.submit(self._listen, tokens[0], heard) for heard in self.heard]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._enough.set()
        self._pool.shutdown()

    def stop(self) -> None:
        """Have everybody stop; raise what went wrong with one of them."""
        self._enough.set()
        for one in self._running:
            one.result(60)

    def goes_on(self) -> None:
        """Wait until everybody has written something new, and everybody has heard something that is newer than that."""
        written = len(self.acknowledged) + 2 * WRITERS
        wait_for(lambda: len(self.acknowledged) >= written, self._many.printed)
        newest = max(self.acknowledged.values(), key=int)
        wait_for(lambda: all(any(int(id) > int(newest) for id in heard) for heard in self.heard), self._many.printed)

    def _write(self, token: str, greeting: str) -> None:
        while not self._enough.is_set():
            text = f"{greeting} {uuid.uuid4().hex}"
            while (id := self._post(token, text)) is None and not self._enough.is_set():
                self.unanswered += 1
                self._enough.wait(0.2)
            if id is not None:
                self.acknowledged[text] = id
            self._enough.wait(PAUSE_SECONDS)

    def _post(self, token: str, text: str) -> str | None:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": text}
        with suppress(httpx.TransportError):
            answer = httpx.post(
                f"{self._base}/api/v1/statuses", json={"status": text}, headers=headers, timeout=TIMEOUT_SECONDS
            )
            assert answer.status_code == 200 or answer.status_code >= 500, answer.text
            if answer.status_code == 200:
                return str(answer.json()["id"])
        return None

    def _listen(self, token: str, heard: set[str]) -> None:
        address = f"{self._base.replace('http', 'ws')}/api/v1/streaming?access_token={token}&stream=public"
        while not self._enough.is_set():
            # No probes of its own, as a browser's page has none: the site is to see to it that nobody waits in vain.
            with (
                suppress(OSError, WebSocketException),
                connect(address, ping_interval=None, open_timeout=TIMEOUT_SECONDS) as connection,
            ):
                while not self._enough.is_set():
                    with suppress(TimeoutError):
                        kind, payload = hear(connection, seconds=1)
                        if kind == "update":
                            heard.add(payload["id"])


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, integration: None) -> Iterator[ManyHosts]:
    with many_hosts.started(tmp_path_factory.mktemp("many"), mention_mail_seconds="0") as many:
        yield many


@pytest.fixture(scope="module")
def postbox(many: ManyHosts) -> Iterator[Postbox]:
    box = Postbox()
    server = MailServer(box, hostname=many.hosts[CLIENT].address, port=2525)
    server.start()
    yield box
    server.stop()


def told_of(message: EmailMessage) -> set[str]:
    """Return the ids of the posts of which a mail tells."""
    return set(re.findall(r"/@\w+/(\d+)", message.get_body(("plain",)).get_content()))


def mailed(postbox: Postbox) -> Counter[str]:
    """Return how many different mails told of each post, by its id."""
    different = {message["Message-ID"]: message for message in postbox.messages}
    return Counter(id for message in different.values() for id in told_of(message))


def goes_on_without(name: str, load: Load) -> None:
    """See that the site goes on without a host; where it can't, that this is noticed."""
    if name in NEEDED:
        unanswered = load.unanswered
        wait_for(lambda: load.unanswered > unanswered)
    else:
        load.goes_on()


def is_told_by_mail(load: Load, postbox: Postbox, explain: Callable[[], str]) -> None:
    """See that somebody is told by mail of something that is written from now on."""
    newest = max(map(int, load.acknowledged.values()))
    come = len(postbox.messages)
    wait_for(lambda: any(int(id) > newest for message in postbox.messages[come:] for id in told_of(message)), explain)


def test_any_web_host_shows_what_another_has_taken(many: ManyHosts):
    _, token = many.site.make_account("ann")
    headers = {"Authorization": f"Bearer {token}"}
    bases = [f"http://{many.place(name)}" for name in WEB]
    files = {"file": ("picture.png", pictures.picture(), "image/png")}
    media = httpx.post(f"{bases[0]}/api/v2/media", files=files, headers=headers, timeout=30).json()
    body = {"status": "A picture", "media_ids": [media["id"]]}
    sent = httpx.post(f"{bases[1]}/api/v1/statuses", json=body, headers=headers, timeout=30).json()
    shown = httpx.get(f"{bases[0]}/api/v1/statuses/{sent['id']}", timeout=30).json()

    assert shown["media_attachments"][0]["url"] == media["url"]
    assert httpx.get(media["url"], timeout=30).headers["content-type"] == "image/webp"


def test_two_clocks_publish_a_post_once(many: ManyHosts):
    id, _ = many.site.make_account("carol")
    texts = {f"On time {number}" for number in range(10)}
    now = clock.now()
    with many.site.database.writing() as db:
        for text in texts:
            draft, earlier = Draft(text=text, visibility="public"), now - 10 * clock.MINUTE
            scheduled_posts.schedule(
                db, many.site.settings, now=earlier, account_id=id, draft=draft, due_at=now + clock.SECOND
            )

    def published() -> list[str]:
        with many.site.database.reading() as db:
            return list(db.scalars(select(post.c.text).where(post.c.account_id == id)))

    def asked_at() -> int:
        with many.site.database.reading() as db:
            return int(db.scalar(select(job.c.succeeded_at).where(job.c.name == "scheduled_posts")) or 0)

    wait_for(lambda: len(published()) >= len(texts), many.printed)
    before = asked_at()
    wait_for(lambda: asked_at() > before, many.printed)
    assert Counter(published()) == Counter(texts)


def test_each_host_may_be_cut_off_and_killed(many: ManyHosts, postbox: Postbox):
    tokens = [many.site.make_account(f"writer{number}")[1] for number in range(WRITERS)]
    many.site.make_account("bob")
    with Load(many, tokens) as load:
        load.goes_on()
        for name in (*many_hosts.PARTS, *many_hosts.SERVERS):
            for stop, start in (
                (many.hosts[name].cut_off, many.hosts[name].connect),
                (many.hosts[name].kill, lambda name=name: many.start(name)),
            ):
                stop()
                goes_on_without(name, load)
                start()
                load.goes_on()
                is_told_by_mail(load, postbox, many.printed)
        load.stop()

    # A host that was cut off just as the mail server answered never heard it.
    lost_answers = 2 * len([name for name in many_hosts.PARTS if name.startswith("worker")]) * MAIL_THREADS
    assert len(postbox.messages) - len({message["Message-ID"] for message in postbox.messages}) <= lost_answers
    mentions = {id for text, id in load.acknowledged.items() if "@bob" in text}
    wait_for(lambda: mentions <= mailed(postbox).keys(), many.printed, 150)
    assert set(mailed(postbox).values()) == {1}
    # Its connections to PostgreSQL are from before that was killed.
    many.site.database.close()
    with many.site.database.reading() as db:
        kept = db.execute(select(post.c.text, post.c.id).where(post.c.text.startswith("Hello"))).all()
    assert set(load.acknowledged.items()) <= {(text, str(id)) for text, id in kept}
    assert len(kept) == len({text for text, _ in kept})
