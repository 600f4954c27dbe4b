import msgspec
import pytest

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.accounts import credentials
from twite_common.queries.identity import invitations as invitation_queries
from twite_common.secret import Signer
from twite_common.services.identity import invitations, registrations
from twite_common.services.identity.registrations import SignUp

WEEK = 7 * 24 * 3600 * 1000


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, registration="invitation")


@pytest.fixture
def signer():
    return Signer(b"key")


def sign_up(db, settings, name, code, now=NOW):
    form = SignUp(username=name, email=f"{name}@mail.example", password_hash="x", invitation_code=code)
    registrations.add(db, settings, now=now, sign_up=form)


def test_an_invitation_lets_as_many_sign_up_as_it_is_for(db, settings, signer, ann):
    id = invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=2)
    code = invitations.code(signer, id)
    sign_up(db, settings, "dot", code)
    sign_up(db, settings, "eve", code)

    assert credentials.by_login(db, "eve") is not None
    with pytest.raises(NotAllowed):
        sign_up(db, settings, "fay", code)
    assert credentials.by_login(db, "fay") is None


def test_an_invitation_ends_after_a_week(db, settings, signer, ann):
    id = invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=1)

    assert [one.id for one in invitation_queries.of_account(db, ann.id, now=NOW + WEEK - 1)] == [id]
    assert invitation_queries.of_account(db, ann.id, now=NOW + WEEK) == []
    with pytest.raises(NotAllowed):
        sign_up(db, settings, "dot", invitations.code(signer, id), NOW + WEEK)


@pytest.mark.parametrize("code", ["", "x", "\0", "A" * 43])
def test_a_made_up_code_lets_nobody_in(db, settings, code):
    with pytest.raises(NotAllowed):
        sign_up(db, settings, "dot", code)


def test_an_invitation_that_was_withdrawn_lets_nobody_in(db, settings, signer, ann, bob):
    id = invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=1)
    with pytest.raises(NotFound):
        invitations.withdraw(db, account_id=bob.id, invitation_id=id)
    invitations.withdraw(db, account_id=ann.id, invitation_id=id)

    with pytest.raises(NotAllowed):
        sign_up(db, settings, "dot", invitations.code(signer, id))


def test_an_account_has_a_limited_number_of_open_invitations(db, settings, signer, ann):
    for _ in range(invitations.MAX_OPEN):
        invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=1)

    with pytest.raises(Invalid):
        invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=1)


@pytest.mark.parametrize("uses", [0, -1, 101, 2**70])
def test_an_invitation_is_for_one_to_a_hundred_people(db, settings, signer, ann, uses):
    with pytest.raises(Invalid):
        invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=uses)


@pytest.mark.parametrize("registration", ["open", "approval", "closed"])
def test_there_are_no_invitations_where_the_site_does_not_ask_for_them(db, settings, signer, ann, registration):
    settings = msgspec.structs.replace(settings, registration=registration)
    with pytest.raises(NotAllowed):
        invitations.invite(db, signer, settings, now=NOW, account_id=ann.id, uses=1)
