"""Deciding about posts that a rule for content holds. Each decision is recorded.

What is released is published as if it had just been written. What is rejected is kept for 30 days, in which that can
be taken back; its author is told, and can appeal.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from twite_common import clock, permissions, text, translations
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.accounts import credentials
from twite_common.queries.posts import held_posts as queries
from twite_common.queries.posts.held_posts import HeldPost
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.moderation import account_actions
from twite_common.services.moderation.account_actions import Decision
from twite_common.services.posts import held_posts as holding
from twite_common.services.posts import posts
from twite_common.settings import Settings
from twite_common.tables import held_post
from twite_common.translations import gettext as _

PERMISSION = "manage_reports"
KEPT_MS = 30 * clock.DAY
"""How long a rejection can be taken back."""
MAX_NOTE_LENGTH = 1000
EXCERPT_CHARACTERS = 200
REMOVED_AT_ONCE = 500

_ID = bindparam("held_id", type_=BigInteger)
DROP = delete(held_post).where(held_post.c.id == _ID, held_post.c.rejected_at.is_(None))
FORGET = delete(held_post).where(held_post.c.id == _ID)
REJECT = update(held_post).where(held_post.c.id == _ID, held_post.c.rejected_at.is_(None))
RESTORE = (
    update(held_post)
    .where(held_post.c.id == _ID, held_post.c.rejected_at.is_not(None))
    .values(rejected_at=None, rejected_by_id=None, note="")
)
OVER = (
    select(held_post.c.id)
    .where(held_post.c.rejected_at < bindparam("before", type_=BigInteger))
    .order_by(held_post.c.rejected_at)
    .limit(REMOVED_AT_ONCE)
)


class Outcome(msgspec.Struct, frozen=True):
    """How many posts a decision was carried out for, and why it wasn't for others: what they said, and the reason."""

    done: int
    failures: tuple[str, ...] = ()


def release(db: Connection, settings: Settings, *, now: int, viewer: Viewer, held_ids: Sequence[int]) -> Outcome:
    """Publish held posts now, and say which can't be published any more: these stay held.

    Raises NotAllowed without the permission.
    """
    permissions.check(viewer, PERMISSION)
    failures, done = [], 0
    for held in _waiting(db, held_ids):
        try:
            with db.begin_nested():
                if not db.execute(DROP, {"held_id": held.id}).rowcount:
                    # Somebody else decided, or its author gave it up, at the same moment.
                    continue
                holding.let_go(db, now=now, held_id=held.id)
                posts.publish_thread(
                    db,
                    settings,
                    now=now,
                    author_id=held.account_id,
                    drafts=held.decoded(),
                    application_id=held.application_id,
                    judged="before",
                    writer_id=held.writer_id,
                )
        except TwiteError as error:
            failures.append(f"@{held.username}: {error}")
            continue
        done += 1
        audit_log.record(db, viewer, "release", "held_post", now=now, target_id=held.id, target_name=held.username)
    return Outcome(done, tuple(failures))


def reject(db: Connection, *, now: int, viewer: Viewer, held_ids: Sequence[int], note: str) -> int:
    """Decide against held posts, tell their authors with a note, and return how many.

    Raises NotAllowed without the permission, Invalid for a note that is too long.
    """
    permissions.check(viewer, PERMISSION)
    note = text.clean(note)
    if beyond := text.excess(note, MAX_NOTE_LENGTH):
        sentence = _("The note can have at most %(limit)s.", limit=beyond)
        raise Invalid(sentence, {"note": [("ERR_TOO_LONG", sentence)]})
    done = 0
    values = {"rejected_at": now, "rejected_by_id": viewer.account_id, "note": note}
    for held in _waiting(db, held_ids):
        if not db.execute(REJECT.values(values), {"held_id": held.id}).rowcount:
            continue
        done += 1
        audit_log.record(db, viewer, "reject", "held_post", now=now, target_id=held.id, target_name=held.username)
        decision = Decision(action="none", text=_told(db, held, note))
        account_actions.act(db, now=now, viewer=viewer, account_id=held.account_id, decision=decision)
    return done


def restore(db: Connection, *, now: int, viewer: Viewer, held_id: int) -> None:
    """Take a rejection back: the post is held again. Raises NotAllowed, and NotFound when there is none."""
    permissions.check(viewer, PERMISSION)
    held = next(iter(queries.load(db, [held_id])), None)
    if held is None or not db.execute(RESTORE, {"held_id": held_id}).rowcount:
        raise NotFound(_("There is no such rejected post."))
    audit_log.record(db, viewer, "reopen", "held_post", now=now, target_id=held_id, target_name=held.username)


def forget_old(db: Connection, *, now: int) -> None:
    """Remove what was rejected 30 days ago; a task removes its uploads when nobody uses them for a day."""
    for held_id in db.scalars(OVER, {"before": now - KEPT_MS}).all():
        holding.let_go(db, now=now, held_id=held_id)
        db.execute(FORGET, {"held_id": held_id})


def _waiting(db: Connection, held_ids: Sequence[int]) -> list[HeldPost]:
    return [held for held in queries.load(db, list(held_ids)) if held.rejected_at is None]


def _told(db: Connection, held: HeldPost, note: str) -> str:
    """Return what the author of a rejected post is told, in their language."""
    first = held.decoded()[0]
    excerpt = text.plain_excerpt(first.spoiler_text or first.text, EXCERPT_CHARACTERS)
    locale = credentials.locale_of(db, held.account_id)
    with translations.using(locale or translations.language()):
        sentence = _("Your post that was held for review isn't published: “%(excerpt)s”", excerpt=excerpt)
    return f"{sentence}\n\n{note}".strip()
