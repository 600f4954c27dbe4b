"""Pinning posts to one's profile."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, select

from twite_common import ids
from twite_common.errors import Invalid, NotFound
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post
from twite_common.services import locks
from twite_common.sql.dialects import upsert
from twite_common.tables import pin
from twite_common.translations import gettext as _

MAX_COUNT = 5

_ACCOUNT = bindparam("by_account_id", type_=BigInteger)
ADD = upsert(pin).on_conflict_do_nothing()
DROP = delete(pin).where(pin.c.account_id == _ACCOUNT, pin.c.post_id == bindparam("the_post_id", type_=BigInteger))
COUNT = select(func.count()).where(pin.c.account_id == _ACCOUNT)


def pin_post(db: Connection, *, now: int, account_id: int, post_id: int) -> None:
    """Pin a post; asking twice changes nothing.

    Raises NotFound when the account can't see the post, Invalid for somebody else's, a boost, one for those named
    only, and beyond five.
    """
    locks.keep_post(db, post_id)
    locks.take(db, account_id)
    post = posts.get(db, post_id, viewer_id=account_id)
    if post is None:
        raise NotFound(_("There is no such post."))
    if not post.can_be_pinned_by(account_id):
        raise _refusal(post, account_id)
    if not post.pinned and db.scalars(COUNT, {"by_account_id": account_id}).one() >= MAX_COUNT:
        raise Invalid(_("Validation failed: You have already pinned the maximum number of posts"))
    db.execute(ADD, {"account_id": account_id, "post_id": post_id, "id": ids.new(now)})


def unpin_post(db: Connection, *, account_id: int, post_id: int) -> None:
    """Take a pin away; where there is none nothing changes.

    Raises NotFound when the account can't see the post.
    """
    if posts.get(db, post_id, viewer_id=account_id) is None:
        raise NotFound(_("There is no such post."))
    db.execute(DROP, {"by_account_id": account_id, "the_post_id": post_id})


def _refusal(post: Post, account_id: int) -> Invalid:
    if post.account_id != account_id:
        return Invalid(_("Validation failed: Someone else's post cannot be pinned"))
    if post.boost_of_id is not None:
        return Invalid(_("Validation failed: A boost cannot be pinned"))
    return Invalid(_("Validation failed: Posts that are only visible to mentioned users cannot be pinned"))
