"""What becomes of a mail that a real mail server refuses, or answers late, at each step."""

import asyncio
from contextlib import contextmanager
from threading import Thread

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from sqlalchemy import select

from support.site_under_test import free_port
from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.services.notifications import mails
from twite_common.tables import mail
from twite_tasks.notifications import delivery, mail_sender


class Server(SMTP):
    """A mail server that can refuse what a handler has no hook for."""

    async def smtp_DATA(self, arg):  # noqa: N802 - aiosmtpd looks for this name
        if refusal := self.event_handler.answers.get("data"):
            await self.push(refusal)
            return
        await super().smtp_DATA(arg)


class Refusing:
    """A mail server's handler: answers as it is told to at each step, and counts what it took."""

    def __init__(self, **answers):
        self.answers = answers
        self.taken = []
        self.slow = {}

    async def _answer(self, step, usual="250 OK"):
        await asyncio.sleep(self.slow.get(step, 0))
        return self.answers.get(step, usual)

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802 - aiosmtpd looks for this name
        session.host_name = hostname
        return [self.answers["ehlo"]] if "ehlo" in self.answers else responses

    async def handle_HELO(self, _server, session, _envelope, hostname):  # noqa: N802 - aiosmtpd looks for this name
        session.host_name = hostname
        return self.answers.get("ehlo", "250 OK")

    async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd looks for this name
        answer = await self._answer("mail")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd looks for this name
        answer = await self._answer("rcpt")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd looks for this name
        if "message" not in self.answers:
            self.taken.append(envelope.content)
        return await self._answer("message")

    async def handle_QUIT(self, *_rest):  # noqa: N802 - aiosmtpd looks for this name
        return await self._answer("quit", "221 Bye")


class Box(Controller):
    """Runs the server, which asks for a log-in where it has one to refuse."""

    def factory(self):
        refuse = self.handler.answers.get("auth")
        return Server(
            self.handler,
            authenticator=(lambda *_rest: AuthResult(success=False, handled=False)) if refuse else None,
            auth_require_tls=False,
        )


@pytest.fixture
def serve(context):
    """Run a mail server and return it, and what mails are sent there with."""

    @contextmanager
    def serve(**answers):
        handler, port = Refusing(**answers), free_port()
        box = Box(handler, hostname="127.0.0.1", port=port)
        box.start()
        user = "twite:sesame@" if "auth" in answers else ""
        settings = msgspec.structs.replace(context.settings, smtp=f"smtp://{user}127.0.0.1:{port}")
        try:
            yield handler, msgspec.structs.replace(context, settings=settings)
        finally:
            box.stop()

    return serve


@pytest.fixture
def send(database, ann, rows):
    """Send a mail to Ann, and return what became of it and how often her address was refused."""

    def send(context, kind="test"):
        with database.writing() as db:
            id = mails.add(db, kind, now=clock.now(), address=ann.email, account_id=ann.id, at=clock.now())
        mail_sender.send(context, id)
        with database.reading() as db:
            refusals = credentials.get(db, ann.id).mail_refusals
        [found] = rows(select(mail.c.state, mail.c.attempts, mail.c.error).where(mail.c.id == id))
        return found, refusals

    return send


RELAYS_FAULT = {
    "ehlo": {"ehlo": "550 5.7.1 go away"},
    "auth": {"auth": "535 5.7.8 wrong"},
    "mail from": {"mail": "550 5.1.8 bad sender"},
    "policy at rcpt": {"rcpt": "550 5.7.1 blocked by a list"},
    "relaying": {"rcpt": "554 5.7.1 relay access denied"},
    "plain 554 at rcpt": {"rcpt": "554 no relaying"},
    "sender at rcpt": {"rcpt": "550 5.1.8 <twite@twite.example>: domain not found"},
    "system": {"rcpt": "550 5.3.2 not accepting messages"},
    "log-in asked for": {"rcpt": "530 5.7.0 authentication required"},
    "data": {"data": "554 5.5.1 no valid recipients"},
    "message": {"message": "550 5.7.1 this is spam"},
    "user at the message": {"message": "550 5.1.1 no such user"},
    "grey list": {"rcpt": "450 4.2.0 come back later"},
}


@pytest.mark.faults
@pytest.mark.parametrize("answers", RELAYS_FAULT.values(), ids=RELAYS_FAULT)
def test_what_may_be_the_relays_fault_marks_nobody_and_is_tried_again(serve, send, answers):
    with serve(**answers) as (_, context):
        found, refusals = send(context)

    assert (found.state, found.attempts, refusals) == ("due", 1, 0)


@pytest.mark.faults
@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 no such user",
        "550 no such user",
        "551 user not local",
        "552 5.2.2 mailbox full",
        "553 mailbox name not allowed",
        "554 5.2.1 mailbox disabled",
        "556 5.1.10 null MX",
    ],
)
def test_a_refusal_of_the_address_counts_against_it(serve, send, answer):
    with serve(rcpt=answer) as (_, context):
        found, refusals = send(context)

    assert (found.state, found.attempts, found.error, refusals) == ("parked", 0, answer, 1)


@pytest.mark.faults
def test_one_550_stops_nothing(serve, send, database, ann):
    with serve(rcpt="550 5.1.1 no such user") as (handler, context):
        send(context)
        with database.reading() as db:
            assert credentials.get(db, ann.id).mail_failed_at is None
        del handler.answers["rcpt"]
        found, refusals = send(context)

    assert (found.state, refusals, len(handler.taken)) == ("sent", 0, 1)


@pytest.mark.faults
@pytest.mark.parametrize("goodbye", ["421 too busy", "500 what?"])
def test_how_the_server_says_goodbye_changes_nothing(serve, send, goodbye):
    with serve(quit=goodbye) as (handler, context):
        taken, _ = send(context)
        handler.answers["rcpt"] = "550 5.1.1 no such user"
        refused, refusals = send(context)

    assert (taken.state, refused.state, refusals, len(handler.taken)) == ("sent", "parked", 1, 1)


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "state"), [("digest", "parked"), ("password_changed", "due")])
def test_no_answer_to_a_whole_message_leaves_open_whether_it_arrived(serve, send, monkeypatch, kind, state):
    monkeypatch.setattr(delivery, "TAKING_SECONDS", 0.3)
    monkeypatch.setattr(mail_sender, "_message", lambda context, claimed: _message(claimed))
    with serve() as (handler, context):
        handler.slow["message"] = 1
        found, refusals = send(context, kind)

    assert (found.state, refusals, len(handler.taken)) == (state, 0, 1)
    assert "didn't say" in found.error


def _message(claimed):
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "twite@twite.example", claimed.address, "x"
    message.set_content("x")
    return message


@pytest.mark.faults
def test_a_sender_that_is_slow_is_not_overtaken(serve, database, ann, monkeypatch, rows, long_faults):
    monkeypatch.setattr(mails, "CLAIM_MS", 1500)
    monkeypatch.setattr(mails, "RENEW_MS", 100)
    with database.writing() as db:
        id = mails.add(db, "test", now=clock.now(), address=ann.email, account_id=ann.id)
    with serve() as (handler, context):
        handler.slow = {"mail": 1, "rcpt": 1, "message": 20 if long_faults else 1}
        slow = Thread(target=mail_sender.send, args=[context, id])
        slow.start()
        while slow.is_alive():
            with database.writing() as db:
                mails.recover(db, now=clock.now())
            mail_sender.send(context, id)
            slow.join(0.05)

    assert rows(select(mail.c.state).where(mail.c.id == id)) == [("sent",)]
    assert len(handler.taken) == 1
