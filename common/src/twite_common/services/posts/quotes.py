"""Quoting posts: who may, and revoking quotes."""

from sqlalchemy import BigInteger, Connection, bindparam, update

from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.posts import posts
from twite_common.queries.posts.posts import Post
from twite_common.services.timelines import stream_events
from twite_common.tables import post
from twite_common.translations import gettext as _
from twite_common.visibility import FOR_EVERYBODY

POLICIES = ("public", "followers", "nobody")

_POST = bindparam("the_post_id", type_=BigInteger)
COUNT = (
    update(post)
    .where(post.c.id == _POST)
    .values(quotes_count=post.c.quotes_count + bindparam("change", type_=BigInteger))
)
CHANGE = update(post).where(post.c.id == _POST)
SEVER = (
    update(post)
    .where(post.c.quote_of_id == bindparam("quoted_id", type_=BigInteger), post.c.quote_state == "accepted")
    .values(quote_state="deleted")
)


def quotable(db: Connection, *, author_id: int, post_id: int, visibility: str) -> tuple[Post, str]:
    """Return the post that somebody wants to quote, and the visibility that theirs then has.

    Raises NotFound when they can't see it, Invalid when they may not quote it.
    """
    quoted = posts.original(db, post_id, viewer_id=author_id)
    if quoted is None:
        raise NotFound(_("The post you are quoting no longer exists."))
    if quoted.visibility == "mentioned":
        raise Invalid(_("Validation failed: A post for mentioned people only can't be quoted"))
    if not quoted.can_be_quoted_by(author_id):
        raise Invalid(_("Validation failed: You are not allowed to quote this post"))
    if not quoted.for_everybody and visibility in FOR_EVERYBODY:
        visibility = "followers"
    return quoted, visibility


def count(db: Connection, *, post_id: int, change: int) -> None:
    """Change how often a post is quoted."""
    db.execute(COUNT, {"the_post_id": post_id, "change": change})


def sever(db: Connection, *, post_id: int) -> None:
    """Note in whatever quotes a post that it is deleted."""
    db.execute(SEVER, {"quoted_id": post_id})


def revoke(db: Connection, *, now: int, account_id: int, post_id: int, quoting_id: int) -> None:
    """Take one's post back out of a post that quotes it, for good.

    Raises NotFound when there is no such quote, NotAllowed unless the quoted post is one's own.
    """
    quoted = posts.get(db, post_id, viewer_id=account_id)
    quoting = posts.get(db, quoting_id, viewer_id=account_id)
    if quoted is None or quoting is None or quoting.quote_of_id != post_id:
        raise NotFound(_("There is no such quote."))
    if quoted.account_id != account_id:
        raise NotAllowed(_("This action is not allowed"))
    if quoting.accepted_quote_of_id is not None:
        db.execute(CHANGE.values(quote_state="revoked"), {"the_post_id": quoting_id})
        count(db, post_id=post_id, change=-1)
        stream_events.add(db, "post.edited", now=now, subject_id=quoting_id)


def set_policy(db: Connection, *, account_id: int, post_id: int, policy: str) -> None:
    """Choose who may quote a post from now on; existing quotes stay.

    Raises NotFound unless it is one's own, Invalid for another policy than public, followers and nobody.
    """
    post = posts.get(db, post_id, viewer_id=account_id)
    if post is None or post.account_id != account_id or post.boost_of_id is not None:
        raise NotFound(_("You have no such post."))
    db.execute(CHANGE.values(quote_policy=checked_policy(policy, post.visibility)), {"the_post_id": post_id})


def checked_policy(policy: str, visibility: str) -> str:
    """Return the policy that a post has: what is written for few, nobody else may quote.

    Raises Invalid for another policy than public, followers and nobody.
    """
    if policy not in POLICIES:
        raise Invalid(_("Validation failed: The quote policy must be public, followers or nobody"))
    return policy if visibility in FOR_EVERYBODY else "nobody"
