"""What was done about one's account, and appealing against it."""

import msgspec
import pytest
from sqlalchemy import insert, select

from twite_common import clock, ids
from twite_common.queries import viewers
from twite_common.secret import signer
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.moderation import account_actions
from twite_common.services.moderation.account_actions import Decision
from twite_common.tables import account_warning, mail


@pytest.fixture
def warn(database, make_account, bob):
    """Do something about Bob's account, and return the warning's id."""

    def warn(action="none"):
        boss = make_account("boss", role="admin")
        with database.writing() as db:
            viewer, decision = viewers.by_account(db, boss.id), Decision(action=action, text="Please <b>stop</b>.")
            account_actions.act(db, now=clock.now(), viewer=viewer, account_id=bob.id, decision=decision)
            return db.scalars(select(account_warning.c.id)).one()

    return warn


@pytest.fixture
def linked(database, settings):
    """Return the address of the link in the mail."""

    def linked():
        with database.reading() as db:
            detail = msgspec.json.decode(db.scalars(select(mail.c.detail).where(mail.c.kind == "warning")).one())
        return f"/appeal/{one_time_links.token(signer(settings), detail['link_id'], 'warning')}"

    return linked


def test_somebody_who_is_told_appeals_from_their_notifications(as_bob, warn, api, bob):
    id = warn("silence")
    as_bob.open("/notifications")
    as_bob.open(as_bob.page.find("a", string="Read it or appeal")["href"])
    before = as_bob.text
    refused = as_bob.submit(f"/strikes/{id}/appeal", {"text": " "})
    as_bob.submit(f"/strikes/{id}/appeal", {"text": "It <wasn't> me."})
    told = api(bob).get("/api/v1/notifications").json()[0]["moderation_warning"]

    assert "Please <b>stop</b>." in before
    assert "kept out of public timelines" in before
    assert refused.status_code == 422
    assert as_bob.path == f"/strikes/{id}"
    assert "Your appeal has been sent." in as_bob.text
    assert "It <wasn't> me. Your appeal is pending" in as_bob.text
    assert f"/strikes/{id}/appeal" not in as_bob.actions()
    assert told["appeal"] == {"text": "It <wasn't> me.", "state": "pending"}


def test_somebody_who_can_not_log_in_appeals_by_the_link_and_comes_back(as_admin, as_bob, stranger, warn, linked, bob):
    warn("suspend")
    path = linked()
    stranger.open(path)
    stranger.submit(path, {"text": "It wasn't me."})
    waiting = stranger.text
    as_admin.open("/admin")
    counted = "Appeals 1 waiting for an answer" in as_admin.text
    as_admin.open("/admin/appeals")
    shown = as_admin.text
    as_admin.submit(next(action for action in as_admin.actions() if action.endswith("/approve")))
    decided = as_admin.text
    as_admin.open("/admin/audit")
    recorded = as_admin.text
    as_admin.open(f"/admin/accounts/{bob.id}")
    stranger.open(path)

    assert "Your appeal is pending." in waiting
    assert counted
    for words in ("@bob", "hidden", "Please <b>stop</b>.", "It wasn't me."):
        assert words in shown
    assert "No pending appeals." in decided
    assert "@ann approved the appeal of @bob" in recorded
    assert "hidden (appeal approved)" in as_admin.text
    assert "Your appeal was approved" in stranger.text
    assert as_bob.open("/settings/profile").status_code == 200
    assert as_bob.path == "/settings/profile"


def test_an_appeal_is_turned_down(as_admin, as_bob, warn, api, bob):
    id = warn("silence")
    as_bob.open(f"/strikes/{id}")
    as_bob.submit(f"/strikes/{id}/appeal", {"text": "It wasn't me."})
    as_admin.open("/admin/appeals")
    as_admin.submit(next(action for action in as_admin.actions() if action.endswith("/reject")))
    as_bob.open(f"/strikes/{id}")
    as_admin.open("/admin/audit")

    assert "Your appeal was rejected." in as_bob.text
    assert "@ann rejected the appeal of @bob" in as_admin.text
    assert api(bob).get("/api/v1/notifications").json()[0]["moderation_warning"]["appeal"]["state"] == "rejected"


def test_after_twenty_days_there_is_no_form(database, as_bob, bob):
    early = ids.first_at(1)
    with database.writing() as db:
        db.execute(insert(account_warning).values(id=early, target_id=bob.id, action="none"))
    as_bob.open(f"/strikes/{early}")

    assert "The time to appeal is over." in as_bob.text
    assert f"/strikes/{early}/appeal" not in as_bob.actions()


def test_applications_lead_to_the_longer_address(as_bob, warn):
    id = warn()
    as_bob.open(f"/disputes/strikes/{id}")

    assert "Please <b>stop</b>." in as_bob.text
    assert f"/strikes/{id}/appeal" in as_bob.actions()


def test_a_warning_is_for_nobody_else(as_ann, stranger, warn, linked):
    id = warn()
    as_ann.open("/settings")
    sent = {"form_token": as_ann.value("form_token"), "text": "x"}

    assert as_ann.open(f"/strikes/{id}").status_code == 404
    assert as_ann.client.post(f"/strikes/{id}/appeal", data=sent).status_code == 404
    assert stranger.open(f"/strikes/{id}").url.path == "/login"
    assert stranger.open(f"{linked()}x").status_code == 404


def test_only_those_who_may_decide_see_appeals(database, ann, as_ann, warn):
    id = warn()
    for role in ("", "moderator"):
        with database.writing() as db:
            accounts.set_role(db, account_id=ann.id, role=role)
        as_ann.open("/settings")
        sent = {"form_token": as_ann.value("form_token")}

        assert as_ann.open("/admin/appeals").status_code == 403
        for decision in ("approve", "reject"):
            assert as_ann.client.post(f"/admin/appeals/{id}/{decision}", data=sent).status_code == 403
