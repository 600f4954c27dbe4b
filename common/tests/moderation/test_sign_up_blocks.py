import msgspec
import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import sign_up_blocks as queries
from twite_common.services.accounts import accounts
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.moderation.sign_up_blocks import NetworkChanges
from twite_common.services.operations import cleaning
from twite_common.tables import account, audit_entry

FAR = "198.51.100.7"


@pytest.fixture
def viewer(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def sign_up(db, settings):
    """Sign up with an address of mail, from an address of the network."""

    def sign_up(email="dot@mail.example", address=FAR, **changes):
        form = SignUp(username="dot", email=email, password_hash="x", address=address)
        return registrations.add(db, msgspec.structs.replace(settings, **changes), now=NOW, sign_up=form)

    return sign_up


@pytest.fixture
def keep_out(db, viewer):
    """Keep a network out."""

    def keep_out(network, severity="sign_up_block", address="192.0.2.1", **changes):
        given = NetworkChanges(network=network, severity=severity, **changes)
        return sign_up_blocks.add_network(db, now=NOW, viewer=viewer, address=address, changes=given)

    return keep_out


@pytest.mark.parametrize("email", ["dot@bad.example", "dot@deep.Bad.example"])
def test_nobody_signs_up_with_a_provider_that_is_kept_out(db, viewer, sign_up, email):
    sign_up_blocks.add_domain(db, now=NOW, viewer=viewer, domain="BAD.example")
    with pytest.raises(Invalid) as refused:
        sign_up(email)

    assert refused.value.details["email"][0][0] == "ERR_BLOCKED"
    assert sign_up("dot@notbad.example") is not None


@pytest.mark.parametrize("kept_out", ["münchen.example", "XN--MNCHEN-3YA.example"])
@pytest.mark.parametrize("email", ["dot@MÜNCHEN.example", "dot@deep.xn--mnchen-3ya.example"])
def test_a_provider_is_kept_out_in_whatever_letters_its_name_is_written(db, viewer, sign_up, kept_out, email):
    sign_up_blocks.add_domain(db, now=NOW, viewer=viewer, domain=kept_out)
    with pytest.raises(Invalid):
        sign_up(email)


@pytest.mark.parametrize("email", ["D.O.T@mail.example", "dot+again@mail.example", "DOT@MAIL.EXAMPLE"])
def test_nobody_signs_up_with_an_address_that_is_kept_out_however_it_is_written(db, viewer, sign_up, email):
    sign_up_blocks.add_email(db, now=NOW, viewer=viewer, email="dot@mail.example")
    with pytest.raises(Invalid):
        sign_up(email)

    assert sign_up("dotty@mail.example") is not None


@pytest.mark.parametrize("network", [FAR, "198.51.100.0/24", "::ffff:0:0/96"])
@pytest.mark.parametrize("severity", ["sign_up_block", "no_access"])
def test_nobody_signs_up_from_a_network_that_is_kept_out(db, keep_out, sign_up, network, severity):
    keep_out(network, severity, address="2001:db8::1")
    if network.startswith("::"):
        assert sign_up() is not None
        return
    with pytest.raises(NotAllowed):
        sign_up()
    with pytest.raises(NotAllowed):
        sign_up(address=f"::ffff:{FAR}")


def test_from_some_networks_one_must_wait_to_be_let_in(db, keep_out, sign_up):
    keep_out("198.51.100.0/24", "sign_up_requires_approval")

    assert credentials.get(db, sign_up()).approved_at is None


def test_a_block_whose_time_is_over_keeps_nobody_out(db, keep_out, sign_up):
    keep_out(FAR, expires_in_seconds=-1)

    assert sign_up() is not None


def test_a_network_is_kept_out_for_as_long_as_is_said(db, keep_out):
    found = queries.network(db, keep_out("198.51.100.7/24", expires_in_seconds=3600))

    assert (found.network, found.expires_at) == ("198.51.100.0/24", NOW + clock.HOUR)


@pytest.mark.parametrize(
    "changes",
    [
        {"network": "x"},
        {"network": "198.51.100.0/99"},
        {"network": ""},
        {"network": FAR, "severity": "shouted_at"},
        {"network": FAR, "comment": "\0"},
        {"network": "192.0.2.0/24", "severity": "no_access"},
        {"network": "203.0.113.0/24"},
    ],
)
def test_what_is_no_network_or_ones_own_or_kept_out_already_is_refused(db, keep_out, changes):
    keep_out("203.0.113.0/24")
    with pytest.raises(Invalid):
        keep_out(**changes)

    assert len(queries.networks_in_force(db, now=NOW)) == 1


@pytest.mark.parametrize("domain", ["", "x", "a b.example", "a\0.example"])
def test_what_is_no_domain_is_refused(db, viewer, domain):
    with pytest.raises(Invalid):
        sign_up_blocks.add_domain(db, now=NOW, viewer=viewer, domain=domain)


@pytest.mark.parametrize("email", [{"email": "x"}, {"email_hash": "ab"}, {"email_hash": "x"}, {}])
def test_what_is_no_address_of_mail_and_no_hash_is_refused(db, viewer, email):
    with pytest.raises(Invalid):
        sign_up_blocks.add_email(db, now=NOW, viewer=viewer, **email)


def test_the_same_is_kept_out_once(db, viewer):
    sign_up_blocks.add_domain(db, now=NOW, viewer=viewer, domain="bad.example")
    sign_up_blocks.add_email(db, now=NOW, viewer=viewer, email="dot@mail.example")
    with pytest.raises(Invalid, match=r"^Validation failed: Domain has already been taken$"):
        sign_up_blocks.add_domain(db, now=NOW, viewer=viewer, domain="bad.example")
    with pytest.raises(Invalid, match=r"^Validation failed: Canonical email hash has already been taken$"):
        sign_up_blocks.add_email(db, now=NOW, viewer=viewer, email="d.ot@mail.example")


def test_what_is_kept_out_is_let_in_again_and_all_is_recorded(db, viewer, keep_out, sign_up):
    step = {"now": NOW, "viewer": viewer}
    sign_up_blocks.remove_network(db, **step, block_id=keep_out(FAR))
    sign_up_blocks.remove_domain(db, **step, block_id=sign_up_blocks.add_domain(db, **step, domain="mail.example"))
    sign_up_blocks.remove_email(db, **step, block_id=sign_up_blocks.add_email(db, **step, email="dot@mail.example"))

    assert sign_up() is not None
    rows = db.execute(select(audit_entry).order_by(audit_entry.c.id)).all()
    assert [(row.action, row.target_kind) for row in rows] == [
        ("create", "ip_block"),
        ("delete", "ip_block"),
        ("create", "email_domain_block"),
        ("delete", "email_domain_block"),
        ("create", "canonical_email_block"),
        ("delete", "canonical_email_block"),
    ]
    assert [row.target_name for row in rows][:3] == [f"{FAR}/32", f"{FAR}/32", "mail.example"]


@pytest.mark.parametrize("remove", ["remove_network", "remove_domain", "remove_email"])
def test_what_is_not_kept_out_is_not_found(db, viewer, remove):
    with pytest.raises(NotFound):
        getattr(sign_up_blocks, remove)(db, now=NOW, viewer=viewer, block_id=1)


def test_a_refused_sign_up_makes_no_account(db, ann, keep_out, sign_up):
    keep_out(FAR)
    with pytest.raises(NotAllowed):
        sign_up()

    assert db.scalars(select(account.c.username)).all() == ["ann"]


def test_refused_sign_ups_are_forgotten_after_a_week(db, viewer):
    block_id = sign_up_blocks.add_domain(db, now=NOW, viewer=viewer, domain="bad.example")
    for days in (0, 6, 7):
        at = NOW - days * clock.DAY
        sign_up_blocks.count_refused(db, now=at, email="dot@bad.example", address=FAR)
    cleaning.remove_what_is_over(db, now=NOW)
    kept = queries.refusals(db, [block_id], first_day=0)[block_id]

    assert sorted(one.day for one in kept) == [NOW // clock.DAY - 6, NOW // clock.DAY]
