"""Administration: who may, and what it does."""

import msgspec
import pytest
from sqlalchemy import select, update

from twite_common import clock, outbox
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts import credentials
from twite_common.queries.notifications import mails as mail_queries
from twite_common.services.identity import confirmations, registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.notifications import mails
from twite_common.tables import event, mail

ADMIN_PAGES = ["/admin/blocks", "/admin/servers", "/admin/events", "/admin/mails", "/admin/mails/1", "/admin/mails/log"]
MODERATOR_PAGES = ["/admin", "/admin/accounts", "/admin/waiting", "/admin/reports", "/admin/audit"]
MODERATOR_BUTTONS = [
    "/admin/accounts/{id}/act",
    "/admin/reports/1/assign",
    "/admin/reports/1/unassign",
    "/admin/reports/1/resolve",
    "/admin/reports/1/reopen",
    "/admin/accounts/{id}/suspend",
    "/admin/accounts/{id}/unsuspend",
    "/admin/waiting/{id}/approve",
    "/admin/waiting/{id}/reject",
    "/admin/waiting/approve",
    "/admin/waiting/reject",
    "/admin/reports/resolve",
    "/admin/held/reject",
    "/admin/held/release",
    "/admin/held/1/restore",
    "/admin/accounts/{id}/clear-mail-failure",
]
ADMIN_BUTTONS = [
    "/admin/accounts/{id}/delete",
    "/admin/blocks/networks",
    "/admin/blocks/networks/1/remove",
    "/admin/blocks/domains",
    "/admin/blocks/domains/1/remove",
    "/admin/blocks/emails",
    "/admin/blocks/emails/1/remove",
    "/admin/servers/blocks",
    "/admin/servers/blocks/1/remove",
    "/admin/servers/allows",
    "/admin/servers/allows/1/remove",
    "/admin/events/{id}/retry",
    "/admin/events/retry",
    "/admin/checklist/dismissed",
    "/admin/events/{id}/drop",
    "/admin/mails",
    "/admin/mails/check",
    "/admin/mails/clear-failures",
    "/admin/content-rules",
    "/admin/content-rules/1",
    "/admin/content-rules/1/remove",
    "/admin/content-rules/1/switch",
    "/admin/content-rules/1/try",
    "/admin/domain-lists",
    "/admin/domain-lists/1/automatic",
    "/admin/domain-lists/1/fetch",
    "/admin/domain-lists/1/remove",
    "/admin/domain-lists/1/take",
]


@pytest.fixture
def waiting(database, settings):
    """Somebody who pending approval."""
    settings = msgspec.structs.replace(settings, registration="approval")
    form = SignUp(username="dot", email="dot@mail.example", password_hash="x", reason="I <b>like</b> it.")
    with database.writing() as db:
        registrations.add(db, settings, now=clock.now(), sign_up=form)
        id = credentials.by_login(db, "dot").account_id
        confirmations.confirm(db, now=clock.now(), account_id=id)
    return id


@pytest.fixture
def parked(database):
    """An event that is no longer tried."""
    with database.writing() as db:
        id = outbox.add(db, "post.deliver", now=clock.now(), post_id=1)
        db.execute(update(event).values(parked_at=clock.now(), attempts=8, error="It <b>broke</b>."))
    return id


def suspended(database, person):
    with database.reading() as db:
        return account_queries.get(db, person.id).suspended_at is not None


@pytest.mark.parametrize("path", MODERATOR_PAGES + ADMIN_PAGES)
def test_pages_are_refused_to_strangers_and_members(stranger, as_ann, path):
    stranger.open(path)

    assert stranger.path == "/login"
    assert as_ann.open(path).status_code == 403


@pytest.mark.parametrize("path", MODERATOR_PAGES)
def test_moderators_see_theirs(as_role, path):
    assert as_role("moderator").open(path).status_code == 200


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_moderators_do_not_see_the_administrators(as_role, path):
    assert as_role("moderator").open(path).status_code == 403


@pytest.mark.parametrize(
    ("role", "path"),
    [("", path) for path in MODERATOR_BUTTONS + ADMIN_BUTTONS] + [("moderator", path) for path in ADMIN_BUTTONS],
)
def test_buttons_work_for_nobody_else(database, as_role, bob, path, role):
    browser = as_role(role)
    browser.open("/settings")
    sent = {"form_token": browser.value("form_token"), "address": "x@mail.example"}
    response = browser.client.post(path.format(id=bob.id), data=sent)

    assert response.status_code == 403
    assert not suspended(database, bob)


def test_accounts_are_found_by_name_and_address(as_admin, bob, cho):
    as_admin.open("/admin/accounts")
    all_text = as_admin.text
    as_admin.open("/admin/accounts?q=bo")
    by_name = as_admin.text
    as_admin.open("/admin/accounts?q=CHO@mail")

    assert "@bob" in all_text
    assert "@cho" in all_text
    assert "bob@mail.example" in by_name
    assert "@cho" not in by_name
    assert "@cho" in as_admin.text
    assert "@bob" not in as_admin.text


@pytest.mark.parametrize("q", ["%", "_", "\\", "\0", "' OR 1=1 --", "x" * 3000])
def test_a_search_takes_what_is_typed_literally(as_admin, q):
    response = as_admin.client.get("/admin/accounts", params={"q": q})

    assert response.status_code == 200
    assert "No matching accounts." in response.text


def test_the_list_of_accounts_goes_on_by_name(as_admin, make_account):
    for n in range(52):
        make_account(f"many{n:02}")
    as_admin.open("/admin/accounts?q=many")
    first = as_admin.text
    as_admin.open(as_admin.page.find("a", rel="next")["href"])

    assert "@many49" in first
    assert "@many50" not in first
    assert "@many50" in as_admin.text
    assert as_admin.page.find("a", rel="next") is None


def test_an_account_is_suspended_and_shown_again(database, as_admin, bob):
    as_admin.open("/admin/accounts?q=bob")
    as_admin.submit(f"/admin/accounts/{bob.id}/suspend")
    was_suspended, page = suspended(database, bob), as_admin.text
    as_admin.submit(f"/admin/accounts/{bob.id}/unsuspend")

    assert was_suspended
    assert "The account has been suspended." in page
    assert as_admin.page.select_one("main [name=q]")["value"] == "bob"
    assert not suspended(database, bob)


def test_nobody_suspends_themselves_and_no_button_offers_it(database, as_admin, ann):
    as_admin.open("/admin/accounts?q=ann")
    actions = as_admin.actions()
    token = as_admin.open("/settings") and as_admin.value("form_token")
    response = as_admin.client.post(f"/admin/accounts/{ann.id}/suspend", data={"form_token": token})

    assert not [action for action in actions if action.endswith("suspend")]
    assert response.status_code == 403
    assert not suspended(database, ann)


def test_somebody_who_waits_is_let_in_and_told(database, as_admin, waiting):
    as_admin.open("/admin/waiting")
    shown = as_admin.text
    as_admin.submit(f"/admin/waiting/{waiting}/approve")

    assert "I <b>like</b> it." in shown
    assert "No pending accounts." in as_admin.text
    with database.reading() as db:
        assert credentials.get(db, waiting).approved_at is not None
        assert db.scalars(select(mail.c.kind).order_by(mail.c.id)).all()[-1] == "approved"


def test_somebody_who_waits_is_refused_and_their_account_deleted(database, as_admin, waiting):
    as_admin.open("/admin/waiting")
    as_admin.submit(f"/admin/waiting/{waiting}/reject")

    with database.reading() as db:
        assert credentials.get(db, waiting) is None


def test_somebody_who_is_in_is_not_deleted_by_refusing(database, as_admin, bob):
    as_admin.open("/settings")
    token = as_admin.value("form_token")
    response = as_admin.client.post(f"/admin/waiting/{bob.id}/reject", data={"form_token": token})

    assert response.status_code == 403
    with database.reading() as db:
        assert credentials.get(db, bob.id) is not None


def test_a_parked_event_is_tried_again(database, as_admin, parked):
    as_admin.open("/admin/events")
    shown = as_admin.text
    as_admin.submit(f"/admin/events/{parked}/retry")

    assert "It <b>broke</b>." in shown
    with database.reading() as db:
        [found] = outbox.pending(db)
    assert (found.parked_at, found.attempts) == (None, 0)


def test_a_parked_event_is_dropped(database, as_admin, parked):
    as_admin.open("/admin/events")
    as_admin.submit(f"/admin/events/{parked}/drop")

    with database.reading() as db:
        assert outbox.pending(db) == []


@pytest.mark.parametrize("id", ["0", "-1", "x", "9" * 30])
@pytest.mark.parametrize("action", ["retry", "drop"])
def test_an_event_that_is_not_there_is_not_found(as_admin, parked, id, action):
    as_admin.open("/admin/events")
    token = as_admin.value("form_token")

    assert as_admin.client.post(f"/admin/events/{id}/{action}", data={"form_token": token}).status_code == 404


def test_a_test_mail_is_written_down_and_its_page_says_what_became_of_it(database, as_admin, ann):
    as_admin.open("/admin/mails")
    offered = as_admin.value("address")
    as_admin.submit("/admin/mails", {"address": "far@mail.example"})
    page, waits = as_admin.path, as_admin.text
    with database.writing() as db:
        db.execute(update(mail).values(state="parked", error="550 No such <user>."))
    as_admin.open(page)

    assert offered == ann.email
    assert "waiting to be sent" in waits
    assert "failed" in as_admin.text
    assert "550 No such <user>." in as_admin.text


@pytest.mark.parametrize("address", ["", "x", "x@y\nBcc: z@mail.example", "a\0b@mail.example"])
def test_a_test_mail_to_what_is_no_address_is_refused(database, as_admin, address):
    as_admin.open("/admin/mails")
    response = as_admin.submit("/admin/mails", {"address": address})

    assert response.status_code == 422
    assert as_admin.page.find(id="address-problem")
    with database.reading() as db:
        assert db.scalars(select(mail.c.id)).all() == []


@pytest.fixture
def refused(database, bob):
    """Bob's address, which the mail server refused again and again."""
    for days in (3, 1, 0):
        now = clock.now() - days * clock.DAY
        with database.writing() as db:
            id = mails.add(db, "notifications", now=now, address=bob.email, account_id=bob.id)
            mails.refuse(db, now=now, sending=mails.claim(db, now=now, mail_id=id), error="550 Gone.")
            mails.sent(db, now=now, mail_id=mails.add(db, "test", now=now + 1, address="other@mail.example"))


def takes_mail(database, person):
    with database.reading() as db:
        return credentials.get(db, person.id).mail_failed_at is None


@pytest.mark.usefixtures("refused")
def test_mails_that_failed_and_addresses_that_take_none_are_listed(as_admin):
    as_admin.open("/admin/mails")

    assert "notifications to bob@mail.example 550 Gone." in as_admin.text
    assert "@bob bob@mail.example 550 Gone." in as_admin.text


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    ("page", "button"),
    [
        ("/admin/mails", "/admin/mails/clear-failures"),
        ("/admin/accounts/{id}", "/admin/accounts/{id}/clear-mail-failure"),
    ],
)
def test_a_click_has_mail_sent_again_and_is_recorded(database, as_admin, bob, page, button):
    before = takes_mail(database, bob)
    as_admin.open(page.format(id=bob.id))
    as_admin.submit(button.format(id=bob.id), {})
    shown = as_admin.text
    as_admin.open("/admin/audit")

    assert (before, takes_mail(database, bob)) == (False, True)
    assert "Mail has been resumed." in shown
    assert "resumed mail to" in as_admin.text


@pytest.mark.usefixtures("refused")
def test_a_member_whose_address_takes_no_mail_is_told_and_has_it_tried(database, as_bob, bob):
    told = []
    for page in ("/settings", "/settings/account", "/settings/mail"):
        as_bob.open(page)
        told.append("Your mail doesn't arrive." in as_bob.text)
    as_bob.submit("/settings/account/email/try", {})
    with database.writing() as db:
        [tried] = mail_queries.latest(db, bob.id, "confirm")
        mails.sent(db, now=clock.now(), mail_id=tried.id)
    as_bob.open("/settings/account")

    assert told == [True, True, True]
    assert (tried.state, tried.details()["again"]) == ("due", True)
    assert "Your mail doesn't arrive." not in as_bob.text
