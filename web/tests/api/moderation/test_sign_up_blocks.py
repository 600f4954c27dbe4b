"""Who is kept out, through the API of administrators."""

import hashlib

import pytest

from twite_common import clock
from twite_common.services.accounts import accounts
from twite_common.services.moderation import sign_up_blocks

ADMIN = "/api/v1/admin"


@pytest.fixture
def as_admin(database, api, ann):
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
    return api(ann, "read write admin:read admin:write")


@pytest.mark.parametrize(
    ("path", "given", "shown"),
    [
        ("domain_allows", {"domain": "Far.example"}, {"domain": "far.example"}),
        (
            "domain_blocks",
            {"domain": "far.example", "severity": "suspend", "obfuscate": "true", "public_comment": "Spam."},
            {
                "domain": "far.example",
                "digest": hashlib.sha256(b"far.example").hexdigest(),
                "severity": "suspend",
                "reject_media": False,
                "reject_reports": False,
                "private_comment": None,
                "public_comment": "Spam.",
                "obfuscate": True,
            },
        ),
        ("email_domain_blocks", {"domain": "bad.example"}, {"domain": "bad.example"}),
        (
            "canonical_email_blocks",
            {"email": "D.ot+x@mail.example"},
            {"canonical_email_hash": hashlib.sha256(b"dot@mail.example").hexdigest()},
        ),
        (
            "ip_blocks",
            {"ip": "198.51.100.7/24", "severity": "sign_up_block", "comment": "Spam."},
            {"ip": "198.51.100.0/24", "severity": "sign_up_block", "comment": "Spam.", "expires_at": None},
        ),
    ],
)
def test_what_is_kept_out_is_listed_and_let_in_again(as_admin, path, given, shown):
    made = as_admin.post(f"{ADMIN}/{path}", data=given)
    one = f"{ADMIN}/{path}/{made.json()['id']}"
    listed, alone = as_admin.get(f"{ADMIN}/{path}"), as_admin.get(one)
    removed = as_admin.delete(one)

    assert made.status_code == 200
    assert {name: made.json()[name] for name in shown} == shown
    assert listed.json() == [made.json()] == [alone.json()]
    assert made.json().keys() - shown.keys() <= {"id", "created_at", "history"}
    assert (removed.status_code, removed.json()) == (200, {})
    assert as_admin.get(f"{ADMIN}/{path}").json() == []
    assert as_admin.get(one).status_code == as_admin.delete(one).status_code == 404


@pytest.mark.parametrize("seconds", [10**12, 10**18, -(10**18)])
def test_a_network_is_kept_out_for_any_time(as_admin, seconds):
    sent = {"ip": "198.51.100.7", "severity": "no_access", "expires_in": seconds}
    made = as_admin.post(f"{ADMIN}/ip_blocks", json=sent)

    assert made.status_code == 200
    assert (made.json()["expires_at"] > "2100") == (seconds > 0)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("domain_allows", {"domain": "x"}),
        ("domain_blocks", {"domain": ""}),
        ("domain_blocks", {"domain": "far.example", "severity": "shouted_at"}),
        ("email_domain_blocks", {}),
        ("canonical_email_blocks", {}),
        ("canonical_email_blocks", {"canonical_email_hash": "abc"}),
        ("ip_blocks", {"ip": "198.51.100.7"}),
        ("ip_blocks", {"severity": "no_access"}),
        ("ip_blocks", {"ip": "x", "severity": "no_access"}),
        ("ip_blocks", {"ip": "198.51.100.7", "severity": "shouted_at"}),
        ("ip_blocks", {"ip": "198.51.100.7", "severity": "no_access", "expires_in": "x"}),
    ],
)
def test_what_cannot_be_kept_out_is_refused(as_admin, path, given):
    assert as_admin.post(f"{ADMIN}/{path}", json=given).status_code == 422
    assert as_admin.get(f"{ADMIN}/{path}").json() == []


@pytest.mark.parametrize(
    ("domain", "severity", "status"),
    [
        ("far.example", "suspend", 422),
        ("deep.far.example", "noop", 422),
        ("deep.far.example", "silence", 422),
        ("deep.far.example", "suspend", 200),
        ("other.example", "noop", 200),
    ],
)
def test_a_server_that_is_kept_out_as_far_already_is_named(as_admin, domain, severity, status):
    known = as_admin.post(f"{ADMIN}/domain_blocks", json={"domain": "far.example"}).json()
    answer = as_admin.post(f"{ADMIN}/domain_blocks", json={"domain": domain, "severity": severity})

    assert answer.status_code == status
    assert answer.json().get("existing_domain_block") == (known if status == 422 else None)


def test_allowing_a_server_twice_changes_nothing(as_admin):
    first, second = (as_admin.post(f"{ADMIN}/domain_allows", json={"domain": "far.example"}).json() for _ in "ab")

    assert first == second


@pytest.mark.parametrize(
    ("path", "given", "change"),
    [
        ("domain_blocks", {"domain": "far.example", "reject_media": True}, {"severity": "noop"}),
        (
            "ip_blocks",
            {"ip": "198.51.100.7", "severity": "sign_up_block", "comment": "Spam."},
            {"comment": "More spam."},
        ),
        ("ip_blocks", {"ip": "198.51.100.7", "severity": "sign_up_block"}, {"severity": "sign_up_requires_approval"}),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_is_left_out_of_a_change_stays(as_admin, method, path, given, change):
    made = as_admin.post(f"{ADMIN}/{path}", json=given).json()
    changed = as_admin.request(method, f"{ADMIN}/{path}/{made['id']}", json=change)

    assert changed.json() == made | change
    assert as_admin.request(method, f"{ADMIN}/{path}/1", json=change).status_code == 404


def test_an_address_is_tested_against_the_blocks(as_admin):
    made = as_admin.post(f"{ADMIN}/canonical_email_blocks", json={"email": "dot@mail.example"}).json()

    for email, found in (("D.O.T+x@mail.example", [made]), ("other@mail.example", []), ("\0", [])):
        assert as_admin.post(f"{ADMIN}/canonical_email_blocks/test", json={"email": email}).json() == found


@pytest.fixture
def app(app):
    """The application, asked from the address that a header names."""

    async def app_from_address(scope, receive, send):
        address = dict(scope.get("headers", ())).get(b"x-asked-from")
        await app({**scope, "client": (address.decode(), 50000)} if address else scope, receive, send)

    return app_from_address


def test_no_request_is_answered_from_a_network_without_access(as_admin, client):
    paths = [
        "/",
        "/about",
        "/api/v2/instance",
        "/oauth/authorize",
        "/static/styles/post.css",
        "/health",
        "/api/v1/streaming/health",
    ]
    made = as_admin.post(f"{ADMIN}/ip_blocks", json={"ip": "198.51.100.0/24", "severity": "no_access"}).json()
    from_there = {"headers": {"X-Asked-From": "198.51.100.7"}}
    refused = {client.get(path, **from_there).status_code for path in paths}
    others = {client.get(path).status_code for path in paths[:3]}
    as_admin.delete(f"{ADMIN}/ip_blocks/{made['id']}")

    assert (refused, others) == ({403}, {200})
    assert client.get("/api/v2/instance", **from_there).status_code == 200


def test_nobody_shuts_themselves_out(as_admin):
    given = {"ip": "192.0.2.0/24", "severity": "no_access"}
    answer = as_admin.post(f"{ADMIN}/ip_blocks", json=given, headers={"X-Asked-From": "192.0.2.44"})

    assert answer.status_code == 422


def test_nobody_registers_with_what_is_kept_out(as_admin, api, stranger):
    as_admin.post(f"{ADMIN}/email_domain_blocks", json={"domain": "bad.example"})
    application = stranger.post(
        "/api/v1/apps", json={"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write"}
    ).json()
    token = stranger.post(
        "/oauth/token",
        json={
            "grant_type": "client_credentials",
            "client_id": application["client_id"],
            "client_secret": application["client_secret"],
            "scope": "read write",
        },
    ).json()["access_token"]
    form = {"username": "dot", "email": "dot@bad.example", "password": "correct horse battery", "agreement": True}
    answer = stranger.post("/api/v1/accounts", json=form, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 422
    assert answer.json()["details"]["email"][0]["error"] == "ERR_BLOCKED"


def test_refused_sign_ups_are_counted_by_day(as_admin, database, settings):
    made = as_admin.post(f"{ADMIN}/email_domain_blocks", data={"domain": "bad.example"}).json()
    as_admin.post(f"{ADMIN}/email_domain_blocks", data={"domain": "worse.example"})
    now = clock.now()
    tries = [
        (now, "dot@bad.example", "192.0.2.1"),
        (now, "dot@deep.Bad.example ", "192.0.2.1"),
        (now, "dot@bad.example", "192.0.2.2"),
        (now, "dot@good.example", "192.0.2.2"),
        (now - 6 * clock.DAY, "dot@bad.example", "192.0.2.3"),
        (now - 7 * clock.DAY, "dot@bad.example", "192.0.2.3"),
    ]
    with database.writing() as db:
        for at, email, address in tries:
            sign_up_blocks.count_refused(db, now=at, address=address, email=email)
    worse, bad = as_admin.get(f"{ADMIN}/email_domain_blocks").json()
    days = [str(now // clock.DAY * 86_400 - past * 86_400) for past in range(7)]

    assert [day["day"] for day in made["history"]] == [day["day"] for day in bad["history"]] == days
    assert [(day["uses"], day["accounts"]) for day in bad["history"]] == [
        ("3", "2"),
        *[("0", "0")] * 5,
        ("1", "1"),
    ]
    assert {day["uses"] for day in worse["history"]} == {"0"}


@pytest.mark.parametrize("door", ["site", "api"])
def test_a_refused_sign_up_is_counted_through_both_doors(as_admin, open_browser, stranger, door):
    as_admin.post(f"{ADMIN}/email_domain_blocks", data={"domain": "bad.example"})
    form = {"username": "dot", "email": "dot@bad.example", "password": "correct horse battery"}
    if door == "site":
        browser = open_browser()
        browser.open("/signup?agreed=1")
        refused = browser.submit("/signup", form)
    else:
        app = stranger.post("/api/v1/apps", data={"client_name": "App", "redirect_uris": "x:y", "scopes": "write"})
        identity = {name: app.json()[name] for name in ("client_id", "client_secret")}
        asked = {"grant_type": "client_credentials", "scope": "write", **identity}
        token = stranger.post("/oauth/token", data=asked).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        refused = stranger.post("/api/v1/accounts", data={**form, "agreement": "true"}, headers=headers)
    (bad,) = as_admin.get(f"{ADMIN}/email_domain_blocks").json()

    assert refused.status_code == 422
    assert (bad["history"][0]["uses"], bad["history"][0]["accounts"]) == ("1", "1")
