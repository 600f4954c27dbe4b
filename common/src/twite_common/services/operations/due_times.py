"""Due times set by a clock that has been set back since: moves them forward.

Whatever waits for another try waits no longer than the longest delay that it may have. What lies further ahead comes
from before the clock was set back. People's own times, such as those of scheduled posts, are never touched, and neither
is mail that was planned for later, such as the daily one; it comes by as much later as the clock was set back.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, Update, and_, bindparam, case, or_, update

from twite_common import clock, outbox
from twite_common.services.accounts import field_verification
from twite_common.services.notifications import mails, push, webhooks
from twite_common.services.posts import cards
from twite_common.tables import card, event, field_check, mail, push_message, webhook_delivery

_NOW = bindparam("now", type_=BigInteger)
_AHEAD = bindparam("ahead", type_=BigInteger)


def _brought_forward(table: Table, delays_ms: Sequence[int], *conditions: ColumnElement[bool]) -> Update:
    """Return the statement for a table whose rows wait `delays_ms[n]` at most after n tries."""
    longest = case(*[(table.c.attempts == tries, delay) for tries, delay in enumerate(delays_ms)], else_=delays_ms[-1])
    # The first condition is what an index finds.
    return (
        update(table).where(*conditions, table.c.due_at > _AHEAD, table.c.due_at - longest > _AHEAD).values(due_at=_NOW)
    )


def _claimed_before(table: Table) -> Update:
    """Return the statement for claims, which would never be taken for those of somebody who died."""
    claimed = or_(table.c.state == "claimed", table.c.state == "sending")
    return update(table).where(claimed, table.c.claimed_at > _AHEAD).values(claimed_at=_NOW)


# What is planned for later has no place in the order of sending yet.
_planned = and_(mail.c.turn_at.is_(None), mail.c.attempts == 0)
BRING_FORWARD = (
    _brought_forward(event, (outbox.GRACE_MS, *outbox.DELAYS_MS), event.c.parked_at.is_(None)),
    _brought_forward(mail, (0, *mails.DELAYS_MS), mail.c.state == "due", ~_planned),
    _brought_forward(push_message, (0, *push.DELAYS_MS), push_message.c.state == "due"),
    _brought_forward(webhook_delivery, (0, *webhooks.DELAYS_MS), webhook_delivery.c.state == "due"),
    _brought_forward(
        card,
        [max(cards.CLAIM_MS, delay) for delay in (0, *cards.DELAYS_MS)],
        or_(card.c.state == "due", card.c.state == "claimed"),
    ),
    _brought_forward(
        field_check, [max(field_verification.CLAIM_MS, delay) for delay in (0, *field_verification.DELAYS_MS)]
    ),
    _claimed_before(mail),
    _claimed_before(push_message),
    _claimed_before(webhook_delivery),
)


def bring_forward(db: Connection, *, now: int) -> None:
    """Make due now what could not have been given so late a time by a clock that was right."""
    for statement in BRING_FORWARD:
        db.execute(statement, {"now": now, "ahead": now + clock.SKEW_MS})
