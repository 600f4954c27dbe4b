"""Several people for one account: who may be invited, what ends a membership, and what it is good for meanwhile."""

import msgspec
import pytest
from sqlalchemy import select, update

from support.moment import NOW
from twite_common import acting
from twite_common.acting import ANSWERS, LOOKS_AFTER, WRITES, ActingRefused
from twite_common.errors import Conflict, Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.identity import memberships as queries
from twite_common.services.accounts import account_deletion, accounts, blocks
from twite_common.services.identity import grants, memberships, sessions, tokens
from twite_common.tables import account, credentials, membership, security_event


@pytest.fixture
def club(make):
    return make("club")


@pytest.fixture
def member(ann_id):
    return ann_id


@pytest.fixture
def seen(database):
    """Return an account as it asks."""

    def seen(account_id):
        with database.reading() as db:
            return viewers.by_account(db, account_id)

    return seen


@pytest.fixture
def run(database):
    """Call a service in a transaction of its own."""

    def run(service, **given):
        with database.writing() as db:
            return service(db, **given)

    return run


@pytest.fixture
def join(run, seen, club, member):
    def join(role=WRITES, who=member, to=club):
        name = seen(who).username
        id = run(memberships.invite, now=NOW, viewer=seen(to), name=name, role=role)
        run(memberships.accept, now=NOW, viewer=seen(who), membership_id=id)
        return id

    return join


@pytest.fixture
def session(database, settings, run, seen, member):
    """Start a session of the member's that acts by a membership, and return its secret."""

    def session(membership_id):
        with database.writing() as db:
            secret = sessions.start(db, settings, now=NOW, account_id=member, address="192.0.2.1", browser="")
            found = viewers.by_session(db, secret, now=NOW)
            memberships.act(db, viewer=found.viewer, session_id=found.id, membership_id=membership_id)
        return secret

    return session


@pytest.fixture
def who(database):
    """Return as whom a session or a token asks, and by whose membership."""

    def who(secret, by=viewers.by_session):
        with database.reading() as db:
            found = by(db, secret, now=NOW)
        if found is None:
            return None
        return found.viewer.username, found.viewer.acting and found.viewer.acting.member_name

    return who


def test_a_session_and_a_token_act_for_the_account(database, join, session, who, run, member, club, seen):
    id = join()
    secret = session(id)
    token = run(tokens.create_own, now=NOW, account_id=member, name="bot", scopes="read", membership_id=id)
    with database.reading() as db:
        viewer = viewers.by_session(db, secret, now=NOW).viewer

    assert who(secret) == ("club", "ann")
    assert who(token, viewers.by_token) == ("club", "ann")
    # Neither what the account may on the site nor where its mail goes.
    assert (viewer.account_id, viewer.email, viewer.role) == (club, "", "")


def suspended(db, account_id):
    db.execute(update(account).where(account.c.id == account_id).values(suspended_at=NOW))


def limited(db, account_id):
    db.execute(update(account).where(account.c.id == account_id).values(limited_at=NOW))


def disabled(db, account_id):
    db.execute(update(credentials).where(credentials.c.account_id == account_id).values(disabled_at=NOW))


def staff(db, account_id):
    accounts.set_role(db, account_id=account_id, role="admin")


@pytest.mark.parametrize(
    ("whose", "what", "then"),
    [
        ("member", suspended, None),
        ("member", disabled, None),
        ("member", limited, ("ann", None)),
        ("club", suspended, ("ann", None)),
        ("club", disabled, ("ann", None)),
        ("club", staff, ("ann", None)),
    ],
)
def test_who_may_not_act_is_themselves_again_and_their_token_is_over(
    request, database, join, session, who, run, member, whose, what, then
):
    id = join()
    secret = session(id)
    token = run(tokens.create_own, now=NOW, account_id=member, name="bot", scopes="read", membership_id=id)
    with database.writing() as db:
        what(db, request.getfixturevalue(whose))

    assert who(secret) == then
    assert who(token, viewers.by_token) is None


def removed(run, id, seen, club, member):
    run(memberships.remove, now=NOW, account_id=club, membership_id=id)


def left(run, id, seen, club, member):
    run(memberships.leave, now=NOW, viewer=seen(member), membership_id=id)


def not_me(run, id, seen, club, member):
    run(memberships.remove_all, now=NOW, account_id=club)


def deleted(run, id, seen, club, member):
    run(account_deletion.leave, now=NOW, account_id=club)


@pytest.mark.parametrize("end", [removed, left, not_me, deleted])
def test_what_ends_a_membership_ends_what_is_done_with_it(run, seen, join, session, who, club, member, database, end):
    id = join()
    secret = session(id)
    token = run(tokens.create_own, now=NOW, account_id=member, name="bot", scopes="read", membership_id=id)
    end(run, id, seen, club, member)
    with database.reading() as db:
        left = db.scalars(select(membership.c.id)).all()

    assert who(secret) == ("ann", None)
    assert who(token, viewers.by_token) is None
    assert left == []


def test_logging_out_everywhere_ends_a_members_tokens(run, join, who, member):
    token = run(tokens.create_own, now=NOW, account_id=member, name="b", scopes="read", membership_id=join())
    run(grants.revoke_all, now=NOW, account_id=member)

    assert who(token, viewers.by_token) is None


def test_an_invitation_is_no_membership_yet(run, seen, club, member, database, settings):
    id = run(memberships.invite, now=NOW, viewer=seen(club), name="ann", role=WRITES)
    with pytest.raises(Conflict):
        run(memberships.act, viewer=seen(member), session_id=1, membership_id=id)
    with pytest.raises(Conflict):
        run(tokens.create_own, now=NOW, account_id=member, name="b", scopes="read", membership_id=id)
    run(memberships.leave, now=NOW, viewer=seen(member), membership_id=id)
    with pytest.raises(NotFound):
        run(memberships.accept, now=NOW, viewer=seen(member), membership_id=id)


@pytest.mark.parametrize(("whose", "what"), [("member", limited), ("club", staff)])
def test_who_may_not_act_is_told_so_at_once(request, database, join, run, seen, member, whose, what):
    id = join()
    with database.writing() as db:
        what(db, request.getfixturevalue(whose))
    with pytest.raises(NotAllowed):
        run(memberships.act, viewer=seen(member), session_id=1, membership_id=id)
    with pytest.raises(NotAllowed):
        run(tokens.create_own, now=NOW, account_id=member, name="b", scopes="read", membership_id=id)


def test_nobody_uses_the_membership_of_another(run, seen, make, join, club):
    id, cho = join(), make("cho")
    for service in (memberships.accept, memberships.leave):
        with pytest.raises(NotFound):
            run(service, now=NOW, viewer=seen(cho), membership_id=id)
    with pytest.raises(NotFound):
        run(memberships.act, viewer=seen(cho), session_id=1, membership_id=id)
    with pytest.raises(NotFound):
        run(memberships.change_role, now=NOW, account_id=cho, membership_id=id, role=LOOKS_AFTER)
    with pytest.raises(NotFound):
        run(memberships.remove, now=NOW, account_id=cho, membership_id=id)
    with pytest.raises(NotFound):
        run(tokens.create_own, now=NOW, account_id=cho, name="b", scopes="read", membership_id=id)


def test_memberships_do_not_chain(run, seen, make, join, session, database, club):
    """Who acts for the club can't go on to what the club is a member of."""
    further = join(who=club, to=make("league"))
    secret = session(join())
    with database.reading() as db:
        found = viewers.by_session(db, secret, now=NOW)
    with pytest.raises(Conflict):
        run(memberships.act, viewer=found.viewer, session_id=found.id, membership_id=further)


def test_who_can_be_invited(run, seen, make, join, club, member):
    def invite(name, role=WRITES, viewer=None):
        return run(memberships.invite, now=NOW, viewer=viewer or seen(club), name=name, role=role)

    bob = make("bob")
    run(blocks.block_account, now=NOW, account_id=bob, blocked_id=club)
    for name, role in (("nobody", WRITES), ("club", WRITES), ("bob", WRITES), ("ann", "owner")):
        with pytest.raises(Invalid):
            invite(name, role)
    with pytest.raises(NotAllowed):
        invite("ann", viewer=msgspec.structs.replace(seen(club), role="admin"))
    join()
    with pytest.raises(Invalid):
        invite("ann")
    for number in range(memberships.MAX_COUNT - 1):
        make(f"person{number}")
        invite(f"person{number}")
    make("onemore")
    with pytest.raises(Invalid):
        invite("onemore")


def test_the_security_record_shows_what_became_of_members(run, seen, join, club, member, database):
    id = join()
    run(memberships.change_role, now=NOW, account_id=club, membership_id=id, role=ANSWERS)
    run(memberships.remove, now=NOW, account_id=club, membership_id=id)
    left = join()
    run(memberships.leave, now=NOW, viewer=seen(member), membership_id=left)
    with database.reading() as db:
        rows = db.execute(select(security_event.c.account_id, security_event.c.kind).order_by(security_event.c.id))
        recorded = [(row.account_id, row.kind) for row in rows]
        kept = queries.of_account(db, club)

    assert [kind for id, kind in recorded if id == club] == [
        *("member_invited", "member_accepted", "member_role_changed", "member_removed"),
        *("member_invited", "member_accepted", "member_left"),
    ]
    assert [kind for id, kind in recorded if id == member] == [
        *("membership_accepted", "membership_ended", "membership_accepted", "membership_left"),
    ]
    assert kept == []


def test_a_role_lets_what_the_smaller_ones_let():
    by = acting.Acting(1, "club", 2, "ann", WRITES, None)

    assert [by.lets(role) for role in (ANSWERS, WRITES, LOOKS_AFTER, None)] == [True, True, False, False]
    with pytest.raises(ActingRefused):
        acting.check(by, LOOKS_AFTER)
    acting.check(None, None)
