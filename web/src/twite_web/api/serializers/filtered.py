"""Which of the viewer's filters a post matches: the member `filtered` of a status, and the filter entities."""

from collections.abc import Sequence
from typing import Any

from twite_common.filtering import Filter, FilteredPost, Keyword, Match
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.filters import FilterKeyword, FilterResult, FilterStatus, FullFilter, ShortFilter


def results(matches: Sequence[Match]) -> list[FilterResult]:
    """Return the filters that a post matches."""
    return [_result(match) for match in matches]


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
