"""Which of the viewer's filters a post matches: the member `filtered` of a status, and the filter entities."""

from typing import Any

from twite_common import text
from twite_common.filtering import Filter, FilteredPost, Keyword, Match, Matcher
from twite_common.queries.posts.posts import Post
from twite_common.queries.timelines import filters
from twite_web.api.access import Access
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.filters import FilterKeyword, FilterResult, FilterStatus, FullFilter, ShortFilter

NO_FILTERS = Matcher([])


def matcher(access: Access) -> Matcher:
    """Return the viewer's filters, from memory where they haven't changed since."""
    viewer = access.viewer
    if viewer is None or viewer.filters_version == 0:
        return NO_FILTERS
    return matcher_of(access, viewer.account_id, viewer.filters_version)


def matcher_of(access: Access, account_id: int, version: int) -> Matcher:
    """Return an account's filters, which have this version."""
    cache, key = access.core.caches.matchers, (account_id, version)
    return cache.get(key) or cache.put(key, Matcher(filters.of_account(access.db, account_id)))


def results(matcher: Matcher, post: Post, texts: list[str], post_ids: list[int], *, now: int) -> list[FilterResult]:
    """Return the filters that somebody's post matches."""
    if matcher is NO_FILTERS:
        return []
    visible_texts = [post.spoiler_text, text.visible(post.text), *texts]
    return [_result(match) for match in matcher.matches(visible_texts, post_ids, now=now)]


def full(filter: Filter) -> FullFilter:
    """Return a filter with what it looks for."""
    return FullFilter(
        **_values(filter),
        keywords=[keyword(word) for word in filter.keywords],
        statuses=[status(post) for post in filter.posts],
    )


def keyword(word: Keyword) -> FilterKeyword:
    """Return a word that a filter looks for."""
    return FilterKeyword(id=str(word.id), keyword=word.keyword, whole_word=word.whole_word)


def status(post: FilteredPost) -> FilterStatus:
    """Return a filtered post."""
    return FilterStatus(id=str(post.id), status_id=str(post.post_id))


def _result(match: Match) -> FilterResult:
    return FilterResult(
        filter=ShortFilter(**_values(match.filter)),
        keyword_matches=list(match.keywords) or None,
        status_matches=[str(id) for id in match.post_ids] or None,
    )


def _values(filter: Filter) -> dict[str, Any]:
    return {
        "id": str(filter.id),
        "title": filter.title,
        "context": list(filter.contexts),
        "expires_at": timestamp(filter.expires_at) if filter.expires_at is not None else None,
        "filter_action": filter.action,
    }
