"""Mail from end to end: real workers and a clock, a real mail server, every broker."""

import email
import os
import random
import signal
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from support.site_under_test import Site, free_port, wait_for
from twite_common import clock
from twite_common.database import Database
from twite_common.drafts import Draft
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mails
from twite_common.services.posts import posts
from twite_common.tables import event, mail

BROKERS = {
    "folder": "",
    "redis": "redis://127.0.0.1:6379/",
    "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//",
}


class Postbox:
    """A mail server's handler: keeps what it took, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if message["To"] == address]


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box, port = Postbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"smtp://127.0.0.1:{port}"
    server.stop()


def publish(site: Site, author_id: int, text: str, **draft: Any) -> int:
    """Publish as the web part would: the broker is told after the commit."""
    from twite_broker.dispatcher import Dispatcher

    dispatcher = Dispatcher(site.settings)
    database = Database(site.database.url, dispatch=dispatcher.dispatch)
    with database.writing() as db:
        id = posts.publish(db, site.settings, now=clock.now(), author_id=author_id, draft=Draft(text=text, **draft))
    dispatcher.close()
    database.close()
    return id


def states(site: Site) -> list[tuple[str, str]]:
    with site.database.reading() as db:
        return [(row[0], row[1]) for row in db.execute(select(mail.c.state, mail.c.address).order_by(mail.c.id))]


@pytest.mark.parametrize(
    "broker",
    [
        "folder",
        pytest.param("redis", marks=pytest.mark.needs("redis")),
        pytest.param("rabbitmq", marks=pytest.mark.needs("rabbitmq")),
    ],
)
def test_a_mention_is_mailed_within_ten_seconds_whatever_the_broker(
    make_site: Callable[..., Site], postbox: tuple[Postbox, str], broker: str
):
    box, smtp = postbox
    site = make_site(broker=BROKERS[broker], smtp=smtp, site_name="The Finches")
    site.start("worker")
    ann, _ = site.make_account("ann")
    site.make_account("bob")
    wait_for(lambda: "ready" in site.printed(), site.printed)
    id = publish(site, ann, "Hello @bob, <b>look</b>!")
    message = wait_for(lambda: box.to("bob@mail.example"), site.printed, 10)[0]

    text, html = (part.get_content() for part in message.iter_parts())
    assert message["Subject"] == "@ann mentioned you"
    assert "Hello @bob, <b>look</b>!" in text
    assert "&lt;b&gt;look&lt;/b&gt;" in html
    assert f"{site.base_url}/@ann/{id}" in text
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith(f"<{site.base_url}/unsubscribe/")
    assert "The Finches" in message["From"]


def test_the_servers_answers_decide_what_becomes_of_a_mail(
    make_site: Callable[..., Site], postbox: tuple[Postbox, str]
):
    box, smtp = postbox
    box.answers = {"bob@mail.example": "550 no such user", "cho@mail.example": "451 come back later"}
    site = make_site(smtp=smtp)
    ann, _ = site.make_account("ann")
    people = {name: site.make_account(name)[0] for name in ("bob", "cho", "dee")}
    site.start("worker")
    publish(site, ann, "@bob @cho @dee hello")

    def settled() -> bool:
        with site.database.reading() as db:
            found = {name: next(iter(mails.latest(db, id, "notifications")), None) for name, id in people.items()}
        return all(found.values()) and {name: (one.state, one.attempts) for name, one in found.items()} == {
            "bob": ("parked", 0),
            "cho": ("due", 1),
            "dee": ("sent", 0),
        }

    wait_for(settled, site.printed)
    with site.database.reading() as db:
        assert credentials.get(db, people["bob"]).mail_failure.startswith("550")
        assert credentials.get(db, people["cho"]).mail_failed_at is None


def test_without_a_mail_server_mail_is_written_to_the_data_folder_and_the_log_says_so(make_site: Callable[..., Site]):
    site = make_site()
    ann, _ = site.make_account("ann")
    site.make_account("bob")
    site.start("worker")
    publish(site, ann, "@bob hello")
    folder = site.folder / "data" / "mail"
    [file] = wait_for(lambda: list(folder.glob("*.eml")), site.printed)

    assert "hello" in email.message_from_bytes(file.read_bytes(), policy=policy.default).as_string()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    wait_for(lambda: "no mail server is set" in site.printed(), site.printed)


def test_a_worker_killed_at_any_moment_loses_no_mail_and_sends_none_twice(
    make_site: Callable[..., Site], postbox: tuple[Postbox, str]
):
    box, smtp = postbox
    site = make_site(smtp=smtp)
    ann, _ = site.make_account("ann")
    names = [f"person{n}" for n in range(24)]
    for name in names:
        site.make_account(name)
    chance = random.Random(5)
    for start in range(0, len(names), 6):
        worker, before = site.start("worker"), len(box.messages)
        publish(site, ann, " ".join(f"@{name}" for name in names[start : start + 6]))
        enough = before + chance.randrange(1, 5)
        wait_for(lambda enough=enough: len(box.messages) >= enough, site.printed)  # type: ignore[misc] # has a default
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        skip_the_waits(site)
    site.start("worker")
    site.start("clock")
    # What the dead left is handed over at the clock's ticks, ten seconds apart, once both have started.
    wait_for(lambda: skip_the_waits(site) or settled(site, len(names)), site.printed, seconds=150)

    received = [str(message["To"]) for message in box.messages]
    unknown = [address for state, address in states(site) if state == "parked"]
    assert len(received) == len(set(received))
    assert set(received) | set(unknown) == {f"{name}@mail.example" for name in names}


def skip_the_waits(site: Site) -> None:
    """Let the time pass after which what a dead worker had taken is given to another."""
    with site.database.writing() as db:
        db.execute(update(mail).where(mail.c.state.in_(["claimed", "sending"])).values(claimed_at=1))
        db.execute(update(event).values(due_at=1))


def settled(site: Site, number: int) -> bool:
    found = states(site)
    return len(found) == number and {state for state, _ in found} <= {"sent", "parked"}


def test_a_broker_that_is_down_delays_mail_but_loses_none(make_site: Callable[..., Site], postbox: tuple[Postbox, str]):
    box, smtp = postbox
    site = make_site(smtp=smtp)
    ann, _ = site.make_account("ann")
    site.make_account("bob")
    with site.database.writing() as db:
        posts.publish(db, site.settings, now=clock.now() - 60_000, author_id=ann, draft=Draft(text="@bob hello"))
    site.start("worker")

    assert wait_for(lambda: box.to("bob@mail.example"), site.printed)
