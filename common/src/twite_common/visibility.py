"""The one answer to "may this viewer see this post?", part of every statement that shows posts.

Each condition takes the viewer's id from the parameter `viewer_id`; an anonymous viewer is NULL there and so
matches none of the rows that a person could match. A statement that asks for many viewers at once names the column
that has their ids instead.

A post that ends by itself is shown to nobody from then on, whether or not a task has deleted it by then. The time is
the parameter `now`, or where a statement isn't given any, the time at which it runs.
"""

from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, bindparam, exists, not_, or_, select, true
from sqlalchemy.sql.elements import BindParameter

from twite_common import clock
from twite_common.tables import account, block, credentials, follow, mention, mute

VISIBILITIES = ("public", "unlisted", "followers", "mentioned")
FOR_EVERYBODY = ("public", "unlisted")
"""Visibilities of posts that everybody may read, strangers too."""

VIEWER: BindParameter[int | None] = bindparam("viewer_id", type_=BigInteger)
NOW: BindParameter[int] = bindparam("now", type_=BigInteger, callable_=clock.now)

# Names of their own, so that a statement over one of these tables doesn't take the condition's for its own.
_account = account.alias("present_account")
_block = block.alias("any_block")
_credentials = credentials.alias("any_credentials")
_follow = follow.alias("any_follow")
_mention = mention.alias("any_mention")
_mute = mute.alias("any_mute")


def visible(
    post: FromClause, viewer: ColumnElement[int | None] = VIEWER, *, author: FromClause | None = None
) -> ColumnElement[bool]:
    """Return the condition that the viewer may read a post: a row of `post` or of an alias of it.

    `author` is the row of `account` that is its author's, where a statement has that anyway.
    """
    return and_(
        _shown_to_viewer(post, viewer),
        not_over(post),
        present(post.c.account_id) if author is None else _is_present(author),
        not_(_blocks_viewer(post.c.account_id, viewer)),
    )


def not_over(post: FromClause) -> ColumnElement[bool]:
    """Return the condition that a post hasn't ended by itself."""
    return or_(post.c.expires_at.is_(None), post.c.expires_at > NOW)


def open_to_all(post: FromClause) -> ColumnElement[bool]:
    """Return the condition that a post is for everybody, whether lists show it or not."""
    return or_(post.c.visibility == "public", post.c.visibility == "unlisted")


def present(account_id: ColumnElement[int] | ColumnElement[int | None]) -> ColumnElement[bool]:
    """Return the condition that an account is there for others: confirmed, approved and not suspended."""
    return exists().where(_account.c.id == account_id, _is_present(_account))


def _is_present(account: FromClause) -> ColumnElement[bool]:
    return and_(account.c.suspended_at.is_(None), not_(account.c.pending))


def admitted(account_id: ColumnElement[int] | ColumnElement[int | None]) -> ColumnElement[bool]:
    """Return the condition that an account is there for staff: neither pending nor being deleted."""
    return exists().where(_account.c.id == account_id, not_(_account.c.pending))


def reachable(account_id: ColumnElement[int] | ColumnElement[int | None]) -> ColumnElement[bool]:
    """Return the condition that an account's owner may be told things outside the site: they could log in and look."""
    disabled = exists().where(_credentials.c.account_id == account_id, _credentials.c.disabled_at.is_not(None))
    return and_(present(account_id), not_(disabled))


def unlimited(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that moderators haven't limited an account: kept it from lists that everybody sees."""
    return not_(exists().where(_account.c.id == account_id, _account.c.limited_at.is_not(None)))


def wanted(
    *account_ids: ColumnElement[int], for_notifications: bool = False, viewer: ColumnElement[int | None] = VIEWER
) -> ColumnElement[bool]:
    """Return the condition that the viewer has neither muted nor blocked any of these accounts.

    With `for_notifications`, a mute that lets notifications through does not count. Takes the time from the
    parameter `now`, because mutes may end.
    """
    mutes_all = _mute.c.notifications if for_notifications else true()
    return and_(
        not_(
            exists().where(
                _mute.c.account_id == viewer,
                _mute.c.muted_id.in_(account_ids),
                mutes_all,
                or_(_mute.c.expires_at.is_(None), _mute.c.expires_at > NOW),
            )
        ),
        not_(exists().where(_block.c.account_id == viewer, _block.c.blocked_id.in_(account_ids))),
    )


def names_wanted(post_id: ColumnElement[int], *, viewer: ColumnElement[int | None] = VIEWER) -> ColumnElement[bool]:
    """Return the condition that the viewer has neither muted nor blocked anybody who is named in a post.

    Takes the time from the parameter `now`, like `wanted`.
    """
    return and_(
        not_(
            exists().where(
                _mention.c.post_id == post_id,
                _mute.c.account_id == viewer,
                _mute.c.muted_id == _mention.c.account_id,
                or_(_mute.c.expires_at.is_(None), _mute.c.expires_at > NOW),
            )
        ),
        not_(
            exists().where(
                _mention.c.post_id == post_id,
                _block.c.account_id == viewer,
                _block.c.blocked_id == _mention.c.account_id,
            )
        ),
    )


def _shown_to_viewer(post: FromClause, viewer: ColumnElement[int | None]) -> ColumnElement[bool]:
    return or_(
        open_to_all(post),
        post.c.account_id == viewer,
        exists().where(_mention.c.post_id == post.c.id, _mention.c.account_id == viewer),
        and_(
            post.c.visibility == "followers",
            exists().where(_follow.c.followee_id == post.c.account_id, _follow.c.follower_id == viewer),
        ),
    )


def _blocks_viewer(account_id: ColumnElement[int], viewer: ColumnElement[int | None]) -> ColumnElement[bool]:
    return exists().where(_block.c.account_id == account_id, _block.c.blocked_id == viewer)


def not_between_blocks(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that neither the viewer nor an account blocks the other."""
    return ~(
        select(block.c.id)
        .where(
            or_(
                and_(block.c.account_id == account_id, block.c.blocked_id == VIEWER),
                and_(block.c.account_id == VIEWER, block.c.blocked_id == account_id),
            )
        )
        .exists()
    )
