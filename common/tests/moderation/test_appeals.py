import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, ids
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import accounts as administration
from twite_common.queries.moderation import warnings
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.moderation import account_actions, appeals
from twite_common.services.moderation.account_actions import Decision
from twite_common.tables import account_warning, audit_entry, link, mail

LATER = NOW + clock.DAY


@pytest.fixture
def viewer(db, ann):
    """Ann, in a role."""

    def viewer(role="admin"):
        accounts.set_role(db, account_id=ann.id, role=role)
        return viewers.by_account(db, ann.id)

    return viewer


@pytest.fixture
def warn(db, bob, viewer):
    """Do something about Bob's account, and return the warning's id."""

    def warn(action="none", person=bob):
        decision = Decision(action=action, text="Please stop.")
        account_actions.act(db, now=NOW, viewer=viewer(), account_id=person.id, decision=decision)
        return db.scalars(select(account_warning.c.id).order_by(account_warning.c.id.desc())).first()

    return warn


@pytest.fixture
def appeal(db, bob):
    def appeal(warning_id, words="It wasn't me.", *, now=LATER, person=bob):
        appeals.add(db, now=now, account_id=person.id, warning_id=warning_id, words=words)
        return warning_id

    return appeal


@pytest.fixture
def state(db, bob):
    """Return how an appeal stands, and what holds of Bob's account."""

    def state(warning_id):
        one = administration.load(db, [bob.id])[bob.id]
        holds = [name for name in ("disabled", "silenced", "suspended", "sensitized") if getattr(one, name)]
        return warnings.get(db, warning_id).appeal_state, holds

    return state


def letters(db, kind):
    return list(db.scalars(select(mail.c.address).where(mail.c.kind == kind)))


@pytest.mark.parametrize("action", account_actions.ACTIONS)
def test_a_granted_appeal_takes_back_what_was_done(db, viewer, warn, appeal, state, action):
    id = appeal(warn(action))
    before = state(id)
    appeals.approve(db, now=LATER, viewer=viewer(), warning_id=id)
    last = db.execute(select(audit_entry).order_by(audit_entry.c.id.desc())).first()

    assert before[0] == "pending"
    assert bool(before[1]) == (action != "none")
    assert state(id) == ("approved", [])
    assert (last.action, last.target_kind, last.target_name) == ("grant", "appeal", "bob")
    assert letters(db, "appeal_approved") == ["bob@mail.example"]
    assert letters(db, "appeal_rejected") == []


def test_an_appeal_that_is_turned_down_changes_nothing(db, viewer, warn, appeal, state):
    id = appeal(warn("silence"))
    appeals.reject(db, now=LATER, viewer=viewer(), warning_id=id)
    last = db.execute(select(audit_entry).order_by(audit_entry.c.id.desc())).first()

    assert state(id) == ("rejected", ["silenced"])
    assert (last.action, last.target_kind) == ("reject", "appeal")
    assert letters(db, "appeal_rejected") == ["bob@mail.example"]
    assert letters(db, "appeal_approved") == []


def test_those_who_decide_are_told_and_see_what_waits(db, make_account, warn, appeal):
    for role in ("admin", "moderator"):
        accounts.set_role(db, account_id=make_account(f"the_{role}").id, role=role)
    first, second = warn("silence"), warn()
    none = warnings.count_appealed(db)
    appeal(second)
    appeal(first)
    waiting = warnings.appealed(db, limit=10)

    assert sorted(letters(db, "appeal")) == sorted(["the_admin@mail.example", "ann@mail.example"] * 2)
    assert (none, warnings.count_appealed(db)) == (0, 2)
    assert [(one.warning.id, one.warning.appeal, one.username) for one in waiting] == [
        (first, "It wasn't me.", "bob"),
        (second, "It wasn't me.", "bob"),
    ]


def test_somebody_appeals_once(db, viewer, warn, appeal):
    id = appeal(warn())
    with pytest.raises(NotAllowed):
        appeal(id)
    appeals.reject(db, now=LATER, viewer=viewer(), warning_id=id)
    with pytest.raises(NotAllowed):
        appeal(id)


def test_somebody_appeals_within_twenty_days(warn, appeal):
    late, in_time = warn(), warn()
    appeal(in_time, now=NOW + 20 * clock.DAY - 1)
    with pytest.raises(NotAllowed):
        appeal(late, now=NOW + 20 * clock.DAY + 1)


@pytest.mark.parametrize("words", ["", " ", "x" * 2001, "\x00"])
def test_an_appeal_says_something(warn, appeal, words):
    with pytest.raises(Invalid):
        appeal(warn(), words)


def test_nobody_appeals_for_others(warn, appeal, cho):
    with pytest.raises(NotFound):
        appeal(warn(), person=cho)
    with pytest.raises(NotFound):
        appeal(17)


@pytest.mark.parametrize("decide", [appeals.approve, appeals.reject])
def test_who_may_not_decide_is_refused(db, viewer, warn, appeal, state, decide, bob):
    id = appeal(warn("silence"))
    with pytest.raises(NotAllowed):
        decide(db, now=LATER, viewer=viewer("moderator"), warning_id=id)
    accounts.set_role(db, account_id=bob.id, role="admin")
    for judge in (viewer(), viewers.by_account(db, bob.id)):
        with pytest.raises(NotAllowed):
            decide(db, now=LATER, viewer=judge, warning_id=id)

    assert state(id) == ("pending", ["silenced"])


@pytest.mark.parametrize("decide", [appeals.approve, appeals.reject])
def test_an_appeal_is_decided_once(db, viewer, warn, appeal, decide):
    id, never = appeal(warn("silence")), warn()
    appeals.reject(db, now=LATER, viewer=viewer(), warning_id=id)
    with pytest.raises(NotAllowed):
        decide(db, now=LATER, viewer=viewer(), warning_id=id)
    for other in (never, 17):
        with pytest.raises(NotFound):
            decide(db, now=LATER, viewer=viewer(), warning_id=other)


def test_the_link_in_the_mail_leads_to_the_warning(db, settings, warn):
    id = warn("suspend")
    link_id = db.scalars(select(link.c.id).where(link.c.purpose == "warning")).one()
    token = one_time_links.token(signer(settings), link_id, "warning")

    assert appeals.warning_of_link(db, signer(settings), now=NOW + 19 * clock.DAY, token=token).id == id
    for wrong, now in ((token, NOW + 20 * clock.DAY), (token + "x", NOW), (f"{ids.new(NOW)}.x", NOW)):
        with pytest.raises(NotFound):
            appeals.warning_of_link(db, signer(settings), now=now, token=wrong)
