"""What members look back at costs no more on a large site: catching up, bookmarks by folder, whom to follow."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text as sql

from twite_common import clock
from twite_common.services.posts import bookmark_folders

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

MEMBER = 78
SUGGESTED = ("t", "tag", "u", "user", "person", "#tag1", "@user1", "zzz", "")


@pytest.fixture
def as_member(api, large_site, database):
    """Somebody whose home timeline is full, of people who boost and favourite the same, and who keeps much."""
    first = large_site["post"]
    with database.writing() as db:
        db.execute(
            sql(
                "INSERT INTO follow (follower_id, followee_id, id) SELECT :id, followee_id, 1000000 + id FROM follow"
                " WHERE follower_id = 1 AND followee_id > 1 AND followee_id <> :id AND followee_id < 600"
            ),
            {"id": MEMBER},
        )
        db.execute(
            sql(
                "INSERT INTO home_timeline (account_id, post_id) SELECT :id, id FROM post"
                " WHERE account_id < 600 AND account_id > 1 ORDER BY id DESC LIMIT 800"
            ),
            {"id": MEMBER},
        )
        folder_id = bookmark_folders.add(db, now=clock.now(), account_id=MEMBER, name="kept")
        db.execute(
            sql(
                "INSERT INTO bookmark (account_id, post_id, id, folder_id)"
                " SELECT :id, id, id, CASE WHEN id % 4 = 0 THEN CAST(:folder AS bigint) END FROM post"
                " WHERE id >= :first AND id < :first + 15000"
            ),
            {"id": MEMBER, "folder": folder_id, "first": first},
        )
        if db.dialect.name == "postgresql":
            db.execute(sql("ANALYZE"))
    return SimpleNamespace(client=api(SimpleNamespace(id=MEMBER)), folder=folder_id)


def test_a_member_looks_back_at_a_bounded_part(as_member, costs):
    client, costly = as_member.client, {}
    client.get("/api/v1/preferences")
    addresses = [
        "/api/v1/catch_up?hours=168",
        f"/api/v1/bookmarks?folder_id={as_member.folder}",
        f"/api/v1/bookmarks?folder_id={as_member.folder}&min_id=1",
        *(f"/api/v1/search/suggestions?q={typed.replace('#', '%23')}" for typed in SUGGESTED),
    ]
    answers = {}
    for address in addresses:
        with costs(for_any=True) as ran:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        answers[address] = answer.json()
        faults = [(cost.faults, cost.statement[:300]) for cost in ran if cost.faults]
        if faults:
            costly[address] = faults

    assert costly == {}, costly
    found = answers[addresses[0]]
    assert (found["has_more"], len(found["people"])) == (True, 20)
    assert len(answers[addresses[1]]) == len(answers[addresses[2]]) == 20


@pytest.mark.usefixtures("more_followers")
def test_whom_to_follow_is_read_from_a_bounded_part(as_member, database, costs):
    with database.writing() as db:
        db.execute(sql("UPDATE account SET discoverable = true"))
        # One of the latest whom the member follows follows everybody.
        db.execute(sql("UPDATE follow SET id = 7000000 WHERE follower_id = 78 AND followee_id = 500"))
        db.execute(
            sql(
                "INSERT INTO follow (follower_id, followee_id, id) SELECT 500, id, 8000000 + id FROM account"
                " WHERE id > 1 AND id <> 500"
            )
        )
        if db.dialect.name == "postgresql":
            db.execute(sql("ANALYZE"))
    with costs(for_any=True) as ran:
        found = as_member.client.get("/api/v2/suggestions").json()

    assert [cost.faults for cost in ran if cost.faults] == []
    assert len(found) == 40
