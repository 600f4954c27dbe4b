"""What members look for among posts costs no more on a large site: an index leads, and as far as is shown."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text as sql

from twite_common.queries.paging import Page
from twite_common.queries.timelines import search, search_terms
from twite_common.queries.timelines.search import Bounds
from twite_common.sql import engines

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


def test_postgresql_keeps_the_plans_for_words_on_a_site_of_any_size(large_site, database):
    """Each takes as long to make as a search does otherwise. SQLite makes one for a statement, and keeps it."""
    if engines.is_sqlite(database.url):
        return
    with database.reading() as db:
        may_pretend = db.exec_driver_sql("SELECT usesuper FROM pg_user WHERE usename = current_user").scalar()
    # Only a superuser can have the table seem large.
    for times in (1, 40) if may_pretend else (1,):
        if times > 1:
            with database.writing() as db:
                db.exec_driver_sql(f"UPDATE pg_class SET reltuples = reltuples * {times} WHERE relname = 'post'")
        # Which plans a connection keeps follows from what the first ones cost.
        database._readers.close()
        with database.reading() as db:
            for query in ("nothing", "word77 so", '"so word77"', "word77 -look"):
                terms = search_terms.parse(query)
                for _ in range(12):
                    search.posts(db, terms, Bounds(Page()), viewer_id=3999)
            made = _plans(db)

        assert len(made) == 2, times
        assert all(kept > 20 > custom for custom, kept in made), (times, made)
    with database.writing() as db:
        db.exec_driver_sql("ANALYZE post")


def _plans(db):
    """Return how often a connection has made a plan anew and how often it used the one kept, for each search."""
    counts = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement ~ 'to_tsvector'"
    return db.exec_driver_sql(counts).all()
