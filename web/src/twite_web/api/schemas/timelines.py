"""The API's entities about hashtags, searches and how far one has read."""

from typing import Any

from msgspec import UNSET, UnsetType

from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.posts import PreviewCard, Status


class TagHistory(Entity, frozen=True, kw_only=True, gc=False):
    """How a hashtag was used on one day."""

    day: str
    uses: str
    accounts: str


class Link(PreviewCard, frozen=True, kw_only=True, gc=False):
    """A page that many link to, and how it was linked to in the last days."""

    history: list[TagHistory]


class Tag(Entity, frozen=True, kw_only=True, gc=False):
    """A hashtag."""

    id: str
    name: str
    url: str
    history: list[TagHistory]
    following: bool | UnsetType = UNSET
    featuring: bool | UnsetType = UNSET


class FeaturedTag(Entity, frozen=True, kw_only=True, gc=False):
    """A hashtag on somebody's profile."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


class Search(Entity, frozen=True, kw_only=True, gc=False):
    """What was found."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]
    collections: list[Any]


class Marker(Entity, frozen=True, kw_only=True, gc=False):
    """How far one has read a timeline."""

    last_read_id: str
    version: int
    updated_at: str


class RecentSearch(Entity, frozen=True, kw_only=True, gc=False):
    """Something that one has looked for, as it was typed."""

    id: str
    query: str


class SearchSuggestions(Entity, frozen=True, kw_only=True, gc=False):
    """What begins as somebody typed."""

    accounts: list[Account]
    hashtags: list[Tag]
    searches: list[RecentSearch]
