"""Lists: what stands in them, how they go on, and how many statements they take."""

import pytest
from sqlalchemy import event

from twite_common import clock
from twite_common.services.accounts import blocks, follows, profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import bookmarks, favourites


@pytest.fixture
def statements(database):
    """Count the statements that a block runs."""
    run = []

    def record(connection, cursor, statement, parameters, context, executemany):
        run.append(statement)

    for engine in (database._reading, database._writing):
        event.listen(engine, "before_cursor_execute", record)
    yield run
    for engine in (database._reading, database._writing):
        event.remove(engine, "before_cursor_execute", record)


def fill(kind, database, ann, others, make_post):
    """Put an entry for each of the others into one of Ann's lists."""
    posts = [make_post(other, f"Post of @{other.username} and @ann") for other in others]
    with database.writing() as db:
        profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=ProfileChanges(locked=True))
        for other, post_id in zip(others, posts, strict=True):
            now = clock.now()
            match kind:
                case "/favourites":
                    favourites.favourite_post(db, now=now, account_id=ann.id, post_id=post_id)
                case "/bookmarks":
                    bookmarks.bookmark_post(db, now=now, account_id=ann.id, post_id=post_id)
                case "/follow-requests":
                    follows.follow_account(db, now=now, follower_id=other.id, followee_id=ann.id)
                case "/settings/blocks":
                    blocks.block_account(db, now=now, account_id=ann.id, blocked_id=other.id)
                case "/settings/mutes":
                    blocks.mute_account(db, now=now, account_id=ann.id, muted_id=other.id)


LISTS = ["/favourites", "/bookmarks", "/follow-requests", "/settings/blocks", "/settings/mutes"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_goes_on_older_and_newer(database, ann, as_ann, make_account, make_post, path):
    others = [make_account(f"other{n:02}") for n in range(45)]
    fill(path, database, ann, others, make_post)
    pages = []
    as_ann.open(path)
    pages.append(as_ann.text)
    while older := as_ann.page.find("a", rel="next"):
        as_ann.open(older["href"])
        pages.append(as_ann.text)
    back = as_ann.page.find("a", rel="prev")["href"]
    as_ann.open(back)

    assert [sum(f"@other{n:02}" in page for n in range(45)) for page in pages] == [20, 20, 5]
    assert "@other44" in pages[0]
    assert "@other00" in pages[2]
    assert as_ann.text == pages[1]


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/favourites", 6),
        ("/bookmarks", 6),
        ("/follow-requests", 4),
        ("/settings/blocks", 4),
        ("/settings/mutes", 4),
        ("/notifications", 8),
    ],
)
def test_a_list_takes_as_many_statements_for_one_entry_as_for_twenty(
    database, ann, as_ann, make_account, make_post, statements, path, limit
):
    counts = []
    for names in (["one"], [f"other{n:02}" for n in range(20)]):
        fill(path, database, ann, [make_account(name) for name in names], make_post)
        as_ann.open(path)
        statements.clear()
        as_ann.open(path)
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert counts[0] <= limit, statements
