"""Preparing uploaded videos and sound: whoever does it claims one, and says now and then that it goes on."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, bindparam, exists, or_, select, update

from twite_common import clock
from twite_common.services.posts.media import STEP_MS, add, encoded, forget_files, locked_preview
from twite_common.tables import media

CLAIM_MS = 2 * clock.MINUTE
"""After this long without a word, whoever prepares an upload is taken for dead and it is begun anew."""
MAX_ATTEMPTS = 3
"""How often preparing an upload is begun: what ends whoever prepares it is given up."""

_ID = bindparam("media_id", type_=BigInteger)
_other = media.alias("other")
WAITING = (
    select(media.c.id)
    .where(
        media.c.state == "processing",
        media.c.claimed_at.is_(None),
        # An account's uploads are prepared one after another.
        ~exists().where(_other.c.account_id == media.c.account_id, _other.c.claimed_at.is_not(None)),
    )
    .order_by(media.c.turn_at, media.c.id)
    .limit(bindparam("limit"))
)
CLAIM = (
    update(media)
    .where(media.c.id == _ID, media.c.state == "processing", media.c.claimed_at.is_(None))
    .values(claimed_at=bindparam("now", type_=BigInteger), attempts=media.c.attempts + 1)
    .returning(media.c.id, media.c.kind, media.c.upload, media.c.attempts)
)
# Whoever has lost a claim, because it took too long, changes nothing any more.
_OWN = update(media).where(
    media.c.id == _ID, media.c.claimed_at.is_not(None), media.c.attempts == bindparam("attempt", type_=Integer)
)
_BEFORE, _AFTER = bindparam("before", type_=BigInteger), bindparam("after", type_=BigInteger)
# Nobody can have claimed one later than now, unless the machine's clock was set back.
RECOVER = (
    update(media)
    .where(media.c.claimed_at.is_not(None), or_(media.c.claimed_at < _BEFORE, media.c.claimed_at > _AFTER))
    .values(claimed_at=None)
)


class Claimed(msgspec.Struct, frozen=True):
    """An upload that is being prepared. `upload` is its file's name, `attempts` says how often that was begun."""

    id: int
    kind: str
    upload: str
    attempts: int


class PreparedRecording(msgspec.Struct, frozen=True):
    """A recording as it was written anew: its files' names in the media folder, and what clients are told of it."""

    file: str
    preview: str | None
    blurhash: str | None
    meta: dict[str, object]


def add_prepared(
    db: Connection, prepared: PreparedRecording, *, now: int, account_id: int, kind: str, bytes: int
) -> int:
    """Keep a recording that was prepared without waiting for its turn, and return its id."""
    columns = {"file": prepared.file, "preview": prepared.preview, "blurhash": prepared.blurhash}
    meta = encoded(prepared.meta)
    return add(db, now=now, account_id=account_id, kind=kind, state="ready", bytes=bytes, meta=meta, **columns)


def waiting(db: Connection, *, limit: int = 1) -> list[int]:
    """Return the ids of uploads that can be prepared now, in turns by account."""
    return list(db.scalars(WAITING, {"limit": limit}))


def claim(db: Connection, media_id: int, *, now: int) -> Claimed | None:
    """Take an upload to prepare it, once this transaction is committed; None when somebody else is at it.

    Raises Conflict, when the transaction ends at the latest, while another one of the account is being prepared.
    """
    row = db.execute(CLAIM, {"media_id": media_id, "now": now}).one_or_none()
    return Claimed(*row) if row else None


def renew(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Say that somebody is still at it."""
    db.execute(_OWN.values(claimed_at=now), _owner(claimed))


def hand_back(db: Connection, claimed: Claimed, *, now: int, again: bool) -> None:
    """Give an upload back that isn't prepared: to be begun anew when others had their turn.

    `again` says that this attempt counts; otherwise it was only interrupted.
    """
    attempts = claimed.attempts if again else claimed.attempts - 1
    values = {"claimed_at": None, "attempts": attempts, "turn_at": now + (STEP_MS if again else 0)}
    db.execute(_OWN.values(values), _owner(claimed))


def put_off(db: Connection, claimed: Claimed, *, now: int) -> None:
    """Have an upload begun anew after `CLAIM_MS`, since nothing can be prepared now; this attempt doesn't count."""
    db.execute(_OWN.values(claimed_at=now, attempts=claimed.attempts - 1), _owner(claimed))


def finish(db: Connection, claimed: Claimed, prepared: PreparedRecording, *, now: int) -> bool:
    """Record that an upload is prepared, and return whether that was still wanted of whoever claimed it.

    A thumbnail that somebody chose stays. Files that nothing uses then, or of an upload that was removed meanwhile, go.
    """
    row = locked_preview(db, claimed.id)
    chosen = row is not None and row.preview is not None
    thumbnail_meta = msgspec.json.decode(row.meta, type=dict[str, Any]) if row is not None and chosen else {}
    columns: dict[str, object] = {
        "state": "ready",
        "claimed_at": None,
        "upload": None,
        "file": prepared.file,
        "meta": encoded(prepared.meta | thumbnail_meta),
    }
    if prepared.preview is not None and not chosen:
        columns |= {"preview": prepared.preview, "blurhash": prepared.blurhash}
    changed = bool(db.execute(_OWN.values(columns), _owner(claimed)).rowcount)
    # Where there is no row any more, nothing uses the new ones.
    forget_files(db, [prepared.file, prepared.preview], now=now)
    return changed


def give_up(db: Connection, claimed: Claimed) -> bool:
    """Record that an upload can't be prepared, and return whether that was still wanted of whoever claimed it."""
    values = {"state": "failed", "claimed_at": None, "upload": None}
    return bool(db.execute(_OWN.values(values), _owner(claimed)).rowcount)


def _owner(claimed: Claimed) -> dict[str, int]:
    return {"media_id": claimed.id, "attempt": claimed.attempts}


def recover(db: Connection, *, now: int) -> None:
    """Have uploads prepared by others whose worker has died."""
    db.execute(RECOVER, {"before": now - CLAIM_MS, "after": now + CLAIM_MS})
