"""Deciding on several who wait to be let in, or on several reports, at once."""

import msgspec
import pytest

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports
from twite_common.queries.paging import Page
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp


@pytest.fixture
def waiting(database, settings):
    """Three people who wait, by id."""
    settings = msgspec.structs.replace(settings, registration="approval")
    with database.writing() as db:
        return [
            registrations.add(
                db,
                settings,
                now=clock.now(),
                sign_up=SignUp(username=name, email=f"{name}@mail.example", password_hash="x", reason="Birds."),
            )
            for name in ("dot", "eve", "fay")
        ]


def choose(browser, path, action, ids):
    """Send the form of a list with some boxes checked."""
    browser.open(path)
    return browser.client.post(action, data={"form_token": browser.value("form_token"), "ids": [str(id) for id in ids]})


def test_the_chosen_are_let_in_and_the_others_wait_on(database, as_admin, waiting):
    response = choose(as_admin, "/admin/waiting", "/admin/waiting/approve", waiting[:2])
    with database.reading() as db:
        still = [one.account_id for one in credentials.waiting(db)]

    assert (response.status_code, still) == (303, [waiting[2]])


def test_the_chosen_are_refused(database, as_admin, waiting):
    choose(as_admin, "/admin/waiting", "/admin/waiting/reject", waiting[1:])
    with database.reading() as db:
        assert [credentials.get(db, id) is None for id in waiting] == [False, True, True]


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_who_does_not_wait_is_left_alone(database, as_admin, bob, waiting, action):
    choose(as_admin, "/admin/waiting", f"/admin/waiting/{action}", [bob.id, "x", waiting[0]])
    with database.reading() as db:
        assert credentials.get(db, bob.id) is not None
        assert [one.account_id for one in credentials.waiting(db)] == waiting[1:]


@pytest.mark.parametrize("action", ["/admin/waiting/approve", "/admin/waiting/reject", "/admin/reports/resolve"])
def test_members_decide_nothing(database, as_ann, waiting, action):
    response = choose(as_ann, "/settings", action, waiting)

    assert response.status_code == 403
    with database.reading() as db:
        assert len(credentials.waiting(db)) == 3


def test_chosen_reports_are_resolved_at_once(database, as_admin, as_ann, bob, cho):
    for target in (bob, cho, bob):
        as_ann.open(f"/accounts/{target.id}/report")
        as_ann.submit(f"/accounts/{target.id}/report")
    with database.reading() as db:
        made = [report.id for report in reports.several(db, Page())]
    choose(as_admin, "/admin/reports", "/admin/reports/resolve", made[:2])
    with database.reading() as db:
        assert [report.id for report in reports.several(db, Page())] == made[2:]
