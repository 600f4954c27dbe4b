import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import domain_decisions as queries
from twite_common.queries.paging import Page
from twite_common.services.accounts import accounts
from twite_common.services.moderation import domain_decisions
from twite_common.services.moderation.domain_decisions import AlreadyBlocked, DomainBlockChanges
from twite_common.tables import audit_entry


@pytest.fixture
def admin(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def moderator(db, bob):
    accounts.set_role(db, account_id=bob.id, role="moderator")
    return viewers.by_account(db, bob.id)


@pytest.fixture
def block(db, admin):
    def block(domain="example.org", *, viewer=admin, **changes):
        changed = DomainBlockChanges(**changes)
        return domain_decisions.block(db, now=NOW, viewer=viewer, domain=domain, changes=changed)

    return block


@pytest.fixture
def blocked(db):
    return lambda: [(one.domain, one.severity) for one in queries.blocks(db, Page())]


@pytest.fixture
def recorded(db):
    columns = (audit_entry.c.action, audit_entry.c.target_kind, audit_entry.c.target_name)
    return lambda: [tuple(row) for row in db.execute(select(*columns).order_by(audit_entry.c.id))]


def test_a_server_is_kept_under_its_name_in_small_ascii_letters(block, blocked):
    block(" @Bücher.Example. ")

    assert blocked() == [("xn--bcher-kva.example", "silence")]


@pytest.mark.parametrize("domain", ["", "localhost", "a b.example", "https://example.org/"])
def test_what_is_no_servers_name_is_refused(block, domain):
    with pytest.raises(Invalid, match="Domain"):
        block(domain)


def test_a_server_is_decided_about_once(block):
    id = block(severity="noop")

    with pytest.raises(AlreadyBlocked) as refused:
        block("EXAMPLE.org", severity="suspend")
    assert refused.value.existing.id == id


@pytest.mark.parametrize(
    ("above", "below", "allowed"),
    [
        ("silence", "silence", False),
        ("suspend", "silence", False),
        ("silence", "suspend", True),
        ("noop", "noop", False),
    ],
)
def test_part_of_a_server_can_only_be_kept_out_further(block, blocked, above, below, allowed):
    block("example.org", severity=above)

    if allowed:
        block("part.example.org", severity=below)
        assert len(blocked()) == 2
    else:
        with pytest.raises(AlreadyBlocked, match=r"stricter limits on example\.org"):
            block("part.example.org", severity=below)


def test_a_server_that_only_ends_alike_is_another(block, blocked):
    block("example.org")
    block("myexample.org")

    assert len(blocked()) == 2


def test_there_are_three_severities(db, admin, block):
    with pytest.raises(Invalid, match="one of noop, silence, suspend"):
        block(severity="ban")
    id = block()
    with pytest.raises(Invalid, match="one of noop, silence, suspend"):
        domain_decisions.change_block(
            db, now=NOW, viewer=admin, block_id=id, changes=DomainBlockChanges(severity="ban")
        )


@pytest.mark.parametrize("comment", ["private_comment", "public_comment"])
def test_a_comment_has_a_thousand_characters(block, comment):
    with pytest.raises(Invalid, match="1000 characters"):
        block(**{comment: "x" * 1001})


def test_what_a_change_leaves_out_stays(db, admin, block):
    id = block(public_comment="Spam", reject_media=True)
    changes = DomainBlockChanges(severity="suspend", public_comment=None)
    domain_decisions.change_block(db, now=NOW, viewer=admin, block_id=id, changes=changes)

    kept = queries.block(db, id)
    assert (kept.severity, kept.reject_media, kept.public_comment) == ("suspend", True, None)


def test_a_decision_is_taken_back(db, admin, block, blocked):
    id = block()
    domain_decisions.unblock(db, now=NOW, viewer=admin, block_id=id)

    assert blocked() == []
    with pytest.raises(NotFound):
        domain_decisions.unblock(db, now=NOW, viewer=admin, block_id=id)


def test_a_server_is_let_in_once(db, admin, recorded):
    given = {"now": NOW, "viewer": admin}
    first, second = (domain_decisions.allow(db, domain=name, **given) for name in ("example.org", "Example.org."))
    assert first == second

    domain_decisions.disallow(db, allow_id=first, **given)
    assert queries.allows(db, Page()) == []
    with pytest.raises(NotFound):
        domain_decisions.disallow(db, allow_id=first, **given)
    assert recorded() == [
        ("create", "domain_allow", "example.org"),
        ("delete", "domain_allow", "example.org"),
    ]


def test_every_change_is_recorded(db, admin, block, recorded):
    id = block()
    domain_decisions.change_block(db, now=NOW, viewer=admin, block_id=id, changes=DomainBlockChanges(obfuscate=True))
    domain_decisions.unblock(db, now=NOW, viewer=admin, block_id=id)

    assert recorded() == [(action, "domain_block", "example.org") for action in ("create", "update", "delete")]


def test_only_administrators_decide_about_servers(db, block, moderator, recorded):
    id, given = block(), {"now": NOW, "viewer": moderator}
    for change in (
        lambda: block("other.example", viewer=moderator),
        lambda: domain_decisions.change_block(db, block_id=id, changes=DomainBlockChanges(obfuscate=True), **given),
        lambda: domain_decisions.unblock(db, block_id=id, **given),
        lambda: domain_decisions.allow(db, domain="other.example", **given),
        lambda: domain_decisions.disallow(db, allow_id=1, **given),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert len(recorded()) == 1
