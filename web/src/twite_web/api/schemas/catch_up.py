"""The API's entities about catching up: an extension of this site, Mastodon has no such thing."""

from twite_web.api.schemas import Entity
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.posts import PreviewCard, Status


class CatchUpPerson(Entity, frozen=True, kw_only=True, gc=False):
    """Somebody who posted: how often, and their best posts, the best first."""

    account: Account
    statuses_count: int
    statuses: list[Status]


class CatchUpStatus(Entity, frozen=True, kw_only=True, gc=False):
    """A post that several took up, how many, and the first few of those who did what."""

    status: Status
    accounts_count: int
    boosted_by: list[Account]
    favourited_by: list[Account]
    answered_by: list[Account]


class CatchUpTag(Entity, frozen=True, kw_only=True, gc=False):
    """A hashtag that several used, who, and their latest posts with it."""

    name: str
    url: str
    accounts_count: int
    accounts: list[Account]
    statuses_count: int
    statuses: list[Status]


class CatchUpLink(Entity, frozen=True, kw_only=True, gc=False):
    """A page that several shared, who, and their latest posts with it."""

    card: PreviewCard
    accounts_count: int
    accounts: list[Account]
    statuses_count: int
    statuses: list[Status]


class CatchUpRule(Entity, frozen=True, kw_only=True, gc=False):
    """One of the rules, in words, and whether it is on."""

    name: str
    description: str
    enabled: bool


class CatchUp(Entity, frozen=True, kw_only=True, gc=False):
    """What happened since one was here. `has_more` says that not everything since then was looked at."""

    since: str
    has_more: bool
    statuses_count: int
    people: list[CatchUpPerson]
    more_people_count: int
    taken_up: list[CatchUpStatus]
    hashtags: list[CatchUpTag]
    links: list[CatchUpLink]
    rules: list[CatchUpRule]
