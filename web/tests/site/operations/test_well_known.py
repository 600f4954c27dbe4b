"""What programs look for at places of its own."""

import io
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import msgspec
import pytest
from PIL import Image
from sqlalchemy import insert, text

from twite_common import clock, ids
from twite_common.queries.timelines import sitemaps
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.operations import statistics
from twite_common.tables import account, daily_statistics, post

BASE = "http://twite.example"


def test_the_icon_is_there_for_those_who_do_not_read_pages(client):
    answer = client.get("/favicon.ico")
    icon = Image.open(io.BytesIO(answer.content))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/vnd.microsoft.icon"
    assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}


def test_password_managers_are_led_to_where_a_password_is_changed(client, logged_in, ann):
    answer = client.get("/.well-known/change-password")
    missing = client.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200")

    assert (answer.status_code, answer.headers["location"]) == (302, "/settings/account/password")
    assert missing.status_code == 404
    assert logged_in(ann).client.get("/settings/account/password").status_code == 200


def test_whom_to_tell_of_a_weakness_is_said_where_somebody_is_named(client, app, bare, settings):
    without = client.get("/.well-known/security.txt")
    named = msgspec.structs.replace(settings, contact_email="the admin@site.example")
    bare.state["core"] = msgspec.structs.replace(bare.state["core"], settings=named)
    answer = client.get("/.well-known/security.txt")
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())

    assert without.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert said["Contact"] == "mailto:the%20admin@site.example"
    assert said["Canonical"] == f"{BASE}/.well-known/security.txt"
    expires = datetime.fromisoformat(said["Expires"])
    assert timedelta(days=170) < expires - datetime.now(UTC) < timedelta(days=365)


def test_robots_are_told_where_the_sitemap_is(client):
    assert f"Sitemap: {BASE}/sitemap.xml" in client.get("/robots.txt").text.splitlines()


@pytest.fixture
def listed(client):
    """Return the addresses that a sitemap lists."""

    def listed(path="/sitemap.xml"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml"), path
        return [one.text.removeprefix(BASE) for one in ET.fromstring(answer.content).iter(f"{NAMESPACE}loc")]

    return listed


NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def found_by_all(database):
    """Have an account's pages found by search engines, and today counted."""

    def found_by_all(*people):
        with database.writing() as db:
            for person in people:
                profiles.change_profile(
                    db, now=clock.now(), account_id=person.id, changes=ProfileChanges(noindex=False)
                )
            statistics.compute(db, clock.as_date(clock.now()), now=clock.now())

    return found_by_all


def month():
    return f"{clock.as_date(clock.now()):%Y-%m}"


def test_the_pages_of_those_who_want_it_are_listed(client, listed, found_by_all, ann, bob, make_post):
    posts = [make_post(ann, "A wren"), make_post(ann, "Another", visibility="unlisted")]
    make_post(ann, "For those who follow", visibility="followers")
    make_post(bob, "Not for search engines")
    posts.append(make_post(ann, "The last"))
    found_by_all(ann)

    assert listed() == [
        "/sitemap.xml?part=pages",
        f"/sitemap.xml?accounts={month()}",
        f"/sitemap.xml?posts={month()}",
    ]
    assert listed(f"/sitemap.xml?accounts={month()}") == ["/@ann"]
    assert listed(f"/sitemap.xml?posts={month()}") == [f"/@ann/{posts[0]}", f"/@ann/{posts[2]}"]
    assert {client.get(path).status_code for path in listed("/sitemap.xml?part=pages")} == {200}
    for path in listed(f"/sitemap.xml?posts={month()}"):
        assert "noindex" not in client.get(path).text


@pytest.mark.parametrize("state", ["suspended_at", "limited_at"])
def test_whom_moderators_keep_away_is_not_listed(listed, found_by_all, database, ann, make_post, state):
    make_post(ann, "A wren")
    found_by_all(ann)
    with database.writing() as db:
        db.execute(account.update().values({state: 1}))

    assert listed(f"/sitemap.xml?accounts={month()}") == []
    assert listed(f"/sitemap.xml?posts={month()}") == []


def test_where_nobody_wants_it_pages_of_the_site_alone_are_listed(listed, found_by_all, bob, make_post):
    make_post(bob)
    found_by_all()

    assert listed() == ["/sitemap.xml?part=pages"]


def test_what_is_too_long_for_one_sitemap_is_split(listed, found_by_all, database, ann):
    found_by_all(ann)
    days = [
        (date(2025, 1, 31), 50_000),
        (date(2025, 2, 1), 49_000),
        (date(2025, 2, 3), 1_001),
        (date(2025, 3, 4), 50_001),
    ]
    with database.writing() as db:
        for day, posts in [*days, (date(2025, 4, 1), 0)]:
            db.execute(insert(daily_statistics).values(day=day, posts=posts, computed_at=0))
    found = [one.partition("posts=")[2] for one in listed() if "posts=" in one]

    assert found == ["2025-01", "2025-02-01", "2025-02-03", *(f"2025-03-04T{hour:02}" for hour in range(24))]
    with database.reading() as db:
        parts = sitemaps.parts(db)
    assert parts.accounts == [month()]


def test_parts_are_next_to_each_other_and_none_is_two(database, ann):
    def bounds(part):
        found = sitemaps._bounds(part)
        return found["first_id"], found["end_id"]

    assert bounds("2025-12") == (ids.first_at(at(2025, 12, 1)), ids.first_at(at(2026, 1, 1)))
    assert bounds("2024-02") == (ids.first_at(at(2024, 2, 1)), ids.first_at(at(2024, 3, 1)))
    assert bounds("2024-02-29") == (ids.first_at(at(2024, 2, 29)), ids.first_at(at(2024, 3, 1)))
    assert bounds("2025-03-04T23") == (ids.first_at(at(2025, 3, 4, 23)), ids.first_at(at(2025, 3, 5)))


def at(year, month, day, hour=0, minute=0, second=0):
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    "part", ["x", "2025-13", "2025-02-30", "2025-02-03T24", "0000-01", "9999-12", "99999-01", "٢٠٢٥-01"]
)
@pytest.mark.parametrize("kind", ["accounts", "posts"])
def test_a_part_that_cannot_be_is_not_found(client, kind, part):
    assert client.get("/sitemap.xml", params={kind: part}).status_code == 404


def test_an_index_leads_to_what_is_listed(database, ann):
    given = {"first_id": 1000, "end_id": 3000, "viewer_id": None}
    with database.writing() as db:
        # Most posts are answers or for followers, so that going through all costs more than the index of public ones.
        db.execute(
            insert(post),
            [
                {
                    "id": id,
                    "account_id": ann.id,
                    "text": f"word {id}",
                    "visibility": "public" if id % 20 == 0 else "followers",
                    "conversation_id": id,
                }
                for id in range(1, 5001)
            ],
        )
        db.execute(text("ANALYZE"))
    with database.snapshot() as db:
        if db.dialect.name == "postgresql":
            db.execute(text("SET LOCAL enable_seqscan = off"))
        plans = [plan(db, statement, given) for statement in (sitemaps.ANYBODY, sitemaps.ACCOUNTS, sitemaps.POSTS)]

    assert "ix_account_crawlable" in plans[0]
    assert "ix_account_crawlable" in plans[1]
    assert "ix_post_public" in plans[2]


def plan(db, statement, given):
    compiled = statement.compile(dialect=db.dialect, compile_kwargs={"render_postcompile": True})
    explain = "EXPLAIN " if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    values = compiled.construct_params({one: given[one] for one in compiled.binds if one in given})
    return "\n".join(str(row) for row in db.exec_driver_sql(explain + str(compiled), values))
