"""What people take out of the site shows what they may see: feeds at secret addresses, and archives, which have their
own posts alone.
"""

import io
import zipfile

import pytest

from post_visibility.oracle import PEOPLE, found_in, is_at_home, may
from twite_common import clock
from twite_common.media import storage
from twite_common.queries.timelines import lists
from twite_common.services.identity import private_feeds
from twite_tasks.identity.archives import addresses
from twite_tasks.identity.archives.contents import Contents

OUT = {"expelled"}
"""Whose account is suspended: their feeds show nothing, and no archive is made."""


@pytest.fixture
def addresses_of(database, world):
    """Make feeds of everything that somebody can read, and return their addresses by kind."""

    def addresses_of(name):
        account_id = world.people[name].id
        with database.writing() as db:
            wanted: list[tuple[str, int | None]] = [("home", None), ("notifications", None), ("bookmarks", None)]
            wanted += [("list", one.id) for one in lists.of_account(db, account_id)[:1]]
            return {
                kind: private_feeds.add(db, now=clock.now(), account_id=account_id, kind=kind, list_id=list_id)
                for kind, list_id in wanted
            }

    return addresses_of


def test_feeds_show_what_their_owners_may_see(world, viewers, addresses_of):
    wrong: list[tuple[object, ...]] = []
    spoke = set()
    for name in PEOPLE:
        for kind, secret in addresses_of(name).items():
            addresses = [f"/feeds/{secret}/feed.{form}" for form in ("atom", "rss", "json")]
            for address, answer in zip(addresses, viewers["anonymous"].ask(addresses), strict=True):
                shown = found_in(answer.text, world.posts)
                allowed = set() if name in OUT else {w for p in world.posts if may(name, p) for w in p.words}
                wrong += [(name, kind, address, "shows", word) for word in sorted(shown - allowed)]
                wrong += [(name, kind, answer.status_code)] if (answer.status_code == 404) != (name in OUT) else []
                wrong += [(name, kind, "may be kept")] if shown and "public" in answer.headers["cache-control"] else []
                spoke |= {kind} if shown else set()
                if kind == "home" and name not in OUT:
                    expected = {p.word + "text" for p in world.posts if is_at_home(name, p)} & set().union(
                        *(p.words for p in world.posts)
                    )
                    texts = {p.word + "text" for p in world.posts}
                    wrong += [(name, kind, "differs", word) for word in sorted(expected ^ (shown & texts))]

    assert wrong == []
    assert spoke == {"home", "notifications", "bookmarks", "list"}


def test_archives_have_the_words_of_their_owners_alone(world, database, settings):
    wrong: list[tuple[object, ...]] = []
    spoke = set()
    for name in [name for name in PEOPLE if name not in OUT]:
        account_id = world.people[name].id
        contents = Contents(
            database,
            storage.media(settings),
            addresses.of_site(settings),
            account_id,
            now=clock.now(),
            step=lambda _number: None,
        )
        with zipfile.ZipFile(io.BytesIO(b"".join(contents.written()))) as archive:
            text = "\n".join(archive.read(one).decode("latin-1") for one in archive.namelist())
        shown = found_in(text, world.posts)
        allowed = {word for post in world.posts if post.author == name for word in post.words}
        # What they chose in a poll that they may see is theirs.
        allowed |= {f"{post.word}option" for post in world.posts if may(name, post)}
        wrong += [(name, "shows", word) for word in sorted(shown - allowed)]
        spoke |= {name} if shown else set()

    assert wrong == []
    assert "bob" in spoke
