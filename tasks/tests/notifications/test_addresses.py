"""Mail to addresses in every script, with real mail servers that take other letters than ASCII's and that don't."""

import re
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import SMTPUTF8

import msgspec
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from support.moment import NOW
from support.site_under_test import free_port
from twite_common import clock
from twite_common.errors import Unavailable
from twite_common.queries.notifications.mails import Mail
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email
from twite_common.tables import mail
from twite_tasks.notifications import delivery, mail_sender, mime
from twite_tasks.notifications import mail_server as mail_module
from twite_tasks.notifications.mail_draft import MailContent


class Kept:
    """A mail server's handler: keeps what it takes, with its envelope."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd looks for this name
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def serve(context):
    """Run a mail server that offers SMTPUTF8 or not, and return what it takes and what mails are sent there with."""

    @contextmanager
    def serve(offered, **changes):
        handler, port = Kept(), free_port()
        box = Controller(handler, hostname="127.0.0.1", port=port, enable_SMTPUTF8=offered)
        box.start()
        settings = msgspec.structs.replace(context.settings, smtp=f"smtp://127.0.0.1:{port}", **changes)
        try:
            yield handler.taken, msgspec.structs.replace(context, settings=settings)
        finally:
            box.stop()

    return serve


@pytest.fixture
def send(database, rows):
    """Send a mail to an address and return what became of it."""

    def send(context, address):
        with database.writing() as db:
            id = mails.add(db, "test", now=clock.now(), address=checked_email(address, smtp_utf8=True))
        mail_sender.send(context, id)
        [found] = rows(select(mail.c.state, mail.c.error).where(mail.c.id == id))
        return tuple(found)

    return send


@pytest.mark.parametrize("offered", [False, True])
def test_an_international_domain_goes_out_in_ascii_to_every_server(serve, send, offered):
    with serve(offered, mail_from="Post@Größe.example") as (taken, context):
        state, _ = send(context, "ann@münchen.example")
    [envelope] = taken
    message = message_from_bytes(envelope.content, policy=SMTPUTF8)

    assert state == "sent"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("Post@xn--gre-6ka8i.example", ["ann@xn--mnchen-3ya.example"])
    assert message["To"] == "ann@xn--mnchen-3ya.example"
    assert message["From"].addresses[0].addr_spec == envelope.mail_from
    assert envelope.content.partition(b"\r\n\r\n")[0].isascii()


def test_letters_before_the_at_go_out_as_they_are_where_they_are_taken(serve, send):
    with serve(True, smtp_utf8=True) as (taken, context):
        state, _ = send(context, "jörg@münchen.example")
    [envelope] = taken

    assert (state, envelope.rcpt_tos, envelope.smtp_utf8) == ("sent", ["jörg@xn--mnchen-3ya.example"], True)
    assert "\r\nTo: jörg@xn--mnchen-3ya.example\r\n".encode() in envelope.content


def test_letters_before_the_at_that_are_not_taken_are_said_to_be_what_is_wrong(serve, send):
    with serve(False, smtp_utf8=True) as (taken, context):
        state, error = send(context, "jörg@münchen.example")
        usual, _ = send(context, "ann@mail.example")

    assert (state, error, usual, len(taken)) == ("due", delivery.NEEDS_UTF8, "sent", 1)


def test_letters_before_the_at_stand_as_they_are_in_a_file(context, send):
    assert send(context, "jörg@münchen.example")[0] == "sent"
    [file] = (context.settings.data / "mail").glob("*.eml")

    assert "\r\nTo: jörg@xn--mnchen-3ya.example\r\n".encode() in file.read_bytes()


LONG_HOST = ".".join(["h" * 60] * 4)


@pytest.mark.parametrize("address", ["ann@mail.example", f"{'a' * 64}@{LONG_HOST}", f"{'ä' * 32}@mail.example"])
@pytest.mark.parametrize("length", [60, 75, 250, 900])
def test_addresses_in_headers_are_sent_as_they_are_however_long(serve, address, length):
    url = (
        f"https://{LONG_HOST}/unsubscribe?token=".ljust(length, "x")
        if length > 250
        else "https://a.example/".ljust(length, "x")
    )
    content = MailContent(subject="A subject of words " * 8, paragraphs=[], unsubscribe_url=url)
    to = Mail(7, None, "test", address, "", "due", 1, 0, None, None, None)
    with serve(True, base_url=f"https://{LONG_HOST}", mail_from=f"{'s' * 64}@{LONG_HOST}", site_name="Größe " * 20) as (
        taken,
        context,
    ):
        message = mime.make(context.settings, to, content, now=NOW)
        delivery.deliver(context.settings, message)
    [envelope] = taken
    head = envelope.content.partition(b"\r\n\r\n")[0]
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")

    assert f"List-Unsubscribe: <{url}>".encode() in unfolded
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in unfolded
    assert f"Message-ID: <7@{LONG_HOST}>".encode() in unfolded
    assert any(line.startswith(b"From:") and line.endswith(f"<{'s' * 64}@{LONG_HOST}>".encode()) for line in unfolded)
    assert any(re.fullmatch(rb"To: *" + address.encode(), line) for line in unfolded)
    assert max(len(line) for line in head.split(b"\r\n")) <= mime.MAX_LINE_LENGTH
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in bytes(message)


@pytest.mark.parametrize(
    ("offered", "smtp_utf8", "said"),
    [
        (False, False, "it can be reached."),
        (True, True, "it can be reached."),
        (True, False, "with smtp_utf8 = true, people can use such addresses"),
        (False, True, None),
    ],
)
def test_the_mail_server_is_asked_for_what_the_settings_say(serve, offered, smtp_utf8, said):
    with serve(offered, smtp_utf8=smtp_utf8) as (_, context):
        if said is None:
            with pytest.raises(Unavailable, match="remove smtp_utf8 from the settings"):
                mail_module.check(context.settings)
        else:
            assert said in mail_module.check(context.settings)
