import pytest

from support.moment import NOW
from twite_common.errors import Invalid
from twite_common.queries.accounts import domain_blocks as queries
from twite_common.queries.paging import Page
from twite_common.services.accounts import domain_blocks


@pytest.fixture
def blocked(db, ann):
    return lambda: [one.domain for one in queries.blocked_domains(db, Page(), viewer_id=ann.id)]


def test_a_server_is_blocked_once_however_its_name_is_spelled(db, blocked, ann):
    for domain in ("Bücher.Example", "xn--bcher-kva.example."):
        domain_blocks.block_domain(db, now=NOW, account_id=ann.id, domain=domain)
    assert blocked() == ["xn--bcher-kva.example"]

    for _ in range(2):
        domain_blocks.unblock_domain(db, account_id=ann.id, domain="BÜCHER.example")
    assert blocked() == []


def test_what_is_no_servers_name_is_not_blocked(db, blocked, ann):
    with pytest.raises(Invalid, match="Domain"):
        domain_blocks.block_domain(db, now=NOW, account_id=ann.id, domain="localhost")
    assert blocked() == []
