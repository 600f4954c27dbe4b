"""The list of providers of disposable mail addresses: how it is fed, and whom it keeps out."""

import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import disposable_domains as queries
from twite_common.services.moderation import disposable_domains, sign_up_blocks

LIST = (
    "\ufeff# Kept by somebody\nmailfor.example\n\n  Tenminutes.Example  # a remark\nmünchen.example\nmailfor.example\n"
)


@pytest.fixture
def add(database):
    return lambda lines: disposable_domains.add_lines(database, now=NOW, viewer=None, lines=lines)


@pytest.fixture
def listed(database):
    def listed(**options):
        with database.reading() as db:
            return queries.listed(db, **{"limit": 100, **options})

    return listed


def test_a_text_file_is_read_line_by_line(add, listed):
    assert add(LIST) == 3
    assert add(LIST) == 0
    assert listed() == ["mailfor.example", "tenminutes.example", "xn--mnchen-3ya.example"]
    assert listed(first="n", limit=1) == ["tenminutes.example"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("fine.example\nno domain\nbad", "Nothing was added: line 2 is no domain: no domain"),
        ("<html>", "line 1 is no domain: <html>"),
        ("# nothing\n\n", "There is no domain in this text."),
        ("", "There is no domain in this text."),
    ],
)
def test_a_text_with_something_else_in_it_adds_nothing(add, listed, lines, said):
    with pytest.raises(Invalid, match=said):
        add(lines)
    assert listed() == []


@pytest.mark.parametrize("email", ["a@mailfor.example", "A@MailFor.Example", "a@deep.below.mailfor.example"])
def test_addresses_at_a_listed_domain_and_below_are_kept_out(database, add, email):
    add(LIST)
    with database.reading() as db, pytest.raises(Invalid, match="only work for a short time") as error:
        sign_up_blocks.check_email(db, email)

    assert error.value.details["email"][0][0] == "ERR_BLOCKED"


@pytest.mark.parametrize("email", ["a@example", "a@notmailfor.example", "mailfor.example@other.example"])
def test_other_addresses_are_not(database, add, email):
    add(LIST)
    with database.reading() as db:
        sign_up_blocks.check_email(db, email)


def test_a_domain_is_taken_off_the_list_and_the_list_is_emptied(database, add, listed):
    add(LIST)
    with database.writing() as db:
        disposable_domains.remove(db, now=NOW, viewer=None, domain="MÜNCHEN.example")
    left = listed()
    with database.writing() as db, pytest.raises(NotFound, match=r"other\.example isn't on the list"):
        disposable_domains.remove(db, now=NOW, viewer=None, domain="other.example")
    with database.writing() as db:
        removed = disposable_domains.remove_all(db, now=NOW, viewer=None)

    assert (left, removed, listed()) == (["mailfor.example", "tenminutes.example"], 2, [])


def test_a_long_list_is_added_in_parts(add, listed):
    assert add("\n".join(f"d{number}.example" for number in range(2 * disposable_domains.AT_ONCE + 1))) == 4001
