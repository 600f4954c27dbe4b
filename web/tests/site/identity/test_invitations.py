"""Invitations: made by members, used by others."""

import msgspec
import pytest

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.queries.identity import invitations


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, registration="invitation")


def invited(database, person):
    with database.reading() as db:
        return invitations.of_account(db, person.id, now=clock.now())


@pytest.fixture
def invite(as_ann):
    def invite(uses="1"):
        as_ann.open("/settings/invitations")
        return as_ann.submit("/settings/invitations", {"uses": uses})

    return invite


def test_an_invitation_is_a_link_with_which_somebody_signs_up(database, ann, as_ann, stranger, invite):
    invite("3")
    address = as_ann.page.find("a", href=lambda href: href and "/signup?invitation=" in href)["href"]
    stranger.open(f"{address}&agreed=1")
    stranger.submit("/signup", {"username": "dot", "email": "dot@mail.example", "password": "a long enough one"})

    assert stranger.path == "/signup/sent"
    with database.reading() as db:
        assert credentials.by_login(db, "dot") is not None
    assert [one.uses_left for one in invited(database, ann)] == [2]


@pytest.mark.parametrize("uses", ["0", "101", "-1"])
def test_an_invitation_for_nobody_or_everybody_is_refused(database, ann, as_ann, invite, uses):
    response = invite(uses)

    assert response.status_code == 422
    assert as_ann.value("uses") == uses
    assert invited(database, ann) == []


@pytest.mark.parametrize("uses", ["x", "9" * 40, "1.5"])
def test_what_is_no_number_is_refused(database, ann, invite, uses):
    assert invite(uses).status_code == 422
    assert invited(database, ann) == []


def test_an_invitation_can_be_withdrawn(database, ann, as_ann, invite):
    invite()
    [one] = invited(database, ann)
    as_ann.submit(f"/settings/invitations/{one.id}/withdraw")

    assert invited(database, ann) == []
    assert as_ann.path == "/settings/invitations"


def test_somebody_elses_invitation_can_not(database, ann, as_bob, invite):
    invite()
    [one] = invited(database, ann)
    as_bob.open("/settings/invitations")
    token = as_bob.value("form_token")
    response = as_bob.client.post(f"/settings/invitations/{one.id}/withdraw", data={"form_token": token})

    assert response.status_code == 404
    assert invited(database, ann) == [one]
