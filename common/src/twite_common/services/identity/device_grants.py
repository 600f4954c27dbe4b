"""What devices without a browser ask for (RFC 8628): somebody types the code that one shows, and says yes or no.

A yes is a grant like any other, which ends with whatever ends grants. A device fetches its token with a code of its
own, which nobody sees.
"""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, delete, insert, select, update

from twite_common import clock, ids, secret
from twite_common.database import Database
from twite_common.errors import Invalid
from twite_common.queries.identity.applications import Application
from twite_common.secret import Signer
from twite_common.services import attempts
from twite_common.services.identity import grants
from twite_common.settings import Settings
from twite_common.tables import device_grant
from twite_common.translations import gettext as _
from twite_common.translations import marked

LIFETIME_SECONDS = 900
INTERVAL_SECONDS = 5
"""How long a device waits before it asks again, and by how much longer if it doesn't."""
LENIENCE_MS = clock.SECOND
KEEP_MS = clock.HOUR
"""How long what a device asked for is kept after its end, so that the device learns of that."""
MAX_WRONG_CODES = 10
GUESSING_MS = 15 * clock.MINUTE
NO_SUCH_CODE = marked(
    "This code doesn't work: it has a typing mistake, was used, or is too old. Look at your device again."
)


class DeviceGrant(msgspec.Struct, frozen=True):
    """What a device asks for. Without a grant, an answer was no. Times are milliseconds."""

    id: int
    application_id: int
    scopes: str
    expires_at: int
    polled_at: int | None
    interval_seconds: int
    answered_at: int | None
    grant_id: int | None


_COLUMNS = [device_grant.c[name] for name in DeviceGrant.__struct_fields__]
_ID = bindparam("the_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
_HASH = bindparam("hash", type_=LargeBinary)
ADD = insert(device_grant)
BY_DEVICE_CODE = select(*_COLUMNS).where(device_grant.c.device_code_hash == _HASH).with_for_update()
"""Whoever asks second at the same moment waits, and finds the grant used."""
BY_USER_CODE = select(*_COLUMNS).where(
    device_grant.c.user_code_hash == _HASH, device_grant.c.answered_at.is_(None), device_grant.c.expires_at > _NOW
)
ANSWER = (
    update(device_grant)
    .where(device_grant.c.id == _ID, device_grant.c.answered_at.is_(None), device_grant.c.expires_at > _NOW)
    .values(answered_at=_NOW)
)
GRANT = update(device_grant).where(device_grant.c.id == _ID)
POLL = update(device_grant).where(device_grant.c.id == _ID)
FORGET_OLD = delete(device_grant).where(
    device_grant.c.id.in_(
        select(device_grant.c.id)
        .where(device_grant.c.expires_at <= bindparam("before", type_=BigInteger))
        .limit(bindparam("most", type_=BigInteger))
    )
)


def begin(
    db: Connection, signer: Signer, *, now: int, application_id: int, scopes: str, device_code: str, user_code: str
) -> None:
    """Keep what a device asks for, under the hashes of its codes."""
    row = {
        "id": ids.new(now),
        "device_code_hash": secret.digest(device_code),
        "user_code_hash": _hash(signer, user_code),
        "application_id": application_id,
        "scopes": scopes,
        "expires_at": now + LIFETIME_SECONDS * clock.SECOND,
        "interval_seconds": INTERVAL_SECONDS,
    }
    db.execute(ADD, row)


def find(
    database: Database, settings: Settings, signer: Signer, *, now: int, account_id: int, user_code: str
) -> DeviceGrant:
    """Return what the device asks for that shows a code, which somebody has typed.

    Raises Invalid for a code that doesn't work, TooMany after too many of those by one account.
    """
    subject = f"device code:{account_id}"
    limit = MAX_WRONG_CODES if settings.rate_limits == "on" else 0
    attempts.count(database, [subject], now=now, window_ms=GUESSING_MS, limit=limit)
    with database.writing() as db:
        row = db.execute(BY_USER_CODE, {"hash": _hash(signer, user_code), "now": now}).one_or_none()
        if row is not None:
            attempts.take_back(db, subject)
    if row is None:
        raise _no_such_code()
    return DeviceGrant(*row)


def shown(user_code: str) -> str:
    """Return a code as devices show it, however it was typed."""
    letters = _letters(user_code)
    return f"{letters[:4]}-{letters[4:]}"


def allow(
    db: Connection,
    *,
    now: int,
    device: DeviceGrant,
    application: Application,
    account_id: int,
    acts_as: int | None = None,
) -> None:
    """Let a device act for somebody who was asked, or by their membership `acts_as` for another account.

    Raises Invalid when it no longer waits for an answer.
    """
    _answer(db, device, now)
    grant_id = grants.allow(
        db,
        now=now,
        code=secret.new(),
        application=application,
        account_id=account_id,
        redirect_uri="",
        scopes=device.scopes,
        code_challenge=None,
        code_challenge_method=None,
        acts_as=acts_as,
    )
    db.execute(GRANT.values(grant_id=grant_id), {"the_id": device.id})


def deny(db: Connection, *, now: int, device: DeviceGrant) -> None:
    """Tell a device no. Raises Invalid when it no longer waits for an answer."""
    _answer(db, device, now)


def by_device_code(db: Connection, device_code: str) -> DeviceGrant | None:
    """Return what the device asked for that has a code."""
    row = db.execute(BY_DEVICE_CODE, {"hash": secret.digest(device_code)}).one_or_none()
    return DeviceGrant(*row) if row else None


def poll(db: Connection, *, now: int, device: DeviceGrant) -> bool:
    """Note that a device asks for its token; return whether it did so sooner than it may, and has to wait longer."""
    early = (
        device.polled_at is not None
        and device.polled_at <= now < device.polled_at + device.interval_seconds * clock.SECOND - LENIENCE_MS
    )
    interval_seconds = device.interval_seconds + INTERVAL_SECONDS if early else device.interval_seconds
    db.execute(POLL.values(polled_at=now, interval_seconds=interval_seconds), {"the_id": device.id})
    return early


def forget_old(db: Connection, *, now: int, limit: int) -> None:
    """Remove what devices asked for a while ago, up to `limit`."""
    db.execute(FORGET_OLD, {"before": now - KEEP_MS, "most": limit})


def _answer(db: Connection, device: DeviceGrant, now: int) -> None:
    if not db.execute(ANSWER, {"the_id": device.id, "now": now}).rowcount:
        raise _no_such_code()


def _hash(signer: Signer, user_code: str) -> bytes:
    """Return what is stored of a code, whatever case, spaces and dashes it was typed with."""
    return secret.digest(signer.sign("user code", _letters(user_code)))


def _letters(user_code: str) -> str:
    return "".join(letter for letter in user_code.upper() if letter.isalnum())


def _no_such_code() -> Invalid:
    return Invalid(_(NO_SUCH_CODE), {"user_code": [("ERR_INVALID", _(NO_SUCH_CODE))]})
