"""What moderators decide about what is talked about most."""

import pytest
from sqlalchemy import insert, select, update

from twite_common import clock
from twite_common.services.accounts import accounts
from twite_common.services.timelines import trends
from twite_common.tables import account, audit_entry, card, post, publisher

TRENDS = "/api/v1/admin/trends"


@pytest.fixture
def as_moderator(database, api, cho):
    with database.writing() as db:
        accounts.set_role(db, account_id=cho.id, role="moderator")
    return api(cho, "read write admin:read admin:write")


@pytest.fixture
def trending(database, ann, bob, make_post, as_ann, as_bob):
    """Have a hashtag, a page and a post that everybody talks about; return the post's id."""
    posts = [make_post(who, "#wren") for who in (ann, bob)]
    for client in (as_ann, as_bob):
        client.post(f"/api/v1/statuses/{posts[0]}/favourite")
    third = make_post(ann, "seen by two")
    with database.writing() as db:
        db.execute(insert(publisher).values(id=5, domain="a.example"))
        db.execute(
            insert(card).values(id=7, url="https://a.example/", title="A", state="ready", publisher_id=5, due_at=0)
        )
        db.execute(update(post).where(post.c.id.in_(posts)).values(card_id=7))
        db.execute(update(account).values(discoverable=True))
    as_bob.post(f"/api/v1/statuses/{third}/favourite")
    return third


@pytest.fixture
def compute(database):
    def compute():
        with database.writing() as db:
            trends.compute(db, now=clock.now())

    return compute


def shown(client, kind):
    return client.get(f"/api/v1/trends/{kind}").json()


@pytest.mark.parametrize("kind", ["tags", "links"])
def test_what_moderators_refuse_trends_no_more_until_they_let_it(kind, as_moderator, stranger, trending, compute):
    compute()
    [found] = as_moderator.get(f"{TRENDS}/{kind}").json()
    refused = as_moderator.post(f"{TRENDS}/{kind}/{found['id']}/reject").json()
    compute()
    during = (shown(stranger, kind), as_moderator.get(f"{TRENDS}/{kind}").json())
    allowed = as_moderator.post(f"{TRENDS}/{kind}/{found['id']}/approve").json()

    assert (found["requires_review"], refused["requires_review"], refused["id"]) == (True, False, found["id"])
    assert (during[0], [one["id"] for one in during[1]]) == ([], [found["id"]])
    assert allowed["requires_review"] is False
    assert len(shown(stranger, kind)) == 1


def test_a_refused_post_trends_no_more(as_moderator, api, cho, bob, make_post, stranger, compute, trending):
    for who in (bob, cho):
        api(who).post(f"/api/v1/statuses/{trending}/favourite")
    compute()
    [found] = as_moderator.get(f"{TRENDS}/statuses").json()
    refused = as_moderator.post(f"{TRENDS}/statuses/{trending}/reject").json()

    assert (found["id"], found["requires_review"]) == (str(trending), True)
    assert (refused["id"], refused["requires_review"], shown(stranger, "statuses")) == (str(trending), False, [])


def test_a_refused_publisher_takes_its_pages_along(as_moderator, stranger, trending, compute):
    compute()
    before = as_moderator.get(f"{TRENDS}/links/publishers").json()
    refused = as_moderator.post(f"{TRENDS}/links/publishers/5/reject").json()

    assert before == [{"id": "5", "domain": "a.example", "trendable": True, "requires_review": True}]
    assert refused == {"id": "5", "domain": "a.example", "trendable": False, "requires_review": False}
    assert shown(stranger, "links") == []
    assert as_moderator.post(f"{TRENDS}/links/publishers/5/approve").json()["trendable"] is True
    assert len(shown(stranger, "links")) == 1


def test_a_trending_page_has_a_timeline(stranger, as_moderator, trending, compute, as_ann, ann):
    path = "/api/v1/timelines/link?url=https://a.example/"
    assert stranger.get(path).status_code == 404
    compute()
    authors = [one["account"]["username"] for one in stranger.get(path).json()]
    first = stranger.get(f"{path}&limit=1")
    as_moderator.post(f"{TRENDS}/links/7/reject")

    assert authors == ["bob", "ann"]
    assert 'rel="next"' in first.headers["link"]
    assert "url=https" in first.headers["link"]
    assert stranger.get(path).status_code == 404


def test_hashtags_are_listed_spelt_and_forbidden(as_moderator, as_ann, stranger, trending):
    [found] = as_moderator.get("/api/v1/admin/tags").json()
    path = f"/api/v1/admin/tags/{found['id']}"
    wrong = as_moderator.put(path, json={"display_name": "Owl"})
    changed = as_moderator.put(path, json={"display_name": "WREN", "usable": False, "listable": False}).json()
    refused = as_ann.post("/api/v1/statuses", json={"status": "a #wren again"})

    assert (found["usable"], found["listable"], found["trendable"]) == (True, True, True)
    assert wrong.status_code == 422
    assert (changed["name"], changed["usable"], changed["listable"]) == ("WREN", False, False)
    assert as_moderator.get(path).json() == changed
    assert refused.status_code == 422
    assert refused.json()["error"] == "Validation failed: Text contained disallowed hashtags: #WREN"
    assert stranger.get("/api/v2/search?q=wren&type=hashtags").json()["hashtags"] == []


def test_decisions_are_written_down(as_moderator, database, trending):
    as_moderator.post(f"{TRENDS}/links/7/reject")

    with database.reading() as db:
        written = db.execute(select(audit_entry.c.action, audit_entry.c.target_kind, audit_entry.c.target_name)).all()
    assert written == [("reject", "link", "https://a.example/")]


@pytest.mark.parametrize(
    "path", ["trends/tags", "trends/links", "trends/links/publishers", "trends/statuses", "tags", "tags/1"]
)
def test_nobody_else_sees_or_decides(api, ann, path):
    client = api(ann, "read write admin:read admin:write")

    assert client.get(f"/api/v1/admin/{path}").status_code == 403
    assert client.post(f"{TRENDS}/tags/1/approve").status_code == 403


@pytest.mark.parametrize("path", ["tags/1", "links/1", "statuses/1", "links/publishers/1"])
def test_nothing_there_is_not_found(as_moderator, path):
    assert as_moderator.post(f"{TRENDS}/{path}/approve").status_code == 404
