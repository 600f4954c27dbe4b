"""The API of those who look after the site: who may, and what it does."""

import pytest
from sqlalchemy import select, update

from twite_common import clock
from twite_common.queries import viewers
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import accounts
from twite_common.services.identity import registrations, sessions
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import warning_presets
from twite_common.tables import audit_entry
from twite_common.tables import credentials as credentials_table

ADMIN = "/api/v1/admin"
SCOPES = "read write admin:read admin:write"
DAYS = {"start_at": "2026-01-01", "end_at": "2026-01-02"}
# Every endpoint, the scope that it needs, and the permission.
READS = {
    "/api/v1/admin/accounts": "accounts manage_users",
    "/api/v2/admin/accounts": "accounts manage_users",
    "/api/v1/admin/accounts/{bob}": "accounts manage_users",
    "/api/v1/admin/reports": "reports manage_reports",
    "/api/v1/admin/reports/{report}": "reports manage_reports",
    "/api/v1/admin/domain_allows": "domain_allows manage_federation",
    "/api/v1/admin/domain_allows/1": "domain_allows manage_federation",
    "/api/v1/admin/domain_blocks": "domain_blocks manage_federation",
    "/api/v1/admin/domain_blocks/1": "domain_blocks manage_federation",
    "/api/v1/admin/email_domain_blocks": "email_domain_blocks manage_blocks",
    "/api/v1/admin/email_domain_blocks/1": "email_domain_blocks manage_blocks",
    "/api/v1/admin/canonical_email_blocks": "canonical_email_blocks manage_blocks",
    "/api/v1/admin/canonical_email_blocks/1": "canonical_email_blocks manage_blocks",
    "/api/v1/admin/ip_blocks": "ip_blocks manage_blocks",
    "/api/v1/admin/ip_blocks/1": "ip_blocks manage_blocks",
}
ACCOUNT_ACTIONS = ["approve", "reject", "enable", "unsilence", "unsuspend", "unsensitive", "action"]
REPORT_ACTIONS = ["assign_to_self", "unassign", "resolve", "reopen"]
WRITES = {
    **{f"POST /api/v1/admin/accounts/{{bob}}/{name}": "accounts manage_users" for name in ACCOUNT_ACTIONS},
    "DELETE /api/v1/admin/accounts/{bob}": "accounts delete_user_data",
    **{f"POST /api/v1/admin/reports/{{report}}/{name}": "reports manage_reports" for name in REPORT_ACTIONS},
    "PUT /api/v1/admin/reports/{report}": "reports manage_reports",
    "POST /api/v1/admin/domain_allows": "domain_allows manage_federation",
    "DELETE /api/v1/admin/domain_allows/1": "domain_allows manage_federation",
    "POST /api/v1/admin/domain_blocks": "domain_blocks manage_federation",
    "PUT /api/v1/admin/domain_blocks/1": "domain_blocks manage_federation",
    "DELETE /api/v1/admin/domain_blocks/1": "domain_blocks manage_federation",
    "POST /api/v1/admin/email_domain_blocks": "email_domain_blocks manage_blocks",
    "DELETE /api/v1/admin/email_domain_blocks/1": "email_domain_blocks manage_blocks",
    "POST /api/v1/admin/canonical_email_blocks": "canonical_email_blocks manage_blocks",
    "DELETE /api/v1/admin/canonical_email_blocks/1": "canonical_email_blocks manage_blocks",
    "POST /api/v1/admin/ip_blocks": "ip_blocks manage_blocks",
    "PUT /api/v1/admin/ip_blocks/1": "ip_blocks manage_blocks",
    "DELETE /api/v1/admin/ip_blocks/1": "ip_blocks manage_blocks",
}
NUMBERS = {f"POST /api/v1/admin/{name}": " view_dashboard" for name in ("measures", "dimensions", "retention")}
MODERATES = {"manage_users", "manage_reports", "view_dashboard"}
VALID = {
    "type": "none",
    "domain": "bad.example",
    "email": "x@mail.example",
    "ip": "192.0.2.9",
    "severity": "sign_up_block",
    **DAYS,
}


@pytest.fixture
def as_role(database, api, ann):
    def as_role(role, scopes=SCOPES):
        with database.writing() as db:
            accounts.set_role(db, account_id=ann.id, role=role)
        return api(ann, scopes)

    return as_role


@pytest.fixture
def as_admin(as_role):
    return as_role("admin")


@pytest.fixture
def make_report(api, cho, bob):
    """Have Cho report Bob and return the answer."""
    client = api(cho)

    def make_report(**given):
        return client.post("/api/v1/reports", json={"account_id": str(bob.id), **given}).json()

    return make_report


@pytest.fixture
def ask(bob, make_report):
    """Ask for everything here that somebody looks after the site with; return what was answered, by route."""
    names = {"bob": bob.id, "report": make_report()["id"]}

    def ask(client, routes):
        answers = {}
        for route in routes:
            method, path = route.split(" ") if " " in route else ("GET", route)
            given = VALID | {"severity": "suspend"} if "domain_blocks" in path else VALID
            answers[route] = client.request(method, path.format(**names), json=None if method == "GET" else given)
        return answers

    return ask


ALL = READS | WRITES | NUMBERS


def test_strangers_and_members_look_after_nothing(ask, stranger, as_role, database):
    by_strangers = ask(stranger, ALL)
    by_members = ask(as_role(""), ALL)

    assert {answer.status_code for answer in by_strangers.values()} == {401}
    assert {answer.status_code for answer in by_members.values()} == {403}
    with database.reading() as db:
        assert db.execute(select(audit_entry)).all() == []


def test_moderators_are_refused_what_only_administrators_may(ask, as_role):
    answers = ask(as_role("moderator"), ALL)

    refused = {route for route, answer in answers.items() if "This action is not allowed" in answer.text}
    assert refused == {route for route, needs in ALL.items() if needs.split()[-1] not in MODERATES}


def test_administrators_may_do_everything(ask, as_admin):
    answers = ask(as_admin, ALL)

    assert [route for route, answer in answers.items() if "This action is not allowed" in answer.text] == []
    assert {answer.status_code for answer in answers.values()} == {200, 403, 404}


@pytest.mark.parametrize(("kind", "routes"), [("read", READS), ("write", WRITES)])
def test_each_route_needs_its_own_scope(ask, as_role, kind, routes):
    everything = {needs.split()[0] for needs in routes.values()}
    for subject in everything:
        others = " ".join(f"admin:{kind}:{other}" for other in everything - {subject})
        mine = [route for route, needs in routes.items() if needs.split()[0] == subject]
        answers = ask(as_role("admin", f"read write {others}"), mine)

        assert {answer.json()["error"] for answer in answers.values()} == {
            "This action is outside the authorized scopes"
        }


def test_an_account_is_shown_with_what_only_administrators_know(database, as_admin, logged_in, bob):
    logged_in(bob)
    with database.writing() as db:
        db.execute(
            update(credentials_table)
            .where(credentials_table.c.account_id == bob.id)
            .values(sign_up_address="198.51.100.1", reason="I like it.")
        )
    made = as_admin.get(f"{ADMIN}/accounts/{bob.id}").json()

    assert made.pop("account")["acct"] == "bob"
    assert made.pop("ips")[0]["ip"] == "192.0.2.1"
    assert made.pop("role")["id"] == "-99"
    assert made.pop("created_at")
    assert made == {
        "id": str(bob.id),
        "username": "bob",
        "domain": None,
        "email": "bob@mail.example",
        "ip": "192.0.2.1",
        "locale": None,
        "invite_request": "I like it.",
        "confirmed": True,
        "approved": True,
        "disabled": False,
        "silenced": False,
        "suspended": False,
        "sensitized": False,
    }


@pytest.mark.parametrize("id", ["1", "x", "0", "9" * 30])
def test_an_account_or_report_that_is_not_there_is_not_found(as_admin, id):
    for path in (f"accounts/{id}", f"reports/{id}"):
        assert as_admin.get(f"{ADMIN}/{path}").status_code == 404
    assert as_admin.post(f"{ADMIN}/accounts/{id}/action", json={"type": "none"}).status_code == 404


@pytest.fixture
def people(database, settings, as_admin, ann, bob, cho, make_account):
    """Bob is suspended, Cho limited and somebody waits; Dot is a moderator who was invited by Bob.

    Ann, Bob and Cho have logged in from somewhere; what is known of Dot is no address.
    """
    with database.writing() as db:
        for person, address in ((ann, "192.0.2.1"), (bob, "::ffff:203.0.113.9"), (cho, "2001:db8:8000::1")):
            sessions.start(db, settings, now=clock.now(), account_id=person.id, address=address, browser="")
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/action", json={"type": "suspend"})
    as_admin.post(f"{ADMIN}/accounts/{cho.id}/action", json={"type": "silence"})
    dot = make_account("dot", role="moderator")
    form = SignUp(username="eve", email="eve@elsewhere.example", password_hash="x", address="198.51.100.1")
    with database.writing() as db:
        eve_id = registrations.create(db, now=clock.now(), sign_up=form, smtp_utf8=False)
        db.execute(update(credentials_table).where(credentials_table.c.account_id == eve_id).values(approved_at=None))
        db.execute(
            update(credentials_table)
            .where(credentials_table.c.account_id == dot.id)
            .values(invited_by_account_id=bob.id, sign_up_address="unknown")
        )
    as_admin.patch("/api/v1/accounts/update_credentials", json={"display_name": "Anna"})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("v1/admin/accounts", "eve dot cho bob ann"),
        ("v1/admin/accounts?suspended=true", "bob"),
        ("v1/admin/accounts?silenced=1", "cho"),
        ("v1/admin/accounts?pending=true", "eve"),
        ("v1/admin/accounts?active=true", "eve dot cho ann"),
        ("v1/admin/accounts?disabled=true", ""),
        ("v1/admin/accounts?sensitized=true", ""),
        ("v1/admin/accounts?staff=true", "dot ann"),
        ("v1/admin/accounts?staff=true&suspended=true", ""),
        ("v1/admin/accounts?username=DO", "dot"),
        ("v1/admin/accounts?username=%25", ""),
        ("v1/admin/accounts?display_name=ann", "ann"),
        ("v1/admin/accounts?email=eve@else", "eve"),
        ("v1/admin/accounts?ip=198.51.100.1", "eve"),
        ("v1/admin/accounts?ip=198.51.100.2", ""),
        ("v1/admin/accounts?ip=198.51.100.0/24", "eve"),
        ("v1/admin/accounts?ip=198.51.100.1/25", "eve"),
        ("v1/admin/accounts?ip=198.51.100.128/25", ""),
        ("v2/admin/accounts?ip=192.0.2.0/30", "ann"),
        ("v2/admin/accounts?ip=192.0.2.4/30", ""),
        ("v2/admin/accounts?ip=2001:db8::/32", "cho"),
        ("v2/admin/accounts?ip=2001:db8::/33", ""),
        ("v2/admin/accounts?ip=0.0.0.0/0", "eve bob ann"),
        ("v2/admin/accounts?ip=::/0", "cho"),
        ("v1/admin/accounts?ip=198.51.100.0/33", ""),
        ("v1/admin/accounts?ip=%00", ""),
        ("v1/admin/accounts?remote=true", ""),
        ("v1/admin/accounts?local=true", "eve dot cho bob ann"),
        ("v1/admin/accounts?by_domain=elsewhere.example", ""),
        ("v1/admin/accounts?limit=1", "eve"),
        ("v2/admin/accounts?status=suspended", "bob"),
        ("v2/admin/accounts?status=pending&origin=local", "eve"),
        ("v2/admin/accounts?origin=remote", ""),
        ("v2/admin/accounts?permissions=staff", "dot ann"),
        ("v2/admin/accounts?role_ids[]=1", "ann"),
        ("v2/admin/accounts?role_ids[]=1&role_ids[]=2", "dot ann"),
        ("v2/admin/accounts?role_ids[]=77", ""),
        ("v2/admin/accounts?invited_by={bob}", "dot"),
        ("v2/admin/accounts?username=b&email=bob", "bob"),
    ],
)
def test_accounts_are_found_by_what_they_are(people, as_admin, bob, path, found):
    made = as_admin.get(f"/api/{path.format(bob=bob.id)}").json()

    assert [one["username"] for one in made] == found.split()


def test_the_list_of_accounts_goes_on_by_its_link(people, as_admin):
    first = as_admin.get(f"{ADMIN}/accounts?limit=2&username=")
    second = as_admin.get(first.links["next"]["url"])

    assert [one["username"] for one in first.json() + second.json()] == ["eve", "dot", "cho", "bob"]


def test_an_unknown_status_is_refused(as_admin):
    assert as_admin.get("/api/v2/admin/accounts?status=grumpy").status_code == 400


@pytest.mark.parametrize(
    ("action", "member", "undo"),
    [
        ("disable", "disabled", "enable"),
        ("sensitive", "sensitized", "unsensitive"),
        ("silence", "silenced", "unsilence"),
        ("suspend", "suspended", "unsuspend"),
    ],
)
def test_something_is_done_about_an_account_and_taken_back(as_admin, bob, action, member, undo):
    path = f"{ADMIN}/accounts/{bob.id}"
    answer = as_admin.post(f"{path}/action", data={"type": action, "text": "Stop it."})
    during = as_admin.get(path).json()
    after = as_admin.post(f"{path}/{undo}").json()

    assert (answer.status_code, answer.json()) == (200, {})
    assert (during[member], after[member]) == (True, False)


@pytest.mark.parametrize(
    ("given", "status"), [({}, 400), ({"type": "banish"}, 422), ({"type": "none", "text": "\0"}, 422)]
)
def test_an_action_that_makes_no_sense_is_refused(as_admin, bob, given, status):
    assert as_admin.post(f"{ADMIN}/accounts/{bob.id}/action", json=given).status_code == status


def test_a_disabled_account_can_do_nothing_and_be_used_again(as_admin, as_bob, logged_in, bob):
    browser = logged_in(bob)
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/action", json={"type": "disable"})
    refused = as_bob.get("/api/v1/timelines/home")
    browser.open("/notifications")
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/enable")

    assert (refused.status_code, refused.json()["error"]) == (403, "Your login is currently disabled")
    assert browser.path == "/login"
    assert as_bob.get("/api/v1/timelines/home").status_code == 200


def test_posts_of_a_limited_account_leave_the_lists_that_everybody_sees(as_admin, stranger, bob, make_post):
    make_post(bob, "before #birds")
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/action", json={"type": "silence"})
    make_post(bob, "after #birds")

    for path in ("timelines/public", "timelines/tag/birds"):
        assert stranger.get(f"/api/v1/{path}").json() == []
    shown = stranger.get(f"/api/v1/accounts/{bob.id}/statuses").json()
    assert [status["visibility"] for status in shown] == ["unlisted", "public"]
    assert stranger.get(f"/api/v1/accounts/{bob.id}").json()["limited"] is True


def test_posts_of_an_account_marked_sensitive_are_shown_so(as_admin, stranger, bob, make_post):
    path = f"/api/v1/statuses/{make_post(bob)}"
    before = stranger.get(path).json()["sensitive"]
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/action", json={"type": "sensitive"})
    during = stranger.get(path).json()["sensitive"]
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/unsensitive")

    assert (before, during, stranger.get(path).json()["sensitive"]) == (False, True, False)


def test_who_is_warned_reads_it_among_the_notifications(as_admin, as_bob, bob, make_post, make_report):
    post_id = make_post(bob)
    report_id = make_report(status_ids=[str(post_id)])["id"]
    as_admin.post(
        f"{ADMIN}/accounts/{bob.id}/action", json={"type": "none", "text": "Be kind.", "report_id": report_id}
    )
    [told] = as_bob.get("/api/v1/notifications").json()
    [group] = as_bob.get("/api/v2/notifications").json()["notification_groups"]

    warning = told["moderation_warning"]
    assert (told["type"], told["account"]["acct"]) == ("moderation_warning", "bob")
    assert (warning["action"], warning["text"], warning["status_ids"]) == ("none", "Be kind.", [str(post_id)])
    assert (warning["target_account"]["acct"], warning["appeal"]) == ("bob", None)
    assert group["moderation_warning"] == warning


def test_a_suspended_account_is_deleted_for_good(database, as_admin, bob):
    path = f"{ADMIN}/accounts/{bob.id}"
    too_early = as_admin.delete(path)
    as_admin.post(f"{path}/action", json={"type": "suspend"})
    answer = as_admin.delete(path)

    assert (too_early.status_code, answer.status_code) == (403, 200)
    assert answer.json()["username"] == "bob"
    with database.reading() as db:
        assert credentials.get(db, bob.id) is None


def test_somebody_who_waits_is_let_in_and_another_is_refused(database, as_admin, bob, cho):
    with database.writing() as db:
        db.execute(
            update(credentials_table)
            .where(credentials_table.c.account_id.in_([bob.id, cho.id]))
            .values(approved_at=None)
        )
    approved = as_admin.post(f"{ADMIN}/accounts/{bob.id}/approve").json()
    rejected = as_admin.post(f"{ADMIN}/accounts/{cho.id}/reject").json()

    assert (approved["approved"], rejected["username"]) == (True, "cho")
    assert as_admin.get(f"{ADMIN}/accounts/{cho.id}").status_code == 404
    for name in ("approve", "reject"):
        assert as_admin.post(f"{ADMIN}/accounts/{bob.id}/{name}").status_code == 403


def test_a_report_is_answered_and_told_to_moderators(as_admin, as_bob, bob, cho, make_post, make_report):
    post_id = make_post(bob)
    made = make_report(status_ids=[str(post_id)], comment="Rude.", category="spam", forward=True)
    [told] = as_admin.get("/api/v1/notifications").json()
    [group] = as_admin.get("/api/v2/notifications").json()["notification_groups"]

    assert made.pop("target_account")["acct"] == "bob"
    assert made.pop("created_at")
    assert made == {
        "id": told["report"]["id"],
        "action_taken": False,
        "action_taken_at": None,
        "category": "spam",
        "comment": "Rude.",
        "forwarded": False,
        "status_ids": [str(post_id)],
        "rule_ids": [],
    }
    assert (told["type"], told["account"]["acct"]) == ("admin.report", "cho")
    assert group["report"] == told["report"]


def test_who_is_no_moderator_any_more_is_told_of_no_report(as_admin, as_role, make_report):
    make_report()
    before = as_admin.get("/api/v1/notifications").json()
    client = as_role("")

    assert len(before) == 1
    assert client.get("/api/v1/notifications").json() == []
    assert client.get("/api/v2/notifications").json()["notification_groups"] == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"account_id": "1"}, 404),
        ({"account_id": ""}, 404),
        ({"category": "boring"}, 422),
        ({"comment": "x" * 1001}, 422),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(as_cho, bob, given, status):
    assert as_cho.post("/api/v1/reports", json={"account_id": str(bob.id), **given}).status_code == status


def test_a_report_needs_its_scope(api, cho, stranger, bob):
    given = {"account_id": str(bob.id)}

    assert stranger.post("/api/v1/reports", json=given).status_code == 401
    assert api(cho, "read").post("/api/v1/reports", json=given).status_code == 403


def test_a_report_is_seen_with_its_posts_whomever_they_were_for(as_admin, bob, make_post, make_report):
    post_id = make_post(bob, "@cho come", visibility="mentioned")
    id = make_report(status_ids=[str(post_id)])["id"]
    one = as_admin.get(f"{ADMIN}/reports/{id}").json()
    as_admin.post(f"{ADMIN}/accounts/{bob.id}/action", json={"type": "suspend"})

    assert [status["id"] for status in one["statuses"]] == [str(post_id)]
    assert (one["account"]["username"], one["target_account"]["username"]) == ("cho", "bob")
    assert as_admin.get(f"{ADMIN}/reports/{id}").json()["statuses"][0]["id"] == str(post_id)
    assert as_admin.get(f"/api/v1/statuses/{post_id}").status_code == 404


def test_a_report_is_taken_on_and_settled(as_admin, make_report):
    path = f"{ADMIN}/reports/{make_report()['id']}"
    assigned = as_admin.post(f"{path}/assign_to_self").json()
    resolved = as_admin.post(f"{path}/resolve").json()
    listed = [as_admin.get(f"{ADMIN}/reports{query}").json() for query in ("", "?resolved=true")]
    reopened = as_admin.post(f"{path}/reopen").json()
    changed = as_admin.put(path, json={"category": "spam"}).json()

    assert assigned["assigned_account"]["username"] == resolved["action_taken_by_account"]["username"] == "ann"
    assert (resolved["action_taken"], reopened["action_taken"], changed["category"]) == (True, False, "spam")
    assert [len(found) for found in listed] == [0, 1]
    assert as_admin.post(f"{path}/unassign").json()["assigned_account"] is None
    assert as_admin.patch(path, json={"category": "boring"}).status_code == 422


def test_reports_are_found_by_whom_they_are_about(as_admin, bob, cho, make_report):
    make_report()
    found = {
        query: len(as_admin.get(f"{ADMIN}/reports?{query}").json())
        for query in (
            f"target_account_id={bob.id}",
            f"account_id={cho.id}",
            f"target_account_id={cho.id}",
            "by_target_domain=far.example",
            "resolved=true&unresolved=true",
        )
    }

    assert list(found.values()) == [1, 1, 0, 0, 1]


def test_a_warning_takes_a_text_that_stands_ready(database, as_admin, ann, bob, as_bob):
    with database.writing() as db:
        viewer = viewers.by_account(db, ann.id)
        id = warning_presets.add(db, now=clock.now(), viewer=viewer, title="Spam", words="Please don't advertise.")
    path, sent = f"{ADMIN}/accounts/{bob.id}/action", {"type": "none", "text": "Thank you."}
    done = as_admin.post(path, json={**sent, "warning_preset_id": str(id)})
    wrong = as_admin.post(path, json={**sent, "warning_preset_id": "17"})
    told = [one["moderation_warning"]["text"] for one in as_bob.get("/api/v1/notifications").json()]

    assert (done.status_code, wrong.status_code) == (200, 404)
    assert told == ["Please don't advertise.\n\nThank you."]
