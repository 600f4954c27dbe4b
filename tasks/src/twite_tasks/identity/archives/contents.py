"""The files of an archive, one after another; whatever is in them is read while they are written."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import msgspec

from twite_common import clock, ids, post_details
from twite_common.database import Database
from twite_common.errors import NotFound
from twite_common.media.storage import Storage
from twite_common.queries.accounts import accounts
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.identity import archive_contents as queries
from twite_common.queries.identity.archive_contents import OwnPosts
from twite_common.translations import gettext as _
from twite_tasks.identity.archives import activities, csv_tables, pages
from twite_tasks.identity.archives import addresses as places
from twite_tasks.identity.archives.addresses import Addresses
from twite_tasks.identity.archives.zip_stream import ZipStream

READ_BYTES = 256 * 1024


class Contents:
    """What an account's archive is made of. `step` is called with the number of posts that were dealt with since."""

    def __init__(
        self,
        database: Database,
        files: Storage,
        addresses: Addresses,
        account_id: int,
        *,
        now: int,
        step: Callable[[int], None],
    ) -> None:
        self._database, self._files, self._addresses = database, files, addresses
        self._now, self._step = now, step
        with database.reading() as db:
            account = accounts.get(db, account_id)
        if account is None or account.suspended_at is not None:
            raise NotFound(_("This account no longer exists."))
        self._account: Account = account
        self._at = clock.as_datetime(now)
        self._zip = ZipStream()

    def written(self) -> Iterator[bytes]:
        """Give the archive, part by part."""
        yield from self._activities()
        yield from self._tables()
        yield from self._records()
        yield from self._pages()
        yield from self._zip.end()

    def _add(self, name: str, parts: Iterable[bytes], *, huge: bool = False) -> Iterator[bytes]:
        return self._zip.add(name, parts, at=self._at, huge=huge)

    def _own_posts(self) -> Iterator[OwnPosts]:
        for some in queries.own_posts(self._database.reading, self._account.id, now=self._now):
            yield some
            self._step(len(some.posts))

    def _activities(self) -> Iterator[bytes]:
        account, addresses, now = self._account, self._addresses, self._now
        yield from self._add("actor.json", [_json(activities.actor(addresses, account, now=now))])
        for key, file in (("icon", account.avatar), ("image", account.header)):
            if file:
                yield from self._media(activities.picture(key, file), file)
        done = (
            activity
            for some in self._own_posts()
            for activity in activities.activities(addresses, some, account, now=now)
        )
        yield from self._add("outbox.json", activities.collection("outbox.json", done), huge=True)
        for name, part in (("likes.json", queries.FAVOURITES), ("bookmarks.json", queries.BOOKMARKS)):
            rows = part.rows(self._database.reading, account.id, now=now)
            liked = (addresses.post(row.username, row.post_id) for row in rows)
            yield from self._add(name, activities.collection(name, liked))

    def _tables(self) -> Iterator[bytes]:
        for table in csv_tables.TABLES:
            lines = csv_tables.written(table, self._database.reading, self._addresses, self._account.id, now=self._now)
            yield from self._add(table.name, lines)
        with self._database.reading() as db:
            days = queries.daily_statistics(db, self._account.id)
        yield from self._add("statistics.csv", csv_tables.statistics(days))

    def _records(self) -> Iterator[bytes]:
        """Give what fits into no table, as JSON."""
        database, account_id, now = self._database, self._account.id, self._now
        with database.reading() as db:
            settings, filters = queries.settings(db, account_id), queries.own_filters(db, account_id)
        yield from self._add("settings.json", [_json(settings)])
        yield from self._add("filters.json", [_json([_plain(filter) for filter in filters])])
        conversations = map(self._conversation, queries.CONVERSATIONS.rows(database.reading, account_id, now=now))
        yield from self._add("conversations.json", _array(conversations))
        drafts = (
            {"updated_at": _time(row.updated_at), "posts": msgspec.Raw(row.parts.encode())}
            for row in queries.DRAFTS.rows(database.reading, account_id, now=now)
        )
        yield from self._add("drafts.json", _array(drafts))
        scheduled = (
            {"due_at": _time(row.due_at), "post": msgspec.Raw(row.draft.encode())}
            for row in queries.SCHEDULED.rows(database.reading, account_id, now=now)
        )
        yield from self._add("scheduled_posts.json", _array(scheduled))
        held = (
            {"written_at": _time(ids.created_at(row.id)), "posts": msgspec.Raw(row.drafts.encode())}
            for row in queries.HELD.rows(database.reading, account_id, now=now)
        )
        yield from self._add("held_posts.json", _array(held))
        versions = (
            version
            for some in queries.own_posts(database.reading, account_id, now=now)
            for version in activities.earlier_versions(self._addresses, some, self._account)
        )
        yield from self._add("edits.json", _array(versions))

    def _conversation(self, row: Any) -> dict[str, Any]:
        people = {row.username, *(one.username for one in post_details.decode(row.details).mentions)}
        return {
            "with": sorted(self._addresses.name(name) for name in people - {self._account.username}),
            "unread": row.unread,
            "last_post": self._addresses.post(row.username, row.last_post_id),
            "last_post_at": _time(ids.created_at(row.last_post_id)),
        }

    def _pages(self) -> Iterator[bytes]:
        made = pages.Pages(self._addresses, self._account, now=self._now)
        waiting: list[str] = []

        def read() -> Iterator[OwnPosts]:
            for some in self._own_posts():
                waiting.extend(
                    one.file for post in some.posts for one in post_details.decode(post.details).media if one.file
                )
                yield some

        # Media stand beside the pages that show them, so that no more names are kept than a page has.
        for name, content in made.of_posts(read()):
            yield from self._add(name, [content])
            while waiting:
                file = waiting.pop()
                yield from self._media(places.media(file), file)
        while waiting:
            file = waiting.pop()
            yield from self._media(places.media(file), file)
        threads = queries.own_threads(self._database.reading, self._account.id, now=self._now)
        for name, content in itertools.chain(made.of_threads(threads), made.end()):
            yield from self._add(name, [content])

    def _media(self, name: str, file: str) -> Iterator[bytes]:
        """Give a stored file, once; one that is gone is left out."""
        if name in self._zip:
            return
        try:
            opened = self._files.open(file)
        except FileNotFoundError:
            return
        with opened:
            yield from self._zip.add(name, _read(opened), at=self._at, compressed=False, huge=True)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(READ_BYTES):
        yield part


def _array(items: Iterable[object]) -> Iterator[bytes]:
    yield b"["
    for number, item in enumerate(items):
        yield (b",\n" if number else b"") + msgspec.json.encode(item)
    yield b"]\n"


def _json(content: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content)) + b"\n"


def _plain(filter: Any) -> dict[str, Any]:
    return {
        "title": filter.title,
        "contexts": filter.contexts,
        "action": filter.action,
        "expires_at": _time(filter.expires_at) if filter.expires_at is not None else None,
        "keywords": [{"keyword": one.keyword, "whole_word": one.whole_word} for one in filter.keywords],
        "posts": [str(one.post_id) for one in filter.posts],
    }


def _time(at: int) -> str:
    return clock.as_datetime(at).isoformat(timespec="seconds")
