"""Asking the site's rules for content before a post is written; staff write the rules (`services.moderation`)."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection

from twite_common import clock, content_rules, ids, outbox, permissions
from twite_common.content_rules import Conditions, Says
from twite_common.errors import Invalid
from twite_common.queries.posts import content_rules as queries
from twite_common.queries.posts.content_rules import ContentRule
from twite_common.translations import gettext as _

REPORT = "content_rule.found"
"""The event by which posts are reported that a rule has found."""
EXEMPT = "manage_reports"
"""Whose role has this permission isn't asked about."""


class Written(msgspec.Struct, frozen=True):
    """What somebody is about to publish, or to change: its texts, and whom it names besides its author.

    A `message` is for those alone. It is looked at only if one of them doesn't follow its author.
    """

    texts: tuple[str, ...]
    named_ids: frozenset[int]
    message: bool


class Verdict(msgspec.Struct, frozen=True):
    """The rules that found something in what is to be published, and by their ids at which places among the posts."""

    rules: tuple[ContentRule, ...] = ()
    places: dict[int, list[int]] = {}

    @property
    def action(self) -> str:
        """What is to be done, the strictest that any of the rules says; empty where it is published as it is."""
        actions = {rule.action for rule in self.rules}
        return next((action for action in ("refuse", "hold", "limit") if action in actions), "")

    @property
    def names(self) -> str:
        """What the rules are called."""
        return ", ".join(rule.name for rule in self.rules)

    @property
    def explanation(self) -> str:
        """What the author is told of why it was kept back."""
        told = [rule.explanation for rule in self.rules if rule.action in {"refuse", "hold"} and rule.explanation]
        return "\n".join(dict.fromkeys(told))


def is_exempt(role: str) -> bool:
    """Say whether somebody with a role may write whatever they like."""
    return permissions.may(role, EXEMPT)


def judge(db: Connection, written: Sequence[Written], *, author_id: int, now: int, new: bool = True) -> Verdict:
    """Return which rules find something in what an author writes; `new` is whether it counts as more posts.

    How many statements that takes depends on which conditions the rules have, and on nothing else.
    """
    verdicts = judge_each(db, written, author_id=author_id, now=now, new=new)
    found = {rule.id: rule for verdict in verdicts for rule in verdict.rules}
    places = {id: [place for place, one in enumerate(verdicts) if found[id] in one.rules] for id in found}
    return Verdict(tuple(found[id] for id in sorted(found)), places)


def judge_each(
    db: Connection, written: Sequence[Written], *, author_id: int, now: int, new: bool = True
) -> list[Verdict]:
    """Return of each of several posts which rules find something in it, by as many statements as `judge` takes."""
    rules = queries.active(db)
    conditions = [rule.decoded() for rule in rules]
    said = [content_rules.says(one.texts) for one in written]
    asks = _Asks(db, author_id, written, conditions, now, new=new)
    listed = queries.listed(db, _linked(said)) if any(one.list_ids for one in conditions) else []
    return [
        Verdict(
            tuple(
                rule
                for rule, wanted in zip(rules, conditions, strict=True)
                if asks.fits(wanted, place) and content_rules.finds(wanted, one, _of(listed, one))
            )
        )
        for place, one in enumerate(said)
    ]


def check(verdict: Verdict) -> None:
    """Raise Invalid when what is to be published is refused."""
    if verdict.action == "refuse":
        raise refusal(verdict, _("This site doesn't accept this post."))


def refusal(verdict: Verdict, sentence: str) -> Invalid:
    """Return the error for what rules keep from being published: a sentence, and the explanation of the rules."""
    whole = f"{sentence} {verdict.explanation}".strip()
    return Invalid(whole, {"text": [("ERR_REFUSED", whole)]})


def report(db: Connection, verdict: Verdict, post_ids: Sequence[int], *, author_id: int, now: int) -> None:
    """Have those posts reported, once they are published, in which rules found something that say so, and no others.

    The rest of a thread isn't for staff, whom a report shows posts that they couldn't see otherwise.
    """
    for rule in verdict.rules:
        if rule.action == "report":
            found_ids = [post_ids[place] for place in verdict.places[rule.id]]
            outbox.add(db, REPORT, now=now, account_id=author_id, rule_ids=[rule.id], post_ids=found_ids)


class _Asks:
    """What rules ask besides the texts, found out once for all of them, and only if one asks."""

    def __init__(
        self,
        db: Connection,
        author_id: int,
        written: Sequence[Written],
        conditions: Sequence[Conditions],
        now: int,
        *,
        new: bool,
    ) -> None:
        self._age_ms = now - ids.created_at(author_id)
        self._now, self._new = now, new
        self._posted_at: list[int] = []
        if any(one.max_posts for one in conditions):
            minutes = max(one.minutes or 0 for one in conditions)
            most = max(one.max_posts or 0 for one in conditions) + 1
            newest_ids = queries.newest(db, author_id, since=now - minutes * clock.MINUTE, most=most)
            self._posted_at = [ids.created_at(id) for id in newest_ids]
        named_ids = frozenset[int]().union(*(one.named_ids for one in written)) - {author_id}
        strangers: frozenset[int] = frozenset()
        asked = any(one.names_strangers for one in conditions) or any(one.message for one in written)
        if named_ids and asked:
            strangers = named_ids - queries.following(db, author_id, named_ids)
        self._to_strangers = [bool(one.named_ids & strangers) for one in written]
        self._among_friends = [
            one.message and not to_strangers for one, to_strangers in zip(written, self._to_strangers, strict=True)
        ]

    def fits(self, conditions: Conditions, place: int) -> bool:
        """Say whether the author, and what they write at a place among several posts, is what a rule is about."""
        if self._among_friends[place]:
            return False
        if conditions.max_age_days and self._age_ms >= conditions.max_age_days * clock.DAY:
            return False
        if conditions.names_strangers and not self._to_strangers[place]:
            return False
        if not conditions.max_posts:
            return True
        since = self._now - (conditions.minutes or 0) * clock.MINUTE
        earlier = sum(at >= since for at in self._posted_at)
        return earlier + (place + 1 if self._new else 0) > conditions.max_posts


def _linked(said: Sequence[Says]) -> Collection[str]:
    return frozenset[str]().union(*(one.linked_domains for one in said))


def _of(listed: Sequence[tuple[int, str]], post: Says) -> list[tuple[int, str]]:
    return [(list_id, domain) for list_id, domain in listed if domain in post.linked_domains]
