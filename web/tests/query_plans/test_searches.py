"""What members look for among posts costs no more on a large site: an index leads, and as far as is shown."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text as sql

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

# The newest posts say "look", all before them "so" and a word of their own.
SEARCHES = (
    "look",
    "word77",
    "nothing",
    '"so word77"',
    "so word77",
    "look -so",
    "word77 -so",
    "look from:user78",
    "word77 from:user78",
    "from:user78",
    "from:user78 -so",
    "look from:me",
    "look in:library",
    "in:library",
    "look in:public",
    "look in:bookmarks",
    "word77 in:bookmarks",
    "in:bookmarks",
    "in:bookmarks -so",
    "look has:quote",
    "has:media",
    "has:image",
    "look has:poll",
    "has:poll",
    "look -has:media",
    "is:sensitive from:user78",
)


@pytest.fixture
def as_member(api):
    """Somebody who has little to do with the posts of others."""
    return api(SimpleNamespace(id=3999))


def test_no_member_has_all_posts_read(large_site, database, costs, as_member):
    as_member.get("/api/v2/search?q=look&type=statuses")
    first = large_site["post"]
    paged = [f"look&max_id={first + 202_000}", f"look&min_id={first + 202_000}", "look&offset=100"]
    costly, found = {}, {}
    for wanted in [*SEARCHES, *paged, f"word77&max_id={first + 7000}", "look&account_id=78"]:
        with costs(for_any=True) as ran:
            answer = as_member.get(f"/api/v2/search?type=statuses&q={wanted}")
        found[wanted] = len(answer.json()["statuses"])
        faults = [(cost.faults, cost.statement[:200]) for cost in ran if cost.faults]
        if faults:
            costly[wanted] = faults

    assert costly == {}, costly
    common = {"look", "look -so", "look in:public", "look has:quote", "look -has:media", *paged}
    assert {wanted for wanted in found if found[wanted] == 20} >= common
    rare = {"word77": 1, '"so word77"': 0, "so word77": 1, "word77 -so": 0, "nothing": 0, "look from:user78": 1}
    assert found.items() >= rare.items()

    # What only the oldest posts say fills no page with the newest.
    with database.writing() as db:
        db.execute(sql("UPDATE post SET text = 'an ortolan' WHERE id < :id"), {"id": first + 100})
    with costs(for_any=True) as ran:
        answer = as_member.get("/api/v2/search?type=statuses&q=ortolan")

    assert len(answer.json()["statuses"]) == 20
    assert [cost.faults for cost in ran if cost.faults] == []
