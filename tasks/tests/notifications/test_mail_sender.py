"""Handing mails over: what becomes of each is recorded, and folders are private."""

import stat
from email.message import EmailMessage

import msgspec
import pytest
from sqlalchemy import select

from support.mails import MailServer, Postbox
from support.site_under_test import free_port
from twite_common import clock
from twite_common.services.notifications import mail_bounces, mails
from twite_common.tables import mail
from twite_tasks.notifications import delivery, mail_sender


@pytest.fixture
def mail_to_ann(database, ann):
    with database.writing() as db:
        return mails.add(db, "test", now=clock.now(), address=ann.email, account_id=ann.id)


@pytest.fixture
def state(rows):
    return lambda mail_id: rows(select(mail.c.state, mail.c.attempts).where(mail.c.id == mail_id))[0]


def test_without_a_mail_server_a_mail_is_a_file_for_its_owner_alone(context, mail_to_ann, state, settings):
    mail_sender.send(context, mail_to_ann)
    (file,) = (settings.data / "mail").iterdir()

    assert state(mail_to_ann).state == "sent"
    assert file.name == f"{mail_to_ann}.eml"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


def test_a_mail_is_sent_once_however_often_its_message_comes(context, mail_to_ann, settings):
    mail_sender.send(context, mail_to_ann)
    (file,) = (settings.data / "mail").iterdir()
    file.unlink()
    mail_sender.send(context, mail_to_ann)

    assert list((settings.data / "mail").iterdir()) == []


def test_a_server_that_is_not_there_is_tried_again_later(context, mail_to_ann, state, caplog):
    settings = msgspec.structs.replace(context.settings, smtp=f"smtp://twite:sesame@127.0.0.1:{free_port()}")
    mail_sender.send(msgspec.structs.replace(context, settings=settings), mail_to_ann)

    assert (state(mail_to_ann).state, state(mail_to_ann).attempts) == ("due", 1)
    assert "mail_postponed" in caplog.text
    assert "sesame" not in caplog.text


def test_a_mail_that_cannot_be_written_is_tried_again_and_nothing_is_sent(context, database, ann, state, settings):
    with database.writing() as db:
        id = mails.add(db, "reset", now=clock.now(), address=ann.email, account_id=ann.id)
    mail_sender.send(context, id)

    assert (state(id).state, state(id).attempts) == ("due", 1)
    assert not (settings.data / "mail").exists()


def test_a_message_without_a_number_gets_a_name_of_its_own(settings):
    message = EmailMessage()
    message["Subject"] = "x"
    for _ in range(2):
        delivery.deliver(settings, message)

    assert len(list((settings.data / "mail").iterdir())) == 2


def test_a_mail_that_no_file_can_be_made_of_is_tried_again_later(context, mail_to_ann, state, settings):
    (settings.data / "mail").touch()
    mail_sender.send(context, mail_to_ann)

    assert (state(mail_to_ann).state, state(mail_to_ann).attempts) == ("due", 1)


class Noting(Postbox):
    """A mail server's handler that notes who sends."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd looks for this name
        self.sender = envelope.mail_from
        await super().handle_DATA(server, session, envelope)
        return "250 2.0.0 Ok: queued as 4711"


def test_the_servers_words_are_kept_and_what_comes_back_names_its_mail(context, mail_to_ann, rows):
    handler, port = Noting(), free_port()
    server = MailServer(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        changes = {"smtp": f"smtp://127.0.0.1:{port}", "mail_bounces": "bounces@twite.example"}
        settings = msgspec.structs.replace(context.settings, **changes)
        mail_sender.send(msgspec.structs.replace(context, settings=settings), mail_to_ann)
    finally:
        server.stop()

    [(state, answer)] = rows(select(mail.c.state, mail.c.answer))
    assert (state, answer) == ("sent", "250 2.0.0 Ok: queued as 4711")
    assert handler.sender == mail_bounces.return_address(settings, context.signer, mail_to_ann)
    assert handler.messages[0]["From"].addresses[0].addr_spec == "twite@twite.example"
