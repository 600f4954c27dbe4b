"""A large site, written row by row by the database itself, and what its statements cost there."""

import re
from contextlib import contextmanager

import msgspec
import psycopg
import pytest
from sqlalchemy import event as listening
from sqlalchemy import text as sql
from sqlalchemy.engine import make_url

from twite_common import clock, ids
from twite_common.services.operations import statistics
from twite_common.services.timelines import tags, trends
from twite_common.sql import engines

GROWING = frozenset(
    {"account", "post", "favourite", "follow", "media", "tag", "post_tag", "mention", "post_edit", "card"}
)
"""Tables that get longer as long as the site is used."""
MAX_ROWS = 1600
"""Rows that one step of a plan may read: those of some pages, and of the bounded windows that searches look at."""
MAX_STEPS = 150_000
"""Steps of SQLite's machine that a statement may take; to read a table of this site takes more."""

NAMED = re.compile(r"%\((\w+)\)s")
CONVERSATION = "WHERE post.conversation_id = "
"""A conversation is read whole, up to a limit of its own."""

# Account 1 is the most followed and writes half of the posts, post 1 is the one that everybody reacts to, and hashtag 1
# the one that everybody uses; everything else is spread evenly.
NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) "
ROWS = (
    (4000, "account (id, username, username_key, display_name, discoverable, indexable, last_post_at, followers_count)",
     "n, 'user' || n, 'user' || n, 'Person ' || n, n % 50 = 0, n % 2 = 0, CASE WHEN n % 3 = 0 THEN n END, n % 100"),
    (4000, "credentials (account_id, email, email_key, password_hash, confirmed_at, approved_at)",
     "n, 'user' || n, 'user' || n, 'x', 1, 1"),
    (4000, "preferences (account_id)", "n"),
    (15000, "post (id, account_id, text, visibility, conversation_id, in_reply_to_id, in_reply_to_account_id)",
     "{first} + n, CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n % 4000 END, 'word' || n || ' and so on', "
     "'public', {first} + 1, CASE WHEN n > 1 AND n % 3 = 0 THEN {first} + 1 END, "
     "CASE WHEN n > 1 AND n % 3 = 0 THEN 2 END"),
    (4000, "post (id, account_id, visibility, conversation_id, boost_of_id)",
     "{first} + 100000 + n, n, 'public', {first} + 100000 + n, {first} + 1"),
    (4000, "post (id, account_id, text, visibility, conversation_id, quote_of_id, quote_state)",
     "{first} + 200000 + n, n, 'look', 'public', {first} + 200000 + n, {first} + 1, 'accepted'"),
    (4000, "favourite (account_id, post_id, id)", "n, {first} + 1, {first} + n"),
    (8000, "favourite (account_id, post_id, id)", "1 + n % 4000, {first} + 2 + n, {first} + 10000 + n"),
    (3999, "follow (follower_id, followee_id, id)", "1 + n, 1, n"),
    (3998, "follow (follower_id, followee_id, id)", "1, 1 + n, 10000 + n"),
    (4000, "tag (id, name_key, name)", "n, 'tag' || n, 'Tag' || n"),
    (8000, "post_tag (tag_id, post_id)", "1, {first} + n"),
    (8000, "post_tag (tag_id, post_id)", "2 + n % 3999, {first} + n"),
    (4000, "media (id, account_id, post_id, kind)", "n, 2 + n % 3000, {first} + 2 * n + 1, 'image'"),
    (3000, "featured_tag (id, account_id, tag_id)", "n, n, 1"),
    (3000, "pin (account_id, post_id, id)", "1 + n, {first} + n, n"),
    (3000, "card (id, url, title, state, due_at)", "n, 'https://x.example/' || n, 'Wrens', 'ready', 0"),
    (3000, "session (id, secret_hash, account_id, seen_at, expires_at)", "n, '' || n, n, 1, {now} + 1000000"),
)  # fmt: skip


class Cost(msgspec.Struct, frozen=True):
    """What a statement does that it shouldn't, if anything."""

    statement: str
    faults: list[str]


@pytest.fixture
def large_site(database):
    """Fill the database, have the periodic jobs count, and return what is the largest of each kind, by name."""
    now = clock.now()
    first = ids.first_at(now - clock.HOUR)
    if not engines.is_sqlite(database.url):
        _vacuum(database.url)
    with database.writing() as db:
        for rows, table, values in ROWS:
            written = values.format(first=first, now=now)
            if db.dialect.name == "postgresql":
                written = written.replace("'' || n, n, 1", "convert_to('' || n, 'UTF8'), n, 1")
            db.execute(sql(f"INSERT INTO {table} {NUMBERS.format(rows=rows)} SELECT {written} FROM numbers"))
        db.execute(sql(f"UPDATE post SET card_id = 1 + id % 3000 WHERE id < {first} + 100000"))
        db.execute(sql("UPDATE account SET role = 'admin' WHERE id = 7"))
        if db.dialect.name == "postgresql":
            db.execute(sql("ANALYZE"))
        statistics.compute(db, clock.as_date(now), now=now)
        statistics.keep_totals(db, now=now)
        tags.count_uses(db, since=0)
        trends.compute(db, now=now)
        if db.dialect.name == "postgresql":
            db.execute(sql("ANALYZE"))
    return {"account": 1, "handle": "@user1", "post": first + 1, "tag": "tag1", "url": "https://x.example/1"}


def _vacuum(url):
    """Take what earlier tests have deleted out of PostgreSQL's tables: plans would depend on it."""
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as db:
        db.execute(f"VACUUM {', '.join(sorted(GROWING))}")


@pytest.fixture
def more_followers(large_site, database):
    """Add 20,000 accounts that follow account 1 and a few others: no plan is better off with all of them."""
    with database.writing() as db:
        for turn in range(1, 6):
            db.execute(
                sql(
                    "INSERT INTO account (id, username, username_key, followers_count)"
                    " SELECT :turn * 10000 + id, username || '_' || CAST(:turn AS text),"
                    " username || '_' || CAST(:turn AS text), id % 100 FROM account WHERE id <= 4000"
                ),
                {"turn": turn},
            )
            for followee in ("1", "600 * :turn + id % 600", "600 * :turn + (id + 300) % 600"):
                db.execute(
                    sql(
                        "INSERT INTO follow (follower_id, followee_id, id)"
                        f" SELECT id, {followee}, (SELECT max(id) FROM follow) + id FROM account"
                        " WHERE id > :turn * 10000"
                    ),
                    {"turn": turn},
                )
        if db.dialect.name == "postgresql":
            db.execute(sql("ANALYZE"))


@pytest.fixture
def costs(database):
    """Collect what the statements that run inside the block cost, once it is over.

    With `for_any` also with the plan that PostgreSQL makes for any parameters, once it has met a statement often.
    """

    @contextmanager
    def costs(*, for_any=False):
        ran, found = {}, []

        def note(_connection, _cursor, statement, parameters, _context, many):
            if not many and statement.startswith(("SELECT", "WITH")) and CONVERSATION not in statement:
                ran.setdefault(statement, parameters)

        for engine in (database._reading, database._writing):
            listening.listen(engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            for engine in (database._reading, database._writing):
                listening.remove(engine, "before_cursor_execute", note)
        with database.snapshot() as db:
            weigh = _by_plan if db.dialect.name == "postgresql" else _by_steps
            found += [Cost(statement, weigh(db, statement, given)) for statement, given in ran.items()]
            if for_any and db.dialect.name == "postgresql":
                found += [Cost(statement, _by_plan_for_any(db, statement, given)) for statement, given in ran.items()]

    return costs


def _by_plan(db, statement, parameters):
    # As on a table that is too large to be read whole; what no index leads to is read whole all the same.
    db.exec_driver_sql("SET LOCAL enable_seqscan = off")
    db.exec_driver_sql("SET LOCAL random_page_cost = 1.1")
    ((plan,),) = db.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters)
    return _faults(plan[0]["Plan"])


def _by_plan_for_any(db, statement, parameters):
    names = list(parameters)
    written = NAMED.sub(lambda found: f"${1 + names.index(found[1])}", statement).replace("%%", "%")
    with db.connection.driver_connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(psycopg.sql.SQL(f"PREPARE sought AS {written}"))
        given = psycopg.sql.SQL(", ").join(psycopg.sql.Literal(parameters[name]) for name in names)
        explain = psycopg.sql.SQL("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE sought ({})").format(given)
        ((plan,),) = cursor.execute(explain).fetchall()
        cursor.execute("DEALLOCATE sought")
    return _faults(plan[0]["Plan"])


def _faults(node):
    """Return what is wrong with a node of PostgreSQL's plan and those below it."""
    read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
    total = read * node["Actual Loops"]
    name = " ".join(str(node[key]) for key in ("Node Type", "Index Name", "Relation Name") if key in node)
    found = [f"{name}: {total} rows"] if total > MAX_ROWS else []
    return found + [fault for child in node.get("Plans", ()) for fault in _faults(child)]


def _by_steps(db, statement, parameters):
    """Return what is wrong with SQLite's plan: a table that grows is read whole, or too many steps are taken."""
    plan = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    found = [line for line in plan if line.startswith("SCAN ") and line.split()[1] in GROWING and "INDEX" not in line]
    connection = db.connection.driver_connection
    hundreds = []
    connection.set_progress_handler(lambda: hundreds.append(1), 100)
    try:
        db.exec_driver_sql(statement, parameters).all()
    finally:
        connection.set_progress_handler(None, 0)
    steps = 100 * len(hundreds)
    return [*found, f"{steps} steps: {plan}"] if steps > MAX_STEPS else found
