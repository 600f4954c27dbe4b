"""Scheduling posts and threads."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from operator import attrgetter

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, func, insert, select, update

from twite_common import acting, clock, ids, outbox
from twite_common.drafts import Draft, PollDraft
from twite_common.errors import Invalid, NotAllowed, NotFound, TwiteError
from twite_common.formats import number
from twite_common.queries.accounts import credentials
from twite_common.queries.posts import scheduled_posts as queries
from twite_common.queries.posts.scheduled_posts import Scheduled
from twite_common.services import locks
from twite_common.services.posts import idempotency, media, polls, post_checks, post_expiry, posts, replies
from twite_common.services.posts.held_posts import HeldForReview
from twite_common.settings import Settings
from twite_common.tables import scheduled_post
from twite_common.translations import gettext as _

log = logging.getLogger(__name__)

SOONEST_MS = 5 * clock.MINUTE
MAX_COUNT = 300
MAX_A_DAY = 25
MAX_BYTES = 64 * 1024
"""Bytes of a kept draft: its texts have bounds of their own, and nothing beside them needs more."""
PUBLISHED_AT_ONCE = 100
EVENT = "scheduled_post.due"

_ID = bindparam("the_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
ADD = insert(scheduled_post)
BY_KEY = select(scheduled_post.c.id).where(
    scheduled_post.c.account_id == _ACCOUNT,
    scheduled_post.c.idempotency_name == bindparam("key", type_=Text),
    scheduled_post.c.id >= bindparam("first_id", type_=BigInteger),
)
COUNT = select(
    func.count(),
    func.count().filter(
        scheduled_post.c.due_at >= bindparam("day_start", type_=BigInteger),
        scheduled_post.c.due_at < bindparam("day_end", type_=BigInteger),
    ),
).where(scheduled_post.c.account_id == _ACCOUNT, scheduled_post.c.id != bindparam("besides_id", type_=BigInteger))
MOVE = update(scheduled_post).where(scheduled_post.c.id == _ID, scheduled_post.c.account_id == _ACCOUNT)
DROP = delete(scheduled_post).where(scheduled_post.c.id == _ID, scheduled_post.c.account_id == _ACCOUNT)
DUE = (
    select(scheduled_post.c.id)
    .where(scheduled_post.c.due_at <= bindparam("now", type_=BigInteger))
    .order_by(scheduled_post.c.due_at)
    .limit(PUBLISHED_AT_ONCE)
)
# By the time that it is to be published it may have got another one.
TAKE = (
    delete(scheduled_post)
    .where(scheduled_post.c.id == _ID, scheduled_post.c.due_at <= bindparam("now", type_=BigInteger))
    .returning(*queries.COLUMNS)
)
TAKE_ALL = delete(scheduled_post).where(scheduled_post.c.account_id == _ACCOUNT).returning(*queries.COLUMNS)


def schedule(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    draft: Draft,
    due_at: int,
    application_id: int | None = None,
    idempotency_name: str | None = None,
) -> int:
    """Keep a post to be published at a time in milliseconds, and return the id of what is kept.

    Does and raises what `schedule_thread` does and raises.
    """
    return schedule_thread(
        db,
        settings,
        now=now,
        account_id=account_id,
        drafts=[draft],
        due_at=due_at,
        application_id=application_id,
        idempotency_name=idempotency_name,
    )


def schedule_thread(
    db: Connection,
    settings: Settings,
    *,
    now: int,
    account_id: int,
    drafts: Sequence[Draft],
    due_at: int,
    application_id: int | None = None,
    idempotency_name: str | None = None,
) -> int:
    """Keep posts to be published together at a time in milliseconds, each as the answer to the one before.

    Returns the id of what is kept; the same `idempotency_name` within an hour returns the same one. Raises Invalid for
    a post that breaks a rule, for none or more than `post_checks.MAX_THREAD`, for a time less than five minutes ahead,
    and beyond 300 of what is kept or 25 on a day, and ActingRefused for whoever acts for the account.
    """
    # Nobody but the owner: at its time nobody would ask whether whoever scheduled it may still write for the account.
    acting.check(acting.current(), None)
    # What an account schedules at the same moment waits, and finds what was there first.
    locks.take(db, account_id)
    if idempotency_name:
        idempotency_name = idempotency_name[: idempotency.MAX_LENGTH]
        earlier_id: int | None = db.scalar(
            BY_KEY,
            {
                "of_account_id": account_id,
                "key": idempotency_name,
                "first_id": ids.first_at(now - idempotency.KEPT_MS),
            },
        )
        if earlier_id is not None:
            return earlier_id
    post_checks.check_number(drafts)
    for draft in drafts:
        _check_draft(settings, draft, due_at)
    _check_time(db, now=now, account_id=account_id, due_at=due_at)
    post_checks.check_different_media(drafts)
    chosen = [
        attachment
        for draft in drafts
        for attachment in media.choose(db, account_id=account_id, media_ids=draft.media_ids or ())
    ]
    encoded = _encoded(drafts)
    if len(encoded) > MAX_BYTES:
        raise Invalid(_("Validation failed: A scheduled post can have at most %(size)s bytes", size=number(MAX_BYTES)))
    id = ids.new(now)
    row = {
        "id": id,
        "account_id": account_id,
        "application_id": application_id,
        "due_at": due_at,
        "draft": encoded.decode(),
        "idempotency_name": idempotency_name,
    }
    db.execute(ADD, row)
    media.put(db, chosen, now=now, scheduled_post_id=id)
    return id


def move(db: Connection, *, now: int, account_id: int, scheduled_id: int, due_at: int) -> None:
    """Give a scheduled post another time.

    Raises NotFound unless it is the account's own, Invalid for a time less than five minutes ahead, and beyond 25 on a
    day.
    """
    locks.take(db, account_id)
    if queries.get(db, scheduled_id, account_id=account_id) is None:
        raise NotFound(_("There is no such scheduled post."))
    _check_time(db, now=now, account_id=account_id, due_at=due_at, besides_id=scheduled_id)
    db.execute(MOVE.values(due_at=due_at), {"the_id": scheduled_id, "of_account_id": account_id})


def cancel(db: Connection, *, account_id: int, scheduled_id: int) -> None:
    """Give up a scheduled post.

    Raises NotFound unless it is the account's own.
    """
    if not db.execute(DROP, {"the_id": scheduled_id, "of_account_id": account_id}).rowcount:
        raise NotFound(_("There is no such scheduled post."))


def take_all(db: Connection, *, account_id: int) -> list[Scheduled]:
    """Have nothing of what an account has scheduled be published, and return it, what was scheduled first first."""
    rows = db.execute(TAKE_ALL, {"of_account_id": account_id}).all()
    return sorted((Scheduled(*row) for row in rows), key=attrgetter("id"))


def announce_due(db: Connection, *, now: int) -> None:
    """Have each post whose time has come published by a task of its own, so that one can't keep back the others."""
    for scheduled_id in db.scalars(DUE, {"now": now}).all():
        outbox.add(db, EVENT, now=now, scheduled_id=scheduled_id)


def publish_due(db: Connection, settings: Settings, *, now: int, scheduled_id: int) -> None:
    """Publish what was scheduled; what can't be published any more is given up, with a line in the log.

    So is what was scheduled for an account that staff have closed since: its owner, or whoever used it, isn't to write
    any more. What a rule for content refuses is held, since nobody is there who could be told.
    """
    row = db.execute(TAKE, {"the_id": scheduled_id, "now": now}).one_or_none()
    if row is None:
        return
    due = Scheduled(*row)
    try:
        with db.begin_nested(), suppress(HeldForReview):
            _check_open(db, due.account_id)
            posts.publish_thread(
                db,
                settings,
                now=now,
                author_id=due.account_id,
                drafts=due.decoded(),
                application_id=due.application_id,
                judged="later",
            )
    except TwiteError as error:
        log.warning("scheduled_post_given_up %s", {"scheduled_id": scheduled_id, "error": str(error)})


def _check_open(db: Connection, account_id: int) -> None:
    """Raise NotAllowed for an account that staff keep from being logged in to."""
    owner = credentials.get(db, account_id)
    if owner is not None and owner.disabled_at is not None:
        raise NotAllowed("Nobody can log in to the account.")


def _check_draft(settings: Settings, draft: Draft, due_at: int) -> None:
    """Raise Invalid for a post that can't be published as it is written."""
    if isinstance(draft.poll, PollDraft):
        polls.checked(draft.poll)
    post_checks.checked(settings, draft, required=not (draft.media_ids or isinstance(draft.poll, PollDraft)))
    replies.checked_policy(draft.reply_policy)
    post_expiry.end_of(draft, now=due_at)


def _encoded(drafts: Sequence[Draft]) -> bytes:
    """Return what is kept of posts.

    A thread is a list, which code that knows single posts only refuses and leaves for later, so that no part is lost.
    """
    written = [msgspec.structs.replace(draft, language=post_checks.language_of(draft)) for draft in drafts]
    return msgspec.json.encode(written if len(written) > 1 else written[0])


def _check_time(db: Connection, *, now: int, account_id: int, due_at: int, besides_id: int = 0) -> None:
    """Raise Invalid for a time that is too soon, or where all others of the account leave no room."""
    if due_at < now + SOONEST_MS:
        raise Invalid(_("Validation failed: Scheduled at must be at least 5 minutes in the future"))
    day = clock.start_of(clock.as_date(due_at))
    parameters = {"of_account_id": account_id, "day_start": day, "day_end": day + clock.DAY, "besides_id": besides_id}
    total, on_day = db.execute(COUNT, parameters).one()
    if total >= MAX_COUNT:
        raise Invalid(_("Validation failed: You have exceeded the limit of 300 scheduled posts"))
    if on_day >= MAX_A_DAY:
        raise Invalid(_("Validation failed: You have exceeded the limit of 25 scheduled posts for that day"))
