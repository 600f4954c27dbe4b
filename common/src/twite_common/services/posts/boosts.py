"""Boosting posts: sharing them with one's followers."""

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import ids
from twite_common.errors import Invalid, NotAllowed
from twite_common.queries.posts import posts
from twite_common.services.notifications import notifications
from twite_common.services.posts.post_deletion import remove
from twite_common.services.posts.posts import count_boost, count_post
from twite_common.services.timelines import timelines
from twite_common.settings import Settings
from twite_common.sql.dialects import upsert
from twite_common.tables import account, post, preferences
from twite_common.translations import gettext as _

BOOSTER = (
    select(account.c.followers_count, preferences.c.visibility)
    .join(preferences, preferences.c.account_id == account.c.id)
    .where(account.c.id == bindparam("by_account_id", type_=BigInteger))
)
ADD = upsert(post).on_conflict_do_nothing()
_WIDTH = ("public", "unlisted", "followers")


def boost_post(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    post_id: int,
    visibility: str | None = None,
    application_id: int | None = None,
) -> int:
    """Boost a post, or for a boost what that one boosts, and return the boost's id; the same one when asked twice.

    Raises NotFound when the account can't see the post, NotAllowed when it was written for fewer people, Invalid
    for a visibility that a boost can't have.
    """
    original = posts.existing_original(db, post_id, viewer_id=account_id)
    if not original.can_be_boosted_by(account_id):
        raise NotAllowed(_("This post isn't public, so it can't be boosted."))
    if visibility is not None and visibility not in _WIDTH:
        raise Invalid(_("A boost's visibility must be public, unlisted or followers."))
    boost_id = posts.own_boost(db, original.id, viewer_id=account_id)
    if boost_id is not None:
        return boost_id
    followers_count, default = db.execute(BOOSTER, {"by_account_id": account_id}).one()
    id = ids.new(now)
    merged = followers_count > settings.fanout_limit
    row = {
        "id": id,
        "account_id": account_id,
        "visibility": _visibility(visibility, default, original.visibility),
        "conversation_id": id,
        "boost_of_id": original.id,
        "application_id": application_id,
        "merged": merged,
    }
    if not db.execute(ADD, row).rowcount:
        # Another request of the same account got there first; it was waited for.
        return posts.own_boost(db, original.id, viewer_id=account_id) or id
    count_boost(db, post_id=original.id, change=1)
    count_post(db, author_id=account_id, now=now)
    timelines.deliver(
        db, settings, now=now, post_id=id, author_id=account_id, followers_count=followers_count, merged=merged
    )
    notifications.notify(db, [original.account_id], "boost", now=now, from_account_id=account_id, post_id=original.id)
    return id


def unboost_post(db: Connection, *, now: int, account_id: int, post_id: int) -> int:
    """Take a boost back, named by its own id or by the post's. Returns the post's id.

    Raises NotFound when the account can't see the post.
    """
    original = posts.existing_original(db, post_id, viewer_id=account_id)
    boost_id = posts.own_boost(db, original.id, viewer_id=account_id)
    boost = posts.get(db, boost_id, viewer_id=account_id) if boost_id is not None else None
    if boost is not None and remove(db, boost, now=now):
        notifications.take_back(
            db, account_id=original.account_id, kind="boost", from_account_id=account_id, post_id=original.id
        )
    return original.id


def _visibility(choice: str | None, default: str, original: str) -> str:
    """Return who is to see a boost: unless it is asked for, no more people than its maker's posts and the original."""
    if original == "followers":
        return "followers"
    if choice is not None:
        return choice
    return max(default if default in _WIDTH else "followers", original, key=_WIDTH.index)
