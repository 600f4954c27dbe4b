"""Polls: creating them, voting, and their end."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from twite_common import clock, text
from twite_common.drafts import PollDraft
from twite_common.errors import Invalid, NotFound
from twite_common.queries.posts import posts as post_queries
from twite_common.services.notifications import notifications
from twite_common.tables import poll, poll_vote, post
from twite_common.translations import gettext as _

MIN_OPTIONS, MAX_OPTIONS = 2, 4
MAX_OPTION_LENGTH = 50
MIN_SECONDS, MAX_SECONDS = 300, 2_629_746
ENDED_AT_ONCE = 100


_POST = bindparam("the_post_id", type_=BigInteger)
ADD = insert(poll)
GET = select(poll.c.options, poll.c.expires_at, poll.c.multiple, poll.c.hide_totals).where(poll.c.post_id == _POST)
LOCK = (
    select(poll.c.options, poll.c.expires_at, poll.c.multiple).where(poll.c.post_id == _POST).with_for_update(of=poll)
)
"""Whoever votes at the same moment waits, so that no vote is lost."""
CHOICES = select(poll_vote.c.choices).where(
    poll_vote.c.post_id == _POST, poll_vote.c.account_id == bindparam("voter_id", type_=BigInteger)
)
ADD_VOTE = insert(poll_vote)
CHANGE_VOTE = (
    update(poll_vote)
    .where(poll_vote.c.post_id == _POST, poll_vote.c.account_id == bindparam("voter_id", type_=BigInteger))
    .values(choices=bindparam("new_choices"))
)
CHANGE = update(poll).where(poll.c.post_id == _POST)
DROP = delete(poll).where(poll.c.post_id == _POST)
DROP_VOTES = delete(poll_vote).where(poll_vote.c.post_id == _POST)
VOTERS = select(poll_vote.c.account_id).where(poll_vote.c.post_id == _POST)
OVER = (
    select(poll.c.post_id, post.c.account_id)
    .join(post, post.c.id == poll.c.post_id)
    .where(poll.c.ended_at.is_(None), poll.c.expires_at <= bindparam("now", type_=BigInteger))
    .order_by(poll.c.expires_at)
    .limit(ENDED_AT_ONCE)
)


def checked(draft: PollDraft) -> PollDraft:
    """Return the poll as it is stored.

    Raises Invalid for options or a duration that can't be.
    """
    options = tuple(text.clean_line(option) for option in draft.options)
    if not all(options):
        raise Invalid(_("Validation failed: Options can't be blank"))
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS:
        raise Invalid(
            _("Validation failed: A poll has %(fewest)s to %(most)s options", fewest=MIN_OPTIONS, most=MAX_OPTIONS)
        )
    if len(set(options)) != len(options):
        raise Invalid(_("Validation failed: Options contain duplicates"))
    if beyond := next(filter(None, (text.excess(option, MAX_OPTION_LENGTH) for option in options)), None):
        raise Invalid(_("Validation failed: Options can't have more than %(limit)s", limit=beyond))
    if not MIN_SECONDS <= draft.expires_in_seconds <= MAX_SECONDS:
        raise Invalid(_("Validation failed: A poll must last between 5 minutes and a month"))
    return msgspec.structs.replace(draft, options=options)


def add(db: Connection, *, now: int, post_id: int, draft: PollDraft) -> None:
    """Ask a post's question; the draft is checked already."""
    db.execute(ADD, {"post_id": post_id, **_columns(draft, now)})


def change(db: Connection, *, now: int, post_id: int, draft: PollDraft | None) -> bool:
    """Give a post this poll, or none, and return whether that was a change; other options make the votes void."""
    row = db.execute(GET, {"the_post_id": post_id}).one_or_none()
    if row is None or draft is None:
        if row is not None:
            db.execute(DROP, {"the_post_id": post_id})
        if draft is not None:
            add(db, now=now, post_id=post_id, draft=draft)
        return row is not None or draft is not None
    titles = tuple(title for title, _ in _decoded(row.options))
    expires_at = now + draft.expires_in_seconds * clock.SECOND
    if (titles, row.multiple) == (draft.options, draft.multiple):
        db.execute(CHANGE.values(expires_at=expires_at, hide_totals=draft.hide_totals), {"the_post_id": post_id})
        return bool(row.hide_totals != draft.hide_totals)
    db.execute(DROP_VOTES, {"the_post_id": post_id})
    db.execute(CHANGE.values(voters_count=0, ended_at=None, **_columns(draft, now)), {"the_post_id": post_id})
    return True


def vote(db: Connection, *, now: int, account_id: int, post_id: int, choices: Sequence[int]) -> None:
    """Choose one or, where the poll allows it, several of a poll's options, each once; further ones may follow later.

    Raises NotFound when the account can't see the poll, Invalid when it can't vote so.
    """
    post = post_queries.get(db, post_id, viewer_id=account_id)
    row = db.execute(LOCK, {"the_post_id": post_id}).one_or_none() if post is not None else None
    if post is None or row is None:
        raise NotFound(_("There is no such poll."))
    if post.account_id == account_id:
        raise Invalid(_("Validation failed: You can't vote in your own poll"))
    if post_queries.poll_ended(row.expires_at, now=now):
        raise Invalid(_("Validation failed: The poll has already ended"))
    options = _decoded(row.options)
    chosen = sorted(set(choices))
    _check_choices(chosen, len(options), multiple=row.multiple)
    voter = {"the_post_id": post_id, "voter_id": account_id}
    before = _choices(db.scalar(CHOICES, voter))
    if before and (not row.multiple or before.intersection(chosen)):
        raise Invalid(_("Validation failed: You have already voted on this poll"))
    if before:
        db.execute(CHANGE_VOTE, {**voter, "new_choices": _encoded(sorted(before.union(chosen)))})
    else:
        db.execute(ADD_VOTE, {"post_id": post_id, "account_id": account_id, "choices": _encoded(chosen)})
    counted = [(title, votes + (place in chosen)) for place, (title, votes) in enumerate(options)]
    changes = {"options": _encoded(counted), "voters_count": poll.c.voters_count + (0 if before else 1)}
    db.execute(CHANGE.values(changes), {"the_post_id": post_id})


def _check_choices(choices: Sequence[int], options_count: int, *, multiple: bool) -> None:
    if not choices or not all(0 <= choice < options_count for choice in choices):
        raise Invalid(_("Validation failed: The chosen vote option does not exist"))
    if len(choices) > 1 and not multiple:
        raise Invalid(_("Validation failed: Only one option can be chosen in this poll"))


def end_those_over(db: Connection, *, now: int) -> None:
    """Tell authors and voters of the polls that have ended."""
    for post_id, author_id in db.execute(OVER, {"now": now}).all():
        db.execute(CHANGE.values(ended_at=now), {"the_post_id": post_id})
        account_ids = {author_id, *db.scalars(VOTERS, {"the_post_id": post_id})}
        notifications.notify(
            db, account_ids, "poll", now=now, from_account_id=author_id, post_id=post_id, to_oneself=True
        )


def _columns(draft: PollDraft, now: int) -> dict[str, object]:
    return {
        "options": _encoded([(option, 0) for option in draft.options]),
        "expires_at": now + draft.expires_in_seconds * clock.SECOND,
        "multiple": draft.multiple,
        "hide_totals": draft.hide_totals,
    }


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _choices(stored: str | None) -> set[int]:
    return msgspec.json.decode(stored, type=set[int]) if stored else set()


def _decoded(options: str) -> list[tuple[str, int]]:
    return msgspec.json.decode(options, type=list[tuple[str, int]])
