"""Loading posts with all that they are shown with, for the API's entities and the site's pages alike."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from twite_common.database import Connection
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.accounts.accounts import Account
from twite_common.queries.posts import posts as queries
from twite_common.queries.posts.posts import Post, Related
from twite_common.queries.timelines.timelines import Entry
from twite_web.memory_cache import NewestVersions

Author = TypeVar("Author")


class Viewing(Protocol):
    """An open transaction on somebody's behalf: the API's `Access`, the site's `Visit`."""

    @property
    def db(self) -> Connection:
        """The transaction."""

    @property
    def viewer_id(self) -> int | None:
        """Id of whoever looks; None for a stranger."""

    @property
    def now(self) -> int:
        """The time, in milliseconds."""


def by_id(viewing: Viewing, post_ids: Collection[int]) -> dict[int, Post]:
    """Return posts and boosts, and what they boost and quote, by id; what the viewer may not see is left out."""
    return queries.load_with_related(viewing.db, post_ids, viewer_id=viewing.viewer_id, now=viewing.now)


def of_entries(viewing: Viewing, entries: Sequence[Entry | Related]) -> dict[int, Post]:
    """Return what `by_id` returns for a timeline's entries: they say what is related, so one statement is enough."""
    quoted_ids = {entry.quote_of_id for entry in entries if entry.quote_of_id}
    post_ids = {entry.post_id for entry in entries} | {entry.boost_of_id for entry in entries if entry.boost_of_id}
    return queries.load(
        viewing.db, post_ids | quoted_ids, viewer_id=viewing.viewer_id, now=viewing.now, quoted_ids=quoted_ids
    )


def authors(
    viewing: Viewing, posts: Iterable[Post], cache: NewestVersions[tuple[int, int], Author], other_ids: Iterable[int]
) -> tuple[dict[int, Author], dict[int, Account]]:
    """Return the authors of posts that are in the cache, by id, and the accounts of the rest and of `other_ids`.

    Those are loaded in one statement, if there are any.
    """
    cached_authors: dict[int, Author] = {}
    missing_ids = set(other_ids)
    for post in posts:
        author = cache.get((post.account_id, post.account_version))
        if author is None:
            missing_ids.add(post.account_id)
        else:
            cached_authors[post.account_id] = author
    return cached_authors, account_queries.load(viewing.db, missing_ids)
