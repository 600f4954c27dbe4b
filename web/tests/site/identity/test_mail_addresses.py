"""Mail addresses under international domains on the site's pages, and in the API."""

from urllib.parse import quote

import msgspec
import pytest
from sqlalchemy import select

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.services.identity import confirmations
from twite_common.tables import mail

DOT = {"username": "dot", "email": "dot@münchen.example", "password": "a long enough one"}
STORED = "dot@xn--mnchen-3ya.example"
REFUSED = "This site's mail server only accepts ASCII characters"


@pytest.fixture
def settings(settings, request):
    return msgspec.structs.replace(settings, registration="open", **getattr(request, "param", {}))


@pytest.fixture
def known(database):
    def known(name="dot"):
        with database.reading() as db:
            return credentials.by_login(db, name)

    return known


def sign_up(browser, **changes):
    browser.open("/signup?agreed=1")
    browser.submit("/signup", DOT | changes)


def confirm(database, id):
    with database.writing() as db:
        confirmations.confirm(db, now=clock.now(), account_id=id)


@pytest.mark.parametrize("typed", ["dot@münchen.example", "DOT@XN--MNCHEN-3YA.example"])
def test_an_account_is_made_with_it_and_found_however_it_is_written(stranger, open_browser, database, known, typed):
    sign_up(stranger)
    confirm(database, known().account_id)
    other = open_browser()
    other.open("/login")
    other.submit("/login", {"name": typed, "password": DOT["password"]})
    other.open("/settings/account")

    assert known().email == STORED
    assert "dot@münchen.example" in other.text
    assert STORED not in other.text


@pytest.mark.parametrize(
    ("settings", "taken", "field"), [({}, False, "email"), ({"smtp_utf8": True}, True, "text")], indirect=["settings"]
)
def test_letters_before_the_at_are_refused_at_sign_up_where_mail_would_not_arrive(stranger, known, taken, field):
    sign_up(stranger, email="jörg@münchen.example")

    assert (known() is not None, REFUSED in stranger.text) == (taken, not taken)
    stranger.open("/signup?agreed=1")
    assert stranger.page.find("input", attrs={"name": "email"})["type"] == field


@pytest.mark.parametrize(
    ("settings", "sent"), [({}, []), ({"smtp_utf8": True}, ["jörg@xn--mnchen-3ya.example"])], indirect=["settings"]
)
def test_an_address_is_changed_to_one_that_can_be_reached_only(as_ann, database, sent):
    as_ann.open("/settings/account/email")
    values = {"email": "jörg@münchen.example", "current_password": "correct horse battery"}
    as_ann.submit("/settings/account/email", values)
    with database.reading() as db:
        found = list(db.scalars(select(mail.c.address).where(mail.c.kind == "change_email")))

    assert (found, REFUSED in as_ann.text) == (sent, not sent)


def test_who_looks_after_the_site_finds_and_reads_it(stranger, as_admin, known):
    sign_up(stranger)
    for typed in ("dot@münchen.example", STORED):
        as_admin.open(f"/admin/accounts?q={quote(typed)}")
        assert "dot@münchen.example" in as_admin.text
    as_admin.open(f"/admin/accounts/{known().account_id}")

    assert "dot@münchen.example" in as_admin.text
    assert STORED not in as_admin.text


def test_a_provider_that_is_kept_out_is_shown_readably(as_admin, stranger, known):
    as_admin.open("/admin/blocks")
    as_admin.submit("/admin/blocks/domains", {"domain": "xn--mnchen-3ya.example"})
    shown = as_admin.text
    as_admin.open("/admin/audit")
    sign_up(stranger)

    assert "münchen.example" in shown
    assert "the e-mail provider block münchen.example" in as_admin.text
    assert known() is None
