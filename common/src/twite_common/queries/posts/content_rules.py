"""The site's rules for content, and what they ask about authors and earlier posts."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, exists, func, or_, select

from twite_common import clock, ids
from twite_common.content_rules import Conditions
from twite_common.sql.dialects import among
from twite_common.tables import account, content_rule, domain_list, follow, listed_domain, mention, poll, post


class ContentRule(msgspec.Struct, frozen=True):
    """A rule. `conditions` and `trial` are JSON; `trial` is None where it wasn't tried as it stands now."""

    id: int
    name: str
    conditions: str
    action: str
    explanation: str
    active: bool
    account_id: int | None
    changed_at: int
    trial: str | None

    def decoded(self) -> Conditions:
        """Return what it looks for."""
        return msgspec.json.decode(self.conditions, type=Conditions)


class Earlier(msgspec.Struct, frozen=True):
    """A post of the last days, as rules are tried with it. `poll_options` is JSON, None where it has no poll."""

    id: int
    account_id: int
    text: str
    spoiler_text: str
    details: str
    poll_options: str | None


_COLUMNS = [content_rule.c[name] for name in ContentRule.__struct_fields__]
ALL = select(*_COLUMNS).order_by(content_rule.c.id)
ONE = select(*_COLUMNS).where(content_rule.c.id == bindparam("id", type_=BigInteger))
ACTIVE = select(*_COLUMNS).where(content_rule.c.active).order_by(content_rule.c.id)
ANY_ACTIVE = exists().where(content_rule.c.active)
"""Whether any rule is switched on, as a part of a statement that runs anyway."""
AUTHOR = select(account.c.role, ANY_ACTIVE).where(account.c.id == bindparam("author_id", type_=BigInteger))
LISTED = select(listed_domain.c.list_id, listed_domain.c.domain).where(
    among(listed_domain.c.domain, "domains"), listed_domain.c.taken
)
_AUTHOR_ID = bindparam("author_id", type_=BigInteger)
NEWEST = (
    select(post.c.id)
    .where(post.c.account_id == _AUTHOR_ID, post.c.id >= bindparam("first_id", type_=BigInteger))
    .where(post.c.boost_of_id.is_(None))
    .order_by(post.c.id.desc())
    .limit(bindparam("most", type_=BigInteger))
)
FOLLOWING = select(follow.c.follower_id).where(
    follow.c.followee_id == _AUTHOR_ID, among(follow.c.follower_id, "named_ids")
)
_follows_author = (
    exists()
    .where(follow.c.follower_id == mention.c.account_id, follow.c.followee_id == post.c.account_id)
    .correlate(mention, post)
)
_TO_STRANGERS = (
    exists()
    .where(mention.c.post_id == post.c.id, mention.c.account_id != post.c.account_id, ~_follows_author)
    .correlate(post)
)
EARLIER = (
    select(post.c.id, post.c.account_id, post.c.text, post.c.spoiler_text, post.c.details, poll.c.options)
    .outerjoin(poll, poll.c.post_id == post.c.id)
    .join(account, account.c.id == post.c.account_id)
    .where(
        post.c.id >= bindparam("first_id", type_=BigInteger),
        post.c.id < bindparam("before_id", type_=BigInteger),
        post.c.boost_of_id.is_(None),
        ~among(account.c.role, "exempt_roles"),
        or_(post.c.visibility != "mentioned", _TO_STRANGERS),
    )
    .order_by(post.c.id.desc())
    .limit(bindparam("most", type_=BigInteger))
)
_before = post.alias("before")
OFTEN = select(post.c.id).where(
    among(post.c.id, "post_ids"),
    select(func.count())
    .select_from(_before)
    .where(
        _before.c.account_id == post.c.account_id,
        _before.c.id <= post.c.id,
        _before.c.id > post.c.id - bindparam("within", type_=BigInteger),
        _before.c.boost_of_id.is_(None),
    )
    .scalar_subquery()
    > bindparam("max_posts", type_=BigInteger),
)
TO_STRANGERS = select(post.c.id).where(among(post.c.id, "post_ids"), _TO_STRANGERS)
LISTS = select(domain_list.c.id).where(among(domain_list.c.id, "ids"))


def all_rules(db: Connection) -> list[ContentRule]:
    """Return all rules, the oldest first."""
    return [ContentRule(*row) for row in db.execute(ALL)]


def get(db: Connection, rule_id: int) -> ContentRule | None:
    """Return a rule."""
    row = db.execute(ONE, {"id": rule_id}).one_or_none()
    return ContentRule(*row) if row else None


def active(db: Connection) -> list[ContentRule]:
    """Return the rules that are switched on."""
    return [ContentRule(*row) for row in db.execute(ACTIVE)]


def author(db: Connection, author_id: int) -> tuple[str, bool]:
    """Return the role of somebody who writes, and whether any rule is switched on."""
    role, any_active = db.execute(AUTHOR, {"author_id": author_id}).one()
    return role, any_active


def listed(db: Connection, names: Collection[str]) -> list[tuple[int, str]]:
    """Return the lists that have one of these domains, and which."""
    return [(row[0], row[1]) for row in db.execute(LISTED, {"domains": sorted(names)})] if names else []


def newest(db: Connection, author_id: int, *, since: int, most: int) -> list[int]:
    """Return the ids of an author's posts since a time in milliseconds, no more than `most`, the newest first."""
    return list(db.scalars(NEWEST, {"author_id": author_id, "first_id": ids.first_at(since), "most": most}))


def following(db: Connection, author_id: int, named_ids: Collection[int]) -> set[int]:
    """Return who of those named follows the author."""
    return set(db.scalars(FOLLOWING, {"author_id": author_id, "named_ids": list(named_ids)}))


def earlier(db: Connection, *, first_id: int, before_id: int, exempt_roles: Sequence[str], most: int) -> list[Earlier]:
    """Return posts from an id up to before another, the newest first, that rules look at.

    These are not those of authors with one of these roles, nor messages among people who follow their author.
    """
    parameters = {"first_id": first_id, "before_id": before_id, "exempt_roles": list(exempt_roles), "most": most}
    return [Earlier(*row) for row in db.execute(EARLIER, parameters)]


def often(db: Connection, post_ids: Collection[int], *, max_posts: int, minutes: int) -> set[int]:
    """Return those of the posts whose authors had published more than so many in the minutes up to it."""
    within = ids.first_at(minutes * clock.MINUTE)
    return set(db.scalars(OFTEN, {"post_ids": list(post_ids), "within": within, "max_posts": max_posts}))


def to_strangers(db: Connection, post_ids: Collection[int]) -> set[int]:
    """Return those of the posts that name somebody who doesn't follow their author by now."""
    return set(db.scalars(TO_STRANGERS, {"post_ids": list(post_ids)}))


def existing_lists(db: Connection, list_ids: Collection[int]) -> set[int]:
    """Return those of the lists of domains that are there."""
    return set(db.scalars(LISTS, {"ids": list(list_ids)}))
