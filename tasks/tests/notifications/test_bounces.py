"""Reading what mail servers send back."""

import time

import pytest

from twite_tasks.notifications import bounces

TO = "bounces+4711-0123456789abcdef01234567@twite.example"
REPORT = """Return-Path: <>
{header}
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 30 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; ann@mail.example
Action: {action}
Status: {status}
{diagnostic}

--b
Content-Type: message/rfc822

From: twite@twite.example
Subject: Hello

Secret words.
--b--
"""
SAID = "Diagnostic-Code: smtp; 550 5.1.1 <ann@mail.example>: Recipient address\n rejected: No such user"


def report(action="failed", status="5.1.1", diagnostic=SAID, header=f"To: {TO}"):
    text = REPORT.format(action=action, status=status, diagnostic=diagnostic, header=header)
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("header", [f"To: {TO}", f"Delivered-To: {TO}\nTo: list@x.example", f"X-Original-To: <{TO}>"])
def test_what_is_gone_for_good(header):
    found = bounces.parse(report(header=header))
    assert (found.returned_to, found.kind) == (TO, "hard")
    assert found.answer == "550 5.1.1 <ann@mail.example>: Recipient address rejected: No such user"


@pytest.mark.parametrize("broken", [b"a=?x?b?\x80?=b@[t%.example", b"a=?x?b?\x80?=c.:example"])
def test_broken_headers_say_nothing(broken):
    assert bounces.parse(report().replace(TO.encode(), broken)) is None


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.2.1", "hard"),
        ("failed", "5.7.1", "soft"),
        ("failed", "5.1.8", "soft"),
        ("failed", "4.4.7", "soft"),
        ("delayed", "4.2.2", "soft"),
        ("delayed", "5.1.1", "soft"),
    ],
)
def test_what_says_nothing_for_good_about_the_mailbox(action, status, kind):
    found = bounces.parse(report(action, status, ""))
    assert (found.kind, found.answer) == (kind, status)


@pytest.mark.parametrize(
    "header",
    [
        f"To: {'(' * 5000} {TO}",
        f"Delivered-To: {TO}\nContent-Transfer-Encoding: {'(' * 5000}",
        f"To: {TO}\nX-Other: a\nTo: {'a.' * 20_000}\nContent-Disposition: {'a*0=b;' * 5000}",
    ],
)
def test_headers_made_to_do_harm_keep_no_report_from_being_read(header):
    began = time.process_time()

    assert bounces.parse(report(header=header)).returned_to == TO
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "message",
    [
        f"To: {TO}\nContent-Type: multipart/report; boundary=b; {'a*0=b;' * 150_000}\n\n--b",
        f"To: {TO}\nContent-Type: multipart/report; boundary={'(' * 5000}\n\n--b",
        report().decode().partition("--b")[0] + "--b\nContent-Type: message/rfc822\n\n" * 20_000,
        report().decode().partition("--b")[0]
        + "".join(f"--b{n or ''}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(5000)),
    ],
)
def test_messages_made_to_do_harm_say_nothing(message):
    began = time.process_time()

    assert bounces.parse(message.encode()) is None
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "message",
    [
        report(action="delivered"),
        report(header="To: bounces@twite.example"),
        report(header="X-Other: x"),
        f"To: {TO}\r\nSubject: On holiday\r\n\r\nI am away.".encode(),
        report().replace(b"message/delivery-status", b"text/plain"),
        b"",
        b"\xff\x00\r\n\r\n",
        f"To: {TO}\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status".encode(),
    ],
)
def test_what_is_no_report_about_a_mail_from_here(message):
    assert bounces.parse(message) is None
