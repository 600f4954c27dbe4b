"""Posts that end by themselves: from then on nobody sees them, and a task deletes them.

`twite_common.visibility` hides them, also while no task does its work. Nobody can put the end off, or choose one later:
whoever reads a post knows when it goes.
"""

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import clock, outbox
from twite_common.drafts import Draft
from twite_common.errors import Invalid
from twite_common.tables import post
from twite_common.translations import gettext as _

SOONEST_MS = 5 * clock.MINUTE
LATEST_DAYS = 366
EVENT = "post.over"
AT_ONCE = 100
"""Posts that one run of the job has deleted."""

OVER = (
    select(post.c.id)
    .where(post.c.expires_at.is_not(None), post.c.expires_at <= bindparam("now", type_=BigInteger))
    .order_by(post.c.expires_at)
    .limit(AT_ONCE)
)


def end_of(draft: Draft, *, now: int) -> int | None:
    """Return when a post that is published now will end, in milliseconds; None if it stays.

    Raises Invalid for a time that is too soon or too far off.
    """
    if draft.expires_at is None and draft.expires_in_seconds is None:
        return None
    at = clock.after(now, draft.expires_in_seconds or 0) if draft.expires_at is None else draft.expires_at
    if not now + SOONEST_MS <= at <= now + LATEST_DAYS * clock.DAY:
        raise Invalid(
            _("Validation failed: A post must end between 5 minutes and %(days)s days from now", days=LATEST_DAYS)
        )
    return at


def announce_over(db: Connection, *, now: int) -> None:
    """Have each post that has ended deleted by a task of its own, so that one can't keep back the others."""
    for post_id in db.scalars(OVER, {"now": now}).all():
        outbox.add(db, EVENT, now=now, post_id=post_id)
