"""Which of the viewer's filters a post matches, for the API's entities and the site's pages alike."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from twite_common import text
from twite_common.database import Connection
from twite_common.filtering import Match, Matcher
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines import filters
from twite_common.queries.viewers import Viewer
from twite_web.core import Core

NO_FILTERS = Matcher([])


class Filtering(Protocol):
    """An open transaction on somebody's behalf: the API's `Access`, the site's `Visit`."""

    @property
    def db(self) -> Connection:
        """The transaction."""

    @property
    def core(self) -> Core:
        """The process's equipment, with its caches."""

    @property
    def viewer(self) -> Viewer | None:
        """Whoever looks; None for a stranger."""

    @property
    def now(self) -> int:
        """The time, in milliseconds."""


def matcher(filtering: Filtering) -> Matcher:
    """Return the viewer's filters, from memory where they haven't changed since."""
    viewer = filtering.viewer
    if viewer is None or viewer.filters_version == 0:
        return NO_FILTERS
    return matcher_of(filtering, viewer.account_id, viewer.filters_version)


def matcher_of(filtering: Filtering, account_id: int, version: int) -> Matcher:
    """Return an account's filters, which have this version."""
    cache, key = filtering.core.caches.matchers, (account_id, version)
    return cache.get(key) or cache.put(key, Matcher(filters.of_account(filtering.db, account_id)))


def matches(
    matcher: Matcher, post: Post, descriptions: Iterable[str], *, viewer_id: int | None, now: int
) -> list[Match]:
    """Return the filters that a post matches; nobody filters their own posts.

    `descriptions` are those of what is attached to it.
    """
    if matcher is NO_FILTERS or post.account_id == viewer_id:
        return []
    texts = [post.spoiler_text, text.visible(post.text), *filter(None, descriptions)]
    if post.poll_options is not None:
        texts += [title for title, _ in msgspec.json.decode(post.poll_options, type=list[tuple[str, int]])]
    post_ids = [post.id, post.quote_of_id] if post.quote_of_id else [post.id]
    return matcher.matches(texts, post_ids, now=now)
