"""How many SQL statements a request runs: few, and never more for a fuller page."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from twite_common.services import accounts

API = {
    "/api/v1/timelines/home": 5,
    "/api/v1/timelines/public": 5,
    "/api/v1/timelines/tag/birds": 5,
    "/api/v1/statuses/{post}": 4,
    "/api/v1/statuses/{post}/context": 5,
    "/api/v1/statuses/{post}/favourited_by": 4,
    "/api/v1/accounts/{bob}/statuses": 6,
    "/api/v1/accounts/{bob}/followers": 5,
    "/api/v1/accounts/{bob}/following": 4,
    "/api/v1/accounts/relationships?id[]={bob}&id[]={cho}": 3,
    "/api/v1/notifications": 6,
    "/api/v2/notifications": 6,
    "/api/v1/favourites": 4,
    "/api/v1/bookmarks": 4,
    "/api/v1/blocks": 3,
    "/api/v1/mutes": 3,
    "/api/v1/domain_blocks": 3,
    "/api/v1/endorsements": 4,
    "/api/v1/accounts/{bob}/endorsements": 5,
    "/api/v1/accounts/familiar_followers?id[]={bob}&id[]={cho}": 3,
    "/api/v1/suggestions": 4,
    "/api/v2/suggestions": 4,
    "/api/v2/search?q=bob": 6,
    "/api/v2/search?q=birds&type=statuses": 5,
    "/api/v2/search?q=from:bob birds&type=statuses": 6,
    "/api/v1/directory": 4,
    "/api/v1/instance/rules": 3,
    "/api/v1/announcements": 4,
    "/api/v1/trends/tags": 4,
    "/api/v1/trends/statuses": 6,
    "/api/v1/trends/links": 4,
    "/api/v1/instance/domain_blocks": 3,
}
ADMIN = {
    "/api/v1/admin/accounts": 5,
    "/api/v2/admin/accounts?status=active": 5,
    "/api/v1/admin/reports": 7,
    "/api/v1/admin/ip_blocks": 3,
    "/api/v1/admin/email_domain_blocks": 3,
    "/api/v1/admin/canonical_email_blocks": 3,
    "/api/v1/admin/domain_blocks": 3,
    "/api/v1/admin/domain_allows": 3,
}
ADMIN_SITE = {"/admin": 9, "/admin/reports": 5, "/admin/audit": 4, "/admin/blocks": 6, "/admin/servers": 5}
SITE = {
    "/": 8,
    "/public": 7,
    "/@bob": 8,
    "/@bob/{post}": 8,
    "/tags/birds": 8,
    "/notifications": 14,
    "/favourites": 6,
    "/bookmarks": 6,
    "/search?q=birds": 9,
    "/directory": 5,
}


@pytest.fixture
def statements(database):
    """Collect the statements that run inside the block."""

    @contextmanager
    def statements():
        ran = []

        def note(_connection, _cursor, statement, *_rest):
            ran.append(statement)

        engines = (database._reading, database._writing)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield ran
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    return statements


@pytest.fixture
def fill(ann, bob, cho, make_post, api):
    """Make the next so many of everything that lists show, and return a post."""
    as_ann, as_bob, as_cho = api(ann), api(bob), api(cho)
    as_ann.post(f"/api/v1/accounts/{bob.id}/follow")
    as_ann.post(f"/api/v1/accounts/{bob.id}/endorse")
    as_cho.patch("/api/v1/accounts/update_credentials", json={"discoverable": True})
    first = make_post(bob, "the first of #birds")

    def fill(number):
        for index in range(number):
            post_id = make_post(bob, f"@ann @cho see #birds {index}", in_reply_to_id=first)
            make_post(bob, f"more #birds {index}")
            for client in (as_ann, as_cho):
                client.post(f"/api/v1/statuses/{post_id}/favourite")
            as_ann.post(f"/api/v1/statuses/{post_id}/bookmark")
            as_cho.post(f"/api/v1/statuses/{post_id}/reblog")
            mine = make_post(ann, f"mine {index}")
            as_bob.post(f"/api/v1/statuses/{mine}/favourite")
        return first

    return fill


@pytest.fixture
def numbers(statements, fill, bob, cho):
    """Return how many statements an address takes with little to show, with much, and with much again."""

    def numbers(browser, path):
        found = []
        for number in (1, 12, 0):
            address = path.format(post=fill(number), bob=bob.id, cho=cho.id)
            with statements() as ran:
                assert browser.get(address).status_code == 200
            found.append(len(ran))
        return found

    return numbers


@pytest.mark.parametrize("path", API)
def test_a_list_of_the_api_takes_few_statements_however_long_it_is(api, ann, numbers, path):
    api_client = api(ann)
    api_client.get("/api/v1/notifications")

    assert max(numbers(api_client, path)) <= API[path]


@pytest.mark.parametrize("path", SITE)
def test_a_page_takes_few_statements_however_long_it_is(logged_in, ann, numbers, path):
    client = logged_in(ann).client
    client.get("/notifications")

    assert max(numbers(client, path)) <= SITE[path]


@pytest.fixture
def fill_administration(database, api, ann, cho, make_account, make_post):
    """Make the next so many of everything that lists of administrators show; Ann is one."""
    with database.writing() as db:
        accounts.set_role(db, account_id=ann.id, role="admin")
    admin, as_cho = api(ann, "read write admin:read admin:write"), api(cho)

    def fill(number):
        for index in range(number):
            reported = make_account(f"b{number}{index}")
            report = {"account_id": str(reported.id), "status_ids": [str(make_post(reported))]}
            as_cho.post("/api/v1/reports", json=report)
            admin.post("/api/v1/admin/ip_blocks", json={"ip": f"10.{number}.{index}.1", "severity": "sign_up_block"})
            for subject in ("email_domain_blocks", "domain_blocks", "domain_allows"):
                admin.post(f"/api/v1/admin/{subject}", json={"domain": f"d{number}{index}.example"})
            admin.post("/api/v1/admin/canonical_email_blocks", json={"email": f"x{number}{index}@mail.example"})
        return admin

    return fill


@pytest.mark.parametrize("path", ADMIN)
def test_a_list_of_administrators_takes_few_statements_however_long_it_is(statements, fill_administration, path):
    found = []
    for number in (1, 8):
        admin = fill_administration(number)
        with statements() as ran:
            assert len(admin.get(path).json()) >= number
        found.append(len(ran))

    assert max(found) <= ADMIN[path]


@pytest.mark.parametrize("path", ADMIN_SITE)
def test_a_page_of_administrators_takes_few_statements_however_long_it_is(
    statements, fill_administration, logged_in, ann, path
):
    browser, found = logged_in(ann), []
    for number in (1, 8):
        fill_administration(number)
        with statements() as ran:
            assert browser.open(path).status_code == 200
        found.append(len(ran))

    assert max(found) <= ADMIN_SITE[path]
