"""What strangers may ask for costs no more on a large site: nothing that grows is read whole, or sorted."""

import re
from types import SimpleNamespace

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import text as sql

from twite_common import clock

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

VALUES = {
    "account_id": "{account}",
    "hashtag": "{tag}",
    "name": "{tag}",
    "post_id": "{post}",
    "status_id": "{post}",
    "poll_id": "{post}",
    "file": "posts.svg",
    "folder": "00",
    "date": "2026-01-01",
    "year": "2025",
    "file_path": "site.css",
    "version": "0123456789ab",
    "handle": "{handle}",
}
"""What stands for the names in routes' paths; everything else is asked for with an id that nothing has."""
VARIANTS = {
    "/@{handle}": ["/{handle}?max_id=5", "/{handle}?min_id=5"],
    "/about/statistics": ["/about/statistics?days=366", "/about/statistics?days=all"],
    "/api/oembed": ["/api/oembed?url=http://twite.example/{handle}/{post}"],
    "/api/v1/accounts": ["/api/v1/accounts?id[]={account}"],
    "/api/v1/accounts/lookup": ["/api/v1/accounts/lookup?acct=user1"],
    "/api/v1/accounts/{account_id}/statuses": [
        "/api/v1/accounts/{account}/statuses?only_media=true",
        "/api/v1/accounts/{account}/statuses?pinned=true",
        "/api/v1/accounts/{account}/statuses?exclude_replies=true&exclude_reblogs=true",
    ],
    "/api/v1/search/suggestions": [
        f"/api/v1/search/suggestions?q={typed}" for typed in ("tag", "user", "person", "zzz")
    ],
    "/api/v1/directory": ["/api/v1/directory?order=new", "/api/v1/directory?offset=1000000"],
    "/api/v1/statuses": ["/api/v1/statuses?id[]={post}"],
    "/api/v1/timelines/link": ["/api/v1/timelines/link?url={url}"],
    "/api/v1/timelines/public": [
        "/api/v1/timelines/public?only_media=true",
        "/api/v1/timelines/public?max_id={post}",
        "/api/v1/timelines/public?min_id=1",
    ],
    "/api/v1/timelines/tag/{hashtag}": [
        "/api/v1/timelines/tag/{tag}?only_media=true",
        "/api/v1/timelines/tag/{tag}?min_id=1",
        "/api/v1/timelines/tag/nothing?any[]=tag2999&any[]=tag2998",
        "/api/v1/timelines/tag/{tag}?all[]=tag2999",
        "/api/v1/timelines/tag/{tag}?none[]=tag1",
    ],
    "/api/v1/trends/tags": ["/api/v1/trends/tags?offset=90"],
    "/api/v2/search": [
        f"/api/v2/search?q={wanted}" for wanted in ("tag", "user", "person", "zzz", "http://twite.example/{handle}")
    ],
    "/directory": ["/directory?order=new", "/directory?skip=1000000"],
    "/public": ["/public?max_id={post}", "/public?min_id=1"],
    "/search/suggestions": [f"/search/suggestions?q={typed}" for typed in ("tag", "user", "person", "zzz")],
    "/search": ["/search?q=t", "/search?q=u", "/search?q=p", "/search?q=zzz"],
    "/.well-known/webfinger": ["/.well-known/webfinger?resource=acct:user1@twite.example"],
}

CSV = [f"/statistics.csv?days=all&table={name}" for name in ("", "hours", "best_posts", "followers_by_post")]


@pytest.fixture
def routes(bare):
    """The paths that can be read."""
    return sorted(
        {route.path_format for route in bare.routes if isinstance(route, HTTPRoute) and "GET" in route.methods}
    )


def addresses(route, names):
    """Return the addresses that a route stands for."""
    plain = re.sub(r"{(\w+)}", lambda found: VALUES.get(found[1], "1"), route)
    return [address.format(**names) for address in [plain, *VARIANTS.get(route, [])]]


def test_nobodys_own_statistics_have_a_table_read_or_sorted(large_site, costs, logged_in, database):
    with database.writing() as db:
        db.execute(sql(f"UPDATE follow SET id = id + {large_site['post']}, from_post_id = {large_site['post']}"))
    busiest = logged_in(SimpleNamespace(id=large_site["account"])).client
    wrong = {}
    for path in ("/statistics?days=7", "/statistics?days=all", f"/statistics/{clock.as_date(clock.now()).year}", *CSV):
        with costs() as found:
            status = busiest.get(path).status_code
        assert status == 200, path
        faults = [(cost.faults, cost.statement[:200]) for cost in found if cost.faults]
        wrong |= {path: faults} if faults else {}

    assert wrong == {}


def test_no_stranger_has_a_table_read_or_sorted(large_site, costs, client, routes):
    client.get("/")
    costly, read = {}, 0
    for route in routes:
        for address in addresses(route, large_site):
            with costs() as found:
                status = client.get(address).status_code
            read += status == 200
            assert status < 500, address
            faults = [(cost.faults, cost.statement[:200]) for cost in found if cost.faults]
            if faults:
                costly[address] = faults

    assert read > 80
    assert costly == {}
