"""What somebody with very many followers posts is answered without reading all of these."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text as sql

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

MOST_FOLLOWED, TOLD = 1, 77


@pytest.mark.usefixtures("more_followers")
@pytest.mark.parametrize("followers", [5000, 30_000])
def test_not_all_followers_are_read_before_a_post_is_answered(api, database, costs, followers):
    with database.writing() as db:
        db.execute(
            sql("UPDATE account SET followers_count = :number WHERE id = :id"),
            {"number": followers, "id": MOST_FOLLOWED},
        )
        db.execute(
            sql("UPDATE follow SET notify = true WHERE follower_id = :told AND followee_id = :id"),
            {"told": TOLD, "id": MOST_FOLLOWED},
        )
    author = api(SimpleNamespace(id=MOST_FOLLOWED))
    author.get("/api/v1/preferences")
    with costs() as ran:
        answer = author.post("/api/v1/statuses", json={"status": "A wren"})

    assert answer.status_code == 200, answer.text
    assert [cost for cost in ran if cost.faults] == []
    with database.reading() as db:
        told = db.execute(sql("SELECT account_id FROM notification WHERE kind = 'post'")).scalars().all()
    assert told == [TOLD]
