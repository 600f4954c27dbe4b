"""The API's entities about filters."""

from twite_web.api.schemas import Entity


class FilterKeyword(Entity, frozen=True, kw_only=True, gc=False):
    """A word that a filter looks for."""

    id: str
    keyword: str
    whole_word: bool


class FilterStatus(Entity, frozen=True, kw_only=True, gc=False):
    """A post that a filter names."""

    id: str
    status_id: str


class ShortFilter(Entity, frozen=True, kw_only=True, gc=False):
    """A filter without what it looks for."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str


class FullFilter(ShortFilter, frozen=True, kw_only=True, gc=False):
    """A filter."""

    keywords: list[FilterKeyword]
    statuses: list[FilterStatus]


class FilterResult(Entity, frozen=True, kw_only=True, gc=False):
    """A filter that a post matches."""

    filter: ShortFilter
    keyword_matches: list[str] | None
    status_matches: list[str] | None
