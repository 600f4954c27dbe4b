"""Who writes posts for an account that isn't their own: what they may do, and that they did it.

Who acts is a matter of the context (`twite_common.acting`): nothing of this concerns accounts that act themselves.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, bindparam, insert, select

from twite_common import acting
from twite_common.acting import LOOKS_AFTER, WRITES, ActingRefused
from twite_common.services.posts.post_checks import NewPost
from twite_common.sql.dialects import upsert
from twite_common.tables import post_edit_writer, post_writer
from twite_common.translations import gettext as _

ADD = insert(post_writer)
ADD_EDIT = upsert(post_edit_writer).on_conflict_do_nothing()
WRITER = select(post_writer.c.writer_id).where(post_writer.c.post_id == bindparam("of_post_id", type_=BigInteger))


def check_new(thread: Sequence[NewPost]) -> None:
    """Check that whoever acts for an account may publish posts for it.

    Raises ActingRefused for anything but messages and answers to others, where they only answer.
    """
    current = acting.current()
    if current is None or current.lets(WRITES):
        return
    for new in thread:
        answers_others = new.parent is not None and new.parent.account_id != new.author_id
        if not answers_others and new.visibility != "mentioned":
            raise ActingRefused(
                _(
                    "You act for @%(name)s, and can only answer others and send messages for that account.",
                    name=current.account_name,
                )
            )


def record(db: Connection, post_ids: Sequence[int], *, writer_id: int | None) -> None:
    """Write down who wrote posts for their account: whoever acts for it, or else `writer_id`; None for itself."""
    current = acting.current()
    writer = current.member_id if current is not None else writer_id
    if writer is not None:
        db.execute(ADD, [{"post_id": post_id, "writer_id": writer} for post_id in post_ids])


def record_edit(db: Connection, post_id: int, *, now: int) -> None:
    """Write down who edits a post, where somebody acts for its account."""
    current = acting.current()
    if current is not None:
        db.execute(ADD_EDIT, {"post_id": post_id, "edited_at": now, "writer_id": current.member_id})


def may_edit(db: Connection, post_id: int) -> bool:
    """Say whether whoever acts for a post's account, if somebody does, wrote it and may edit it."""
    current = acting.current()
    return current is None or db.scalar(WRITER, {"of_post_id": post_id}) == current.member_id


def may_delete(db: Connection, post_id: int) -> bool:
    """Say whether whoever acts for a post's account, if somebody does, may delete it: who looks after it may any."""
    current = acting.current()
    return current is None or current.lets(LOOKS_AFTER) or may_edit(db, post_id)


def check_edits(db: Connection, post_id: int) -> None:
    """Check that whoever acts for an account may edit this post of it. Raises ActingRefused where they may not."""
    _check(may_edit(db, post_id))


def check_deletes(db: Connection, post_id: int) -> None:
    """Check that whoever acts for an account may delete this post of it. Raises ActingRefused where they may not."""
    _check(may_delete(db, post_id))


def _check(allowed: bool) -> None:
    current = acting.current()
    if not allowed and current is not None:
        raise ActingRefused(_("You act for @%(name)s, and somebody else wrote this post.", name=current.account_name))
