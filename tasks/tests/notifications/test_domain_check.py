"""What DNS says of the sender's domain, asked of a real server."""

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import msgspec
import pytest

from support.moment import NOW
from twite_common import outbox
from twite_common.queries.notifications import mail_log
from twite_common.services.notifications import mail_health
from twite_tasks import event_handlers
from twite_tasks.notifications import domain_check

D = "mail.town.example"


@pytest.fixture
def ask(settings):
    """Ask a server that has some records about the domain."""
    sockets = []

    def ask(records, **changes):
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sockets.append(listening)
        listening.bind(("127.0.0.1", 0))
        threading.Thread(target=answer, args=(listening, records), daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
        changed = msgspec.structs.replace(settings, mail_from=f"twite@{D}", **changes)
        return {one.kind: one for one in domain_check.findings(changed, resolver)}

    yield ask
    for one in sockets:
        one.close()


def answer(listening, records):
    while True:
        try:
            packet, sender = listening.recvfrom(4096)
        except OSError:
            return
        query = dns.message.from_wire(packet)
        [question] = query.question
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        kind, name = dns.rdatatype.to_text(question.rdtype), question.name.to_text(omit_final_dot=True)
        if records == "broken":
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found := records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        else:
            response.set_rcode(dns.rcode.NXDOMAIN)
        listening.sendto(response.to_wire(), sender)


def test_all_is_well(ask):
    long_key = '"v=DKIM1; k=rsa; p=' + "A" * 200 + '" "' + "B" * 150 + '"'
    found = ask(
        {
            (D, "MX"): ["10 mx.town.example."],
            (D, "TXT"): ['"google-site-verification=x"', '"v=spf1 include:town.example -all"'],
            (f"mail._domainkey.{D}", "TXT"): [long_key],
            (f"_dmarc.{D}", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:a@town.example"'],
        }
    )
    assert {kind: one.state for kind, one in found.items()} == dict.fromkeys(("mx", "spf", "dkim", "dmarc"), "good")
    assert found["mx"].record == "10 mx.town.example."
    assert found["dkim"].record.startswith("mail: v=DKIM1")


@pytest.mark.parametrize(
    ("records", "kind", "expected"),
    [
        ({}, "mx", ("missing", "")),
        ({}, "spf", ("missing", "")),
        ({(D, "TXT"): ['"v=spf1 -all"', '"v=spf1 mx ~all"']}, "spf", ("wrong", "several")),
        ({(D, "TXT"): ['"v=spf1 mx +all"']}, "spf", ("wrong", "everybody")),
        ({(D, "TXT"): ['"v=spf1 mx"']}, "spf", ("weak", "open")),
        ({(D, "TXT"): ['"v=spf1 redirect=town.example"']}, "spf", ("good", "")),
        ({}, "dkim", ("unknown", "selector")),
        ({(f"s1._domainkey.{D}", "TXT"): ['"v=DKIM1; p="']}, "dkim", ("wrong", "revoked")),
        ({}, "dmarc", ("missing", "")),
        ({(f"_dmarc.{D}", "TXT"): ['"v=DMARC1; p=none"']}, "dmarc", ("weak", "none")),
        ({("_dmarc.town.example", "TXT"): ['"v=DMARC1; p=none; sp=quarantine"']}, "dmarc", ("good", "")),
        ("broken", "spf", ("unknown", "")),
    ],
)
def test_what_is_wrong_is_named(ask, records, kind, expected):
    found = ask(records)[kind]
    assert (found.state, found.detail) == expected


def test_a_selector_of_ones_own(ask):
    records = {(f"town2026._domainkey.{D}", "TXT"): ['"k=rsa; p=AAAA"']}
    assert ask(records, dkim_selector="town2026")["dkim"].state == "good"
    assert ask(records, dkim_selector="other")["dkim"].state == "missing"


def test_the_task_writes_down_what_it_hears(context, database, monkeypatch):
    finding = mail_log.Finding("spf", "missing")
    monkeypatch.setattr(domain_check, "findings", lambda *_: (finding,))
    with database.writing() as db:
        mail_health.ask(db, now=NOW)
        [event_id] = outbox.waiting(db)
    event_handlers.handle(context, event_id, now=NOW)
    with database.reading() as db:
        assert mail_log.domain_check(db) == mail_log.DomainCheck(NOW, "twite.example", (finding,))
