"""What happened since one was here last: /api/v1/catch_up, an extension of this site."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from litestar import get, patch
from litestar.params import JSONBody, QueryParameter

from twite_common import clock
from twite_common.queries.timelines import catch_up as queries
from twite_common.queries.timelines import catch_up_rules
from twite_common.services.timelines import catch_up
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.schemas import accounts as account_schemas
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.catch_up import (
    CatchUp,
    CatchUpLink,
    CatchUpPerson,
    CatchUpRule,
    CatchUpStatus,
    CatchUpTag,
)
from twite_web.api.schemas.posts import PreviewCard, Status
from twite_web.api.serializers import accounts as account_serializers
from twite_web.api.serializers import posts as post_serializers
from twite_web.post_filters import matcher
from twite_web.routing import Router
from twite_web.types import Request

NAMED = 5
"""People who are named with what they took up; all are counted."""

Hours = Annotated[
    int | None, QueryParameter(description="Catch up with the last so many hours, not with what came since one left.")
]


class RuleChanges(msgspec.Struct):
    """Rules to switch on or off, by their names; those left out stay."""

    rules: dict[str, bool] = {}


@get("/catch_up", opt=user("read:statuses"), sync_to_thread=True)
def show(request: Request, hours: Hours = None) -> CatchUp:
    """Return what the accounts that the user follows posted and took up since the user was here last.

    At most the last seven days and the latest 400 entries of the home timeline are looked at.
    """
    with reading(request) as access:
        since_at = None if hours is None else access.now - min(abs(hours), 7 * 24) * clock.HOUR
        found = queries.catch_up(
            access.db, viewer_id=access.account_id, now=access.now, filters=matcher(access), since_at=since_at
        )
        return _Entities(access, found).whole()


@patch("/catch_up", opt=user("write:accounts"), sync_to_thread=True)
def change(request: Request, data: JSONBody[RuleChanges]) -> list[CatchUpRule]:
    """Switch rules of catching up on or off, and return all of them."""
    with writing(request) as access:
        catch_up.switch(access.db, account_id=access.account_id, rules=data.rules)
    with access.reading() as access:
        return _rules(catch_up_rules.of_account(access.db, access.account_id))


class _Entities:
    """What was found as entities: all posts and people are loaded at once."""

    def __init__(self, access: Access, found: queries.CatchUp) -> None:
        self._access, self._found = access, found
        shared = [one for _, one in (*found.hashtags, *found.links)]
        post_ids = [id for person in found.people for id in person.best_ids]
        post_ids += [one.post_id for one in found.taken_up] + [id for one in shared for id in one.latest_ids]
        statuses = post_serializers.statuses(access, list(dict.fromkeys(post_ids)))
        self._statuses = {int(status.id): status for status in statuses}
        account_ids = {person.account_id for person in found.people}
        for one in found.taken_up:
            account_ids.update(*(ids[:NAMED] for ids in (one.boosted_by, one.favourited_by, one.answered_by)))
        account_ids.update(*(one.account_ids[:NAMED] for one in shared))
        self._accounts = account_serializers.accounts(access, account_ids)

    def whole(self) -> CatchUp:
        """Return all of it."""
        found = self._found
        return CatchUp(
            since=timestamp(found.since_at),
            has_more=found.has_more,
            statuses_count=found.posts_count,
            people=[self._person(one) for one in found.people if one.account_id in self._accounts],
            more_people_count=found.more_people_count,
            taken_up=[self._taken_up(one) for one in found.taken_up if one.post_id in self._statuses],
            hashtags=[
                CatchUpTag(
                    name=tag.name,
                    url=self._access.core.addresses.tag(tag.name_key),
                    accounts_count=len(shared.account_ids),
                    accounts=self._named(shared.account_ids),
                    statuses_count=shared.posts_count,
                    statuses=self._shown(shared.latest_ids),
                )
                for tag, shared in found.hashtags
            ],
            links=self._links(),
            rules=_rules(found.rules),
        )

    def _person(self, person: queries.PersonsPosts) -> CatchUpPerson:
        return CatchUpPerson(
            account=self._accounts[person.account_id],
            statuses_count=person.posts_count,
            statuses=self._shown(person.best_ids),
        )

    def _taken_up(self, one: queries.TakenUp) -> CatchUpStatus:
        return CatchUpStatus(
            status=self._statuses[one.post_id],
            accounts_count=len(one.account_ids),
            boosted_by=self._named(one.boosted_by),
            favourited_by=self._named(one.favourited_by),
            answered_by=self._named(one.answered_by),
        )

    def _links(self) -> list[CatchUpLink]:
        cards = post_serializers.card_values(self._access, [card for card, _ in self._found.links])
        return [
            CatchUpLink(
                card=PreviewCard(**values),
                accounts_count=len(shared.account_ids),
                accounts=self._named(shared.account_ids),
                statuses_count=shared.posts_count,
                statuses=self._shown(shared.latest_ids),
            )
            for values, (_, shared) in zip(cards, self._found.links, strict=True)
        ]

    def _named(self, account_ids: Sequence[int]) -> list[account_schemas.Account]:
        return [self._accounts[id] for id in account_ids[:NAMED] if id in self._accounts]

    def _shown(self, post_ids: Iterable[int]) -> list[Status]:
        return [self._statuses[id] for id in post_ids if id in self._statuses]


def _rules(on: frozenset[str]) -> list[CatchUpRule]:
    return [
        CatchUpRule(name=rule.name, description=rule.words, enabled=rule.name in on) for rule in catch_up_rules.RULES
    ]


router = Router("/", route_handlers=[show, change], tags=["timelines"])
