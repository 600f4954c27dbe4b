"""Keeping posts back that a rule for content holds. `services.moderation.held_posts` decides about them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from twite_common import acting, ids
from twite_common.drafts import Draft
from twite_common.errors import Invalid, Kept, NotFound
from twite_common.post_details import Attachment
from twite_common.services.posts import media
from twite_common.services.posts.content_rules import Verdict
from twite_common.tables import held_post
from twite_common.tables import media as media_table
from twite_common.translations import gettext as _

MAX_COUNT = 100
"""Posts of an account that wait at most."""

ADD = insert(held_post)
WAITING = select(held_post.c.id, held_post.c.drafts).where(
    held_post.c.account_id == bindparam("of_account_id", type_=BigInteger), held_post.c.rejected_at.is_(None)
)
DROP = delete(held_post).where(
    held_post.c.id == bindparam("held_id", type_=BigInteger),
    held_post.c.account_id == bindparam("of_account_id", type_=BigInteger),
    held_post.c.rejected_at.is_(None),
)


LEAVE = (
    update(media_table)
    .where(media_table.c.held_post_id == bindparam("of_held_post_id", type_=BigInteger))
    .values(held_post_id=None, attached_at=bindparam("now", type_=BigInteger))
)


class HeldForReview(Kept):
    """The post isn't published: it is kept until staff have looked at it."""

    def __init__(self, explanation: str = "") -> None:
        sentence = _(
            "Your post is kept and waits for the staff to review it. Nobody else sees it until then: there is no "
            "need to send it again."
        )
        super().__init__(f"{sentence} {explanation}".strip())


def hold(
    db: Connection,
    *,
    now: int,
    author_id: int,
    drafts: Sequence[Draft],
    attachments: Sequence[Attachment],
    verdict: Verdict,
    application_id: int | None = None,
) -> None:
    """Keep posts, published together, until staff decide. The same text that waits already isn't kept twice.

    Raises Invalid beyond 100 that wait.
    """
    encoded = msgspec.json.encode(list(drafts)).decode()
    waiting = db.execute(WAITING, {"of_account_id": author_id}).all()
    if any(row.drafts == encoded for row in waiting):
        return
    if len(waiting) >= MAX_COUNT:
        raise Invalid(_("Too many of your posts wait for the staff to review them. Please wait until they have."))
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": author_id,
        "application_id": application_id,
        "drafts": encoded,
        "reason": verdict.names,
        "explanation": verdict.explanation,
        "writer_id": current.member_id if (current := acting.current()) is not None else None,
    }
    db.execute(ADD, row)
    media.put(db, attachments, now=now, held_post_id=id)


def withdraw(db: Connection, *, now: int, account_id: int, held_id: int) -> None:
    """Give up a held post of one's own. Raises NotFound unless it is the account's own and waits."""
    if not db.execute(DROP, {"held_id": held_id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("There is no such post that waits."))
    let_go(db, now=now, held_id=held_id)


def let_go(db: Connection, *, now: int, held_id: int) -> None:
    """Take the uploads off a post that is held no more; they can be put on a post for a day."""
    db.execute(LEAVE, {"of_held_post_id": held_id, "now": now})
