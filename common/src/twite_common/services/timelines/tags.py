"""Following hashtags, and featuring them on one's profile."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from twite_common import ids, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.timelines import tags as queries
from twite_common.queries.timelines.tags import Tag
from twite_common.services import locks
from twite_common.services.timelines import timelines
from twite_common.sql.dialects import upsert
from twite_common.tables import featured_tag, post_tag, tag, tag_follow
from twite_common.translations import gettext as _

MAX_FEATURED = 10

_ACCOUNT = bindparam("by_account_id", type_=BigInteger)
_TAG = bindparam("the_tag_id", type_=BigInteger)
MAX_COUNTED = 10_000
"""Uses of a hashtag beyond which it makes no difference that there are more."""
_uses = (
    select(post_tag.c.post_id).where(post_tag.c.tag_id == tag.c.id).limit(MAX_COUNTED).correlate(tag).subquery("uses")
)
COUNT_USES = (
    update(tag)
    .where(tag.c.id.in_(select(post_tag.c.tag_id).where(post_tag.c.post_id >= bindparam("first_id", type_=BigInteger))))
    .values(uses=select(func.count()).select_from(_uses).scalar_subquery())
)
ADD = upsert(tag).on_conflict_do_nothing()
FOLLOW = upsert(tag_follow).on_conflict_do_nothing()
UNFOLLOW = delete(tag_follow).where(tag_follow.c.account_id == _ACCOUNT, tag_follow.c.tag_id == _TAG)
COUNT_FEATURED = select(func.count()).where(featured_tag.c.account_id == _ACCOUNT)
IS_FEATURED = select(featured_tag.c.id).where(featured_tag.c.account_id == _ACCOUNT, featured_tag.c.tag_id == _TAG)
FEATURE = insert(featured_tag)
UNFEATURE = delete(featured_tag).where(featured_tag.c.account_id == _ACCOUNT, featured_tag.c.tag_id == _TAG)
DROP_FEATURED = delete(featured_tag).where(
    featured_tag.c.account_id == _ACCOUNT, featured_tag.c.id == bindparam("featured_id", type_=BigInteger)
)


def count_uses(db: Connection, *, since: int) -> None:
    """Count how many posts have each of the hashtags that posts made since a time (in milliseconds) have."""
    db.execute(COUNT_USES, {"first_id": ids.first_at(max(since, 0))})


def follow_tag(db: Connection, *, now: int, account_id: int, name: str) -> Tag:
    """Have public posts with a hashtag in one's home timeline from now on. Raises NotFound for what can't be one."""
    tag = found_or_made(db, name, now=now)
    db.execute(FOLLOW, {"account_id": account_id, "tag_id": tag.id, "id": ids.new(now)})
    return tag


def unfollow_tag(db: Connection, *, now: int, account_id: int, name: str) -> Tag:
    """Follow a hashtag no longer: what is in one's home timeline only for it leaves. Raises NotFound as above."""
    tag = found_or_made(db, name, now=now)
    db.execute(UNFOLLOW, {"by_account_id": account_id, "the_tag_id": tag.id})
    timelines.take_out_tag(db, account_id=account_id, tag_id=tag.id)
    return tag


def feature_tag(db: Connection, *, now: int, account_id: int, name: str) -> tuple[Tag, int]:
    """Show a hashtag on one's profile; return it and the feature's id.

    Raises NotFound for what can't be a hashtag, Invalid beyond ten.
    """
    locks.take(db, account_id)
    tag = found_or_made(db, name, now=now)
    pair = {"by_account_id": account_id, "the_tag_id": tag.id}
    feature_id: int | None = db.scalar(IS_FEATURED, pair)
    if feature_id is not None:
        return tag, feature_id
    if db.scalars(COUNT_FEATURED, {"by_account_id": account_id}).one() >= MAX_FEATURED:
        raise Invalid(_("Validation failed: You have already featured the maximum number of hashtags"))
    id = ids.new(now)
    db.execute(FEATURE, {"id": id, "account_id": account_id, "tag_id": tag.id})
    return tag, id


def unfeature_tag(db: Connection, *, now: int, account_id: int, name: str) -> Tag:
    """Show a hashtag on one's profile no longer. Raises NotFound for what can't be a hashtag."""
    tag = found_or_made(db, name, now=now)
    db.execute(UNFEATURE, {"by_account_id": account_id, "the_tag_id": tag.id})
    return tag


def drop_featured(db: Connection, *, account_id: int, featured_id: int) -> None:
    """Take a feature away, by its id. Raises NotFound unless it is the account's own."""
    if not db.execute(DROP_FEATURED, {"by_account_id": account_id, "featured_id": featured_id}).rowcount:
        raise NotFound(_("There is no such featured hashtag."))


def found_or_made(db: Connection, name: str, *, now: int) -> Tag:
    """Return a hashtag, which is made if nobody has used it yet. Raises NotFound for what can't be one."""
    spelling = name.removeprefix("#")
    if not text.is_hashtag(spelling):
        raise NotFound(_("This isn't a valid hashtag."))
    key = text.hashtag_key(spelling)
    tag = queries.by_key(db, key)
    if tag is None:
        db.execute(ADD, {"id": ids.new(now), "name_key": key, "name": spelling})
        tag = queries.by_key(db, key)
    if tag is None:
        raise NotFound(_("This isn't a valid hashtag."))
    return tag
