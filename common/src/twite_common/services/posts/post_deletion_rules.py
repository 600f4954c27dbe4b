"""Having old posts deleted by a rule: a few an hour, so that nobody who wrote many is a burden to others."""

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from twite_common import clock
from twite_common.errors import Invalid
from twite_common.queries.posts import post_deletion_rules as queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.posts.post_deletion_rules import DAYS, Rule
from twite_common.services.posts import post_deletion
from twite_common.sql.dialects import upsert
from twite_common.tables import post_deletion_rule
from twite_common.translations import gettext as _

BEGIN_MS = clock.HOUR
"""How long after a rule was set the first post goes: its owner may have second thoughts."""
EVERY_MS = 15 * clock.MINUTE
POSTS_AT_ONCE = 3
"""Posts of an account that go each time."""
IDLE_MS = clock.DAY
"""When to look again after no post was left."""
ACCOUNTS_AT_ONCE = 200
MAX_COUNT = 1_000_000

_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_set = upsert(post_deletion_rule)
REMOVE = delete(post_deletion_rule).where(post_deletion_rule.c.account_id == _ACCOUNT)
DUE = (
    select(post_deletion_rule.c.account_id)
    .where(post_deletion_rule.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(post_deletion_rule.c.due_at)
    .limit(ACCOUNTS_AT_ONCE)
)
TAKE = select(post_deletion_rule.c.after_id).where(
    post_deletion_rule.c.account_id == _ACCOUNT, post_deletion_rule.c.due_at <= bindparam("now", type_=BigInteger)
)
GO_ON = update(post_deletion_rule).where(post_deletion_rule.c.account_id == _ACCOUNT)


def set_rule(db: Connection, *, now: int, account_id: int, rule: Rule) -> None:
    """Have an account's old posts deleted by a rule, from an hour from now on; all are looked at anew.

    Raises Invalid for a number of days that can't be chosen, and for what is no number of favourites or boosts.
    """
    check(rule)
    values = {**msgspec.structs.asdict(rule), "due_at": now + BEGIN_MS, "after_id": 0}
    statement = _set.values(account_id=account_id, **values)
    db.execute(statement.on_conflict_do_update(index_elements=[post_deletion_rule.c.account_id], set_=values))


def remove_rule(db: Connection, *, account_id: int) -> None:
    """Have an account's posts stay; where there is no rule nothing changes."""
    db.execute(REMOVE, {"of_account_id": account_id})


def check(rule: Rule) -> None:
    """Raise Invalid for a rule that can't be."""
    if rule.days not in DAYS:
        raise _invalid("days", _("Please choose one of the ages in the list."))
    for name in ("keep_favourites", "keep_boosts"):
        number = getattr(rule, name)
        if number is not None and not 1 <= number <= MAX_COUNT:
            raise _invalid(name, _("Please type a number from 1 on, or nothing."))


def due(db: Connection, *, now: int) -> list[int]:
    """Return the accounts of which some posts are to be deleted, the longest waiting first."""
    return list(db.scalars(DUE, {"now": now}))


def delete_some(db: Connection, account_id: int, *, now: int) -> None:
    """Delete the next few old posts of an account, unless somebody else has just done so."""
    after_id, rule = db.scalar(TAKE, {"of_account_id": account_id, "now": now}), queries.of_account(db, account_id)
    if after_id is None or rule is None:
        return
    post_ids, next_id = queries.following(db, account_id, rule, after_id=after_id, now=now, limit=POSTS_AT_ONCE)
    # Posts come before accounts everywhere (`services.locks`), and are deleted in their order.
    for post_id in post_ids:
        post = post_queries.get(db, post_id, viewer_id=account_id, now=now)
        if post is not None:
            post_deletion.remove(db, post, now=now, with_media=True)
    values = {"due_at": now + (EVERY_MS if next_id is not None else IDLE_MS), "after_id": next_id or 0}
    db.execute(GO_ON.values(values), {"of_account_id": account_id})


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})
