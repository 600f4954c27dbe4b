"""How mail fares, and what was sent, as administrators see it."""

import pytest

from twite_common import clock
from twite_common.queries.notifications.mail_log import Finding
from twite_common.secret import signer
from twite_common.services.notifications import mail_bounces, mail_health, mails
from twite_common.services.notifications.mail_bounces import Bounce


@pytest.fixture
def sent(database, bob):
    with database.writing() as db:
        now = clock.now()
        id = mails.add(db, "reset", now=now, address="bob@mail.example", account_id=bob.id)
        mails.begin(db, now=now, mail_id=id)
        mails.sent(db, now=now, mail_id=id, answer="250 queued as <4711>")
        return id


def test_what_dns_says_and_what_to_do_about_it(as_admin, database, sent):
    as_admin.open("/admin/mails")
    as_admin.submit("/admin/mails/check")
    assert "DNS is being asked" in as_admin.text
    findings = [
        Finding("mx", "good", record="10 mx.example."),
        Finding("spf", "wrong", "everybody", "v=spf1 +all"),
        Finding("dkim", "unknown", "selector"),
        Finding("dmarc", "missing"),
    ]
    with database.writing() as db:
        mail_health.keep(db, now=clock.now(), domain="twite.example", findings=findings)
    as_admin.open("/admin/mails")
    for said in ("10 mx.example.", "It lets everybody send", "dkim_selector", "Add a TXT record at _dmarc"):
        assert said in as_admin.text
    assert "E-mails sent today: 1." in as_admin.text
    assert "No mail server is configured" in as_admin.text
    assert "What comes back isn't read" in as_admin.text


def test_the_log_is_searched_and_shows_no_whole_address(as_admin, database, settings, sent, bob, as_bob):
    with database.writing() as db:
        key = signer(settings)
        changed = settings.__class__(mail_bounces="b@twite.example")
        address = mail_bounces.return_address(changed, key, sent)
        assert mail_bounces.record(db, key, now=clock.now(), bounce=Bounce(address, "hard", "550 Gone"))
    for query in ("q=bob@MAIL.example", "q=@Bob", "result=bounced", ""):
        as_admin.open(f"/admin/mails/log?{query}")
        assert "reset b•••@mail.example came back" in as_admin.text, query
        assert "bob@mail.example" not in as_admin.page.find("main").find("ul", class_="records").get_text()
    for query in ("q=ann@mail.example", "q=nobody", "result=failed"):
        as_admin.open(f"/admin/mails/log?{query}")
        assert "Nothing was found." in as_admin.text
    as_admin.open(f"/admin/mails/{sent}")
    assert "250 queued as <4711>" in as_admin.text
    assert "for good" in as_admin.text

    as_bob.open("/")
    assert "Your mail doesn't arrive." in as_bob.text
