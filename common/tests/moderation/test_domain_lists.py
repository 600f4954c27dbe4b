"""Lists of domains: what is read of them, and what counts when."""

import pytest

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Conflict, Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import domain_lists as queries
from twite_common.queries.posts import content_rules
from twite_common.services.accounts import accounts
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import domain_lists

LATER = NOW + clock.DAY


@pytest.fixture
def admin(database):
    with database.writing() as db:
        sign_up = SignUp(username="ann", email="ann@mail.example", password_hash="x")
        id = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
        accounts.set_role(db, account_id=id, role="admin")
        return viewers.by_account(db, id)


@pytest.fixture
def list_id(database, admin):
    with database.writing() as db:
        return domain_lists.subscribe(db, now=NOW, viewer=admin, name="Bad", url="https://l.example/x")


def counting(database):
    with database.reading() as db:
        return {domain for _id, domain in content_rules.listed(db, ["a.example", "b.example", "c.example"])}


def change(database, list_id):
    with database.reading() as db:
        found = queries.change(db, queries.get(db, list_id), shown=5)
    return found.first_added, found.first_removed


@pytest.mark.once
def test_domains_and_hosts_files_are_read():
    lines = (
        "\ufeff# mine\n127.0.0.1 localhost\n0.0.0.0  Bad.example # shop\n::1 ip6-localhost\n*.wild.example\n"
        "www.münchen.example.\nno domain\n10.0.0.1\n<html>\n\n0.0.0.0 0.0.0.0\n127.0.0.1 localhost.localdomain\n"
    )
    assert domain_lists.names_in(lines) == ["bad.example", "wild.example", "xn--mnchen-3ya.example"]
    for empty in ("", "<html><p>Not found</p>"):
        with pytest.raises(Invalid):
            domain_lists.names_in(empty)


def test_nothing_counts_until_it_is_taken_over(database, admin, list_id, monkeypatch):
    monkeypatch.setattr(domain_lists, "AT_ONCE", 1)
    domain_lists.keep(database, now=NOW, list_id=list_id, names=["a.example", "b.example"])
    assert counting(database) == set()
    assert change(database, list_id) == (("a.example", "b.example"), ())

    domain_lists.take(database, now=NOW, viewer=admin, list_id=list_id, fetched_at=NOW)
    assert counting(database) == {"a.example", "b.example"}

    domain_lists.keep(database, now=LATER, list_id=list_id, names=["b.example", "c.example"])
    assert change(database, list_id) == (("c.example",), ("a.example",))
    assert counting(database) == {"a.example", "b.example"}
    with pytest.raises(Conflict):
        domain_lists.take(database, now=LATER, viewer=admin, list_id=list_id, fetched_at=NOW)
    # What came and went again before anybody looked leaves nothing.
    domain_lists.keep(database, now=LATER + 1, list_id=list_id, names=["b.example"])
    assert change(database, list_id) == ((), ("a.example",))
    domain_lists.take(database, now=LATER, viewer=admin, list_id=list_id, fetched_at=LATER + 1)
    assert counting(database) == {"b.example"}

    domain_lists.remove(database, now=LATER, viewer=admin, list_id=list_id)
    assert counting(database) == set()
    with database.reading() as db, pytest.raises(NotFound):
        domain_lists.get(db, list_id)


def test_an_automatic_list_takes_over_what_changes_once_somebody_has_looked(database, admin, list_id):
    with database.writing() as db:
        domain_lists.set_automatic(db, now=NOW, viewer=admin, list_id=list_id, automatic=True)
    domain_lists.keep(database, now=NOW, list_id=list_id, names=["a.example"])
    assert counting(database) == set()
    domain_lists.take(database, now=NOW, viewer=admin, list_id=list_id, fetched_at=NOW)
    domain_lists.keep(database, now=LATER, list_id=list_id, names=["b.example"])

    assert counting(database) == {"b.example"}
    with database.reading() as db:
        found = domain_lists.get(db, list_id)
    assert domain_lists.last_change(found).first_removed == ("a.example",)
    assert found.domains_count == 1


def test_each_is_fetched_once_a_day(database, list_id):
    with database.writing() as db:
        domain_lists.announce_due(db, now=LATER)
        domain_lists.announce_due(db, now=LATER)
        assert len(db.execute(domain_lists.DUE, {"now": LATER + clock.DAY}).all()) == 1
        assert domain_lists.get(db, list_id).due_at == LATER + clock.DAY


@pytest.mark.parametrize("url", ["", "ftp://l.example/x", "https://", "javascript:alert(1)", "https://l.example/ä"])
def test_what_is_no_address_is_refused(database, admin, url):
    with database.writing() as db, pytest.raises(Invalid):
        domain_lists.subscribe(db, now=NOW, viewer=admin, name="Bad", url=url)


def test_moderators_subscribe_to_nothing(database, admin):
    with database.writing() as db:
        accounts.set_role(db, account_id=admin.account_id, role="moderator")
        moderator = viewers.by_account(db, admin.account_id)
    with database.writing() as db, pytest.raises(NotAllowed):
        domain_lists.subscribe(db, now=NOW, viewer=moderator, name="x", url="https://l.example")
