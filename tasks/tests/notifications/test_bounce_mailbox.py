"""Reading a real mailbox in which mail that came back arrives."""

import imaplib
import os
import pwd
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from support.site_under_test import free_port
from twite_common import clock, outbox
from twite_common.services.notifications import mail_bounces, mails
from twite_common.tables import mail
from twite_tasks import event_handlers, periodic_jobs

pytestmark = [pytest.mark.needs("dovecot"), pytest.mark.once]

CONF = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/mail
first_valid_uid = 1
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = static
  args = password=sesame
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
"""
REPORT = (
    "To: {to}\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 Gone\r\n\r\n--b--\r\n"
)


@pytest.fixture
def mailbox():
    """The address of a mailbox, and how to open it."""
    # In a folder of its own that another user can reach: Dovecot delivers to nobody's mailbox as root.
    with tempfile.TemporaryDirectory() as folder:
        yield from serving(Path(folder), free_port())


def serving(folder, port):
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder.chmod(0o777)
    group = subprocess.run(["id", "-gn", user.pw_name], capture_output=True, text=True, check=True).stdout.strip()
    names = {"folder": folder, "port": port, "user": user.pw_name, "group": group}
    conf = folder / "dovecot.conf"
    conf.write_text(CONF.format(uid=user.pw_uid, gid=user.pw_gid, **names))
    server = subprocess.Popen(["dovecot", "-F", "-c", conf])

    def opened():
        box = imaplib.IMAP4("127.0.0.1", port, timeout=10)
        box.login("bounces", "sesame")
        box.select("INBOX")
        return box

    try:
        for _ in range(100):
            try:
                opened().logout()
                break
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.1)
        yield f"imap://bounces:sesame@127.0.0.1:{port}/INBOX", opened
    finally:
        server.terminate()
        server.wait(10)


def test_what_came_back_is_noted_and_removed_and_the_rest_stays(context, database, ann, mailbox, rows):
    address, opened = mailbox
    changes = {"mail_bounces": "bounces@twite.example", "mail_bounces_mailbox": address}
    settings = msgspec.structs.replace(context.settings, **changes)
    with database.writing() as db:
        mail_id = mails.add(db, "digest", now=clock.now(), address=ann.email, account_id=ann.id)
        periodic_jobs.read_bounces(db, settings, clock.now())
        [event_id] = outbox.waiting(db)
    to = mail_bounces.return_address(settings, context.signer, mail_id)
    box = opened()
    for message in (REPORT.format(to=to), "Subject: I am away\r\n\r\nBye", REPORT.format(to=to.replace("-", "-0"))):
        box.append("INBOX", None, None, message.encode())
    box.logout()
    event_handlers.handle(msgspec.structs.replace(context, settings=settings), event_id, now=clock.now())

    assert rows(select(mail.c.bounce, mail.c.error)) == [("hard", "550 Gone")]
    box = opened()
    assert [len(box.search(None, wanted)[1][0].split()) for wanted in ("ALL", "UNSEEN")] == [2, 0]
    box.logout()


def test_a_mailbox_that_is_not_there_is_only_logged(context, database, caplog):
    address = f"imap://bounces:sesame@127.0.0.1:{free_port()}/INBOX"
    settings = msgspec.structs.replace(context.settings, mail_bounces_mailbox=address)
    with database.writing() as db:
        periodic_jobs.read_bounces(db, settings, clock.now())
        periodic_jobs.read_bounces(db, context.settings, clock.now())
        [event_id] = outbox.waiting(db, limit=5)
    event_handlers.handle(msgspec.structs.replace(context, settings=settings), event_id, now=clock.now())

    assert "bounces_not_read" in caplog.text
    assert "sesame" not in caplog.text
