"""The routes that are said to have nothing to do with posts show none, not even to their author and to moderators."""

import re

import pytest

from post_visibility.asking import Ask
from post_visibility.oracle import found_in
from post_visibility.unconcerned_changes import CHANGED
from post_visibility.unconcerned_reads import READ
from post_visibility.world import TAG
from twite_common.tables import notification

LAST = ("/logout", "/settings/account", "/settings/applications", "/oauth/revoke")
"""What may end a log-in."""


@pytest.fixture
def filled(world, database):
    """Return the address of a path in which names stand for the author's things, or those of another account."""
    with database.reading() as db:
        group_key = db.scalars(notification.select().with_only_columns(notification.c.group_key)).first()
    post = next(post for post in world.posts if post.visibility == "public" and post.shape == "pictured")
    values = {
        "status_id": post.id,
        "list_id": world.lists["follower"],
        "name": TAG,
        "group_key": group_key,
        "folder": "aa",
        "file": f"{post.word}.webp",
        "text_name": "about",
        "year": 2026,
    }

    def filled(path, author):
        known = values | {"account_id": world.people[author].id, "handle": f"@{author}"}
        return re.sub(r"\{(\w+):\w+\}", lambda found: str(known.get(found[1], 1)), path)

    return filled


def _showing(world, viewers, asked):
    """Return who is shown words of posts, and where."""
    return [
        (name, one.method, one.address)
        for name in ("bob", "boss")
        for one, answer in zip(asked, viewers[name].ask(asked), strict=True)
        if found_in(answer.text, world.posts)
    ]


def test_what_can_be_read_there_shows_no_post(world, viewers, filled):
    asked = [Ask(filled(path, "bob")) for path in sorted(READ)]

    assert _showing(world, viewers, asked) == []


def test_what_can_be_changed_there_shows_no_post(world, viewers, filled, methods):
    paths = sorted(CHANGED, key=lambda path: (path.startswith(LAST), path))
    asked = [Ask(filled(path, "booster"), method, {}) for path in paths for method in methods[path] if method != "GET"]

    assert _showing(world, viewers, asked) == []
