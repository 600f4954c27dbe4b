"""What those who look after the site do about accounts, and what they keep out, in their browser."""

import hashlib

import pytest
from sqlalchemy import insert

from twite_common import clock
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import accounts
from twite_common.services.moderation import account_actions, sign_up_blocks
from twite_common.services.operations import commands
from twite_common.tables import audit_entry


@pytest.mark.parametrize("action", account_actions.TAKEN_BACK)
def test_something_is_done_told_and_taken_back(as_role, as_bob, bob, action):
    browser = as_role("moderator")
    browser.open(f"/admin/accounts/{bob.id}")
    browser.submit(f"/admin/accounts/{bob.id}/act", {"action": action, "text": "Please <b>stop</b>."})
    during, offered = browser.text, browser.actions()
    browser.submit(f"/admin/accounts/{bob.id}/take-back")

    assert "Please <b>stop</b>." in during
    assert f"/admin/accounts/{bob.id}/take-back" in offered
    assert f"/admin/accounts/{bob.id}/take-back" not in browser.actions()


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("none", "The site's staff warned you"),
        ("silence", "The site's staff took your posts out of public timelines"),
    ],
)
def test_what_was_done_about_somebody_is_told_to_them_among_the_notifications(as_role, as_bob, bob, action, told):
    browser = as_role("moderator")
    browser.open(f"/admin/accounts/{bob.id}")
    browser.submit(f"/admin/accounts/{bob.id}/act", {"action": action, "text": "Please <b>stop</b>.", "told": "1"})
    as_bob.open("/notifications")

    assert told in as_bob.text
    assert as_bob.page.select_one(".notification")["aria-label"] == told
    assert "Please <b>stop</b>." in as_bob.text
    assert "@ann" not in as_bob.text


def test_the_page_of_an_account_shows_what_only_moderators_know(as_role, logged_in, bob):
    logged_in(bob)
    browser = as_role("moderator")
    browser.open("/admin/accounts?q=bob")
    browser.open(browser.page.select_one(".records .name")["href"])

    assert "bob@mail.example" in browser.text
    assert "192.0.2.1" in browser.text


@pytest.mark.parametrize("path", ["/admin/accounts/1", "/admin/accounts/x", "/admin/reports/1"])
def test_what_is_not_there_is_not_found(as_admin, path):
    assert as_admin.open(path).status_code == 404


def test_nothing_is_offered_about_ones_equals(as_role, database, bob):
    with database.writing() as db:
        accounts.set_role(db, account_id=bob.id, role="moderator")
    browser = as_role("moderator")
    browser.open(f"/admin/accounts/{bob.id}")

    assert [action for action in browser.actions() if action.startswith("/admin")] == []


def test_a_text_that_is_too_long_is_shown_again(as_admin, bob):
    as_admin.open(f"/admin/accounts/{bob.id}")
    response = as_admin.submit(f"/admin/accounts/{bob.id}/act", {"text": "x" * 2001})

    assert (response.status_code, as_admin.value("text")) == (422, "x" * 2001)


def test_a_suspended_account_is_deleted_for_good(database, as_admin, bob):
    as_admin.open(f"/admin/accounts/{bob.id}")
    before = as_admin.actions()
    as_admin.submit(f"/admin/accounts/{bob.id}/act", {"action": "suspend"})
    as_admin.submit(f"/admin/accounts/{bob.id}/delete")

    assert f"/admin/accounts/{bob.id}/delete" not in before
    with database.reading() as db:
        assert credentials.get(db, bob.id) is None


@pytest.mark.parametrize(
    ("action", "typed", "shown"),
    [
        ("networks", {"network": "198.51.100.7", "severity": "no_access", "days": "3"}, "198.51.100.7/32"),
        ("domains", {"domain": "Bad.example"}, "bad.example"),
        ("emails", {"email": "d.ot@mail.example"}, hashlib.sha256(b"dot@mail.example").hexdigest()),
    ],
)
def test_something_is_kept_out_and_let_in_again(as_admin, action, typed, shown):
    as_admin.open("/admin/blocks")
    as_admin.submit(f"/admin/blocks/{action}", typed)
    during = as_admin.text
    [removal] = [path for path in as_admin.actions() if path.endswith("/remove")]
    as_admin.submit(removal)

    assert shown in during
    assert [path for path in as_admin.actions() if path.endswith("/remove")] == []


@pytest.mark.parametrize(
    ("action", "typed", "field"),
    [
        ("networks", {"network": "x"}, "network"),
        ("domains", {"domain": "x"}, "domain"),
        ("emails", {"email": "x"}, "email"),
    ],
)
def test_what_cannot_be_kept_out_is_shown_again_with_the_reason(as_admin, action, typed, field):
    as_admin.open("/admin/blocks")
    response = as_admin.submit(f"/admin/blocks/{action}", typed)

    assert response.status_code == 422
    assert as_admin.page.find(id=f"{field}-problem")
    assert as_admin.value(field) == "x"


def test_decisions_about_servers_are_made_and_taken_back(as_admin):
    as_admin.open("/admin/servers")
    as_admin.submit("/admin/servers/blocks", {"domain": "far.example", "public_comment": "Spam."})
    again = as_admin.submit("/admin/servers/blocks", {"domain": "far.example"})
    as_admin.open("/admin/servers")
    as_admin.submit("/admin/servers/allows", {"domain": "near.example"})
    during = as_admin.text
    for path in [path for path in as_admin.actions() if path.endswith("/remove")]:
        as_admin.submit(path)

    assert again.status_code == 422
    assert "far.example limited. Spam." in during
    assert "near.example" in during
    assert [path for path in as_admin.actions() if path.endswith("/remove")] == []


def test_the_record_tells_who_did_what(as_admin, bob):
    as_admin.open(f"/admin/accounts/{bob.id}")
    as_admin.submit(f"/admin/accounts/{bob.id}/act", {"action": "silence"})
    as_admin.open("/admin/blocks")
    as_admin.submit("/admin/blocks/domains", {"domain": "bad.example"})
    as_admin.open("/admin/rules")
    as_admin.submit("/admin/rules", {"text": "Be kind."})
    as_admin.open("/admin/texts/privacy")
    as_admin.submit("/admin/texts/privacy", {"text": "We keep little."})
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We are open."})
    as_admin.open("/admin/audit")

    assert "@ann limited the account @bob" in as_admin.text
    assert "@ann created the e-mail provider block bad.example" in as_admin.text
    assert "@ann created the rule “Be kind.”" in as_admin.text
    assert "@ann changed the text privacy" in as_admin.text
    assert "@ann created the announcement “We are open.”" in as_admin.text


def test_what_the_command_line_did_is_told_apart(database, as_admin, bob):
    with database.writing() as db:
        commands.suspend(db, now=clock.now(), account_id=bob.id)
        commands.set_role(db, now=clock.now(), account_id=bob.id, role="moderator")
        db.execute(insert(audit_entry).values(id=1, action="delete", target_kind="account", target_name="cho"))
    as_admin.open("/admin/audit")

    assert "The command line suspended the account @bob" in as_admin.text
    assert "The command line changed the role of the account @bob" in as_admin.text
    assert "A deleted user deleted the account @cho" in as_admin.text


def test_refused_sign_ups_are_shown_with_their_provider(database, settings, as_admin):
    as_admin.open("/admin/blocks")
    as_admin.submit("/admin/blocks/domains", {"domain": "bad.example"})
    before = as_admin.text
    with database.writing() as db:
        sign_up_blocks.count_refused(db, now=clock.now(), address="192.0.2.1", email="dot@bad.example")
    as_admin.open("/admin/blocks")

    assert "refused" not in before
    assert "bad.example 1 refused in the last week" in as_admin.text


@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_an_administrator_gives_a_role_and_it_is_recorded(database, as_admin, bob, role):
    as_admin.open(f"/admin/accounts/{bob.id}")
    before = as_admin.value("role")
    as_admin.submit(f"/admin/accounts/{bob.id}/role", {"role": role})
    offered = f"/admin/accounts/{bob.id}/role" in as_admin.actions()
    as_admin.open("/admin/audit")
    recorded = as_admin.text.count("@ann changed the role of the account @bob")
    with database.reading() as db:
        given = credentials.get(db, bob.id).role

    assert (before, given, offered, recorded) == ("", role, role != "admin", 1)


def test_a_role_is_taken_away(database, as_admin, make_account):
    mod = make_account("mod", role="moderator")
    as_admin.open(f"/admin/accounts/{mod.id}")
    as_admin.submit(f"/admin/accounts/{mod.id}/role", {"role": ""})
    again = as_admin.submit(f"/admin/accounts/{mod.id}/role", {"role": ""})
    as_admin.open("/admin/audit")

    assert again.status_code == 200
    assert as_admin.text.count("changed the role") == 1
    with database.reading() as db:
        assert credentials.get(db, mod.id).role == ""


def test_nobody_else_gives_roles_and_nobody_unknown_ones(as_role, make_account, ann, bob):
    boss = make_account("boss", role="admin")
    browser = as_role("admin")
    browser.open(f"/admin/accounts/{bob.id}")
    sent = {"form_token": browser.value("form_token"), "role": "moderator"}
    unknown = browser.submit(f"/admin/accounts/{bob.id}/role", {"role": "owner"}).status_code
    refused = [browser.client.post(f"/admin/accounts/{id}/role", data=sent).status_code for id in (boss.id, ann.id)]
    as_role("moderator")
    browser.open(f"/admin/accounts/{bob.id}")

    assert (unknown, refused) == (422, [403, 403])
    assert f"/admin/accounts/{bob.id}/role" not in browser.actions()
    assert browser.client.post(f"/admin/accounts/{bob.id}/role", data=sent).status_code == 403


def test_the_record_links_to_no_account_that_is_gone(database, as_admin, bob, cho):
    with database.writing() as db:
        commands.suspend(db, now=clock.now(), account_id=bob.id)
        commands.delete(db, now=clock.now(), account_id=cho.id)
    as_admin.open("/admin/audit")
    linked = {link["href"] for link in as_admin.page.select(".list a")}

    assert "deleted the account @cho" in as_admin.text
    assert linked == {f"/admin/accounts/{bob.id}"}
