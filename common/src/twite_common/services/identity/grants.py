"""Grants: OAuth authorization codes, valid once and for ten minutes (RFC 6749, section 4.1)."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, delete, exists, insert, select, update

from twite_common import clock, ids, secret
from twite_common.queries.identity import applications
from twite_common.queries.identity.applications import Application
from twite_common.services.identity import private_feeds, security_events, tokens, webhooks
from twite_common.sql.dialects import among
from twite_common.tables import grant, token

LIFETIME_MS = 10 * clock.MINUTE
KEEP_MS = 30 * clock.DAY
"""How long a grant is kept after its end: a code that comes back tells of a theft."""
LOOKED_BACK_MS = 90 * clock.DAY


class Grant(msgspec.Struct, frozen=True):
    """What somebody allowed an application, until it has fetched its token."""

    id: int
    application_id: int
    account_id: int
    redirect_uri: str
    scopes: str
    code_challenge: str | None
    code_challenge_method: str | None
    expires_at: int
    used_at: int | None
    acts_as: int | None


_HASH = bindparam("hash", type_=LargeBinary)
_ID = bindparam("grant_id", type_=BigInteger)
ADD = insert(grant)
_COLUMNS = [grant.c[name] for name in Grant.__struct_fields__]
BY_CODE = select(*_COLUMNS).where(grant.c.code_hash == _HASH).with_for_update()
"""Whoever asks second at the same moment waits, and finds the code used."""
GET = select(*_COLUMNS).where(grant.c.id == _ID).with_for_update()
USE = update(grant).where(grant.c.id == _ID, grant.c.used_at.is_(None))
_END = (
    update(grant)
    .where(grant.c.account_id == bindparam("of_account_id", type_=BigInteger), grant.c.used_at.is_(None))
    .values(used_at=bindparam("now", type_=BigInteger))
)
END_OF_ACCOUNT = _END
END_OF_APPLICATION = _END.where(grant.c.application_id == bindparam("of_application_id", type_=BigInteger))
_BEFORE = bindparam("before", type_=BigInteger)
_TOKENS = exists().where(token.c.grant_id == grant.c.id)
FORGET_OLD = delete(grant).where(
    grant.c.id.in_(
        select(grant.c.id)
        .where(
            grant.c.expires_at.between(bindparam("since", type_=BigInteger), _BEFORE),
            ~_TOKENS.where(token.c.refresh_hash.is_not(None)),
        )
        .limit(bindparam("most", type_=BigInteger))
    )
)
FORGET_ENDED = delete(grant).where(among(grant.c.id, "ids"), grant.c.expires_at <= _BEFORE, ~_TOKENS)


def add(
    db: Connection,
    *,
    now: int,
    code: str,
    application_id: int,
    account_id: int,
    redirect_uri: str,
    scopes: str,
    code_challenge: str | None,
    code_challenge_method: str | None,
    acts_as: int | None = None,
) -> int:
    """Keep what was allowed, under the hash of its code, and return its id."""
    id = ids.new(now)
    row = {
        "id": id,
        "code_hash": secret.digest(code),
        "application_id": application_id,
        "account_id": account_id,
        "redirect_uri": redirect_uri,
        "scopes": scopes,
        "code_challenge": code_challenge,
        "code_challenge_method": code_challenge_method,
        "expires_at": now + LIFETIME_MS,
        "acts_as": acts_as,
    }
    db.execute(ADD, row)
    return id


def allow(
    db: Connection,
    *,
    now: int,
    code: str,
    application: Application,
    account_id: int,
    redirect_uri: str,
    scopes: str,
    code_challenge: str | None,
    code_challenge_method: str | None,
    acts_as: int | None = None,
) -> int:
    """Let an application act for somebody who was asked, and tell them by mail if it didn't before.

    `acts_as` is the membership by which it acts for another account instead. Returns the grant's id.
    """
    before = tokens.has_access(db, account_id=account_id, application_id=application.id)
    grant_id = add(
        db,
        now=now,
        code=code,
        application_id=application.id,
        account_id=account_id,
        redirect_uri=redirect_uri,
        scopes=scopes,
        code_challenge=code_challenge,
        code_challenge_method=code_challenge_method,
        acts_as=acts_as,
    )
    security_events.record(db, "application_allowed", now=now, account_id=account_id, detail=application.name)
    if not before:
        security_events.tell(db, "application_allowed", now=now, account_id=account_id, name=application.name)
    return grant_id


def find(db: Connection, *, now: int, code: str, application_id: int) -> Grant | None:
    """Return what a code stands for, if it is this application's and still good.

    A code that was used already is in the wrong hands once: the tokens that came from it end, and None is returned
    (RFC 6749, section 4.1.2).
    """
    row = db.execute(BY_CODE, {"hash": secret.digest(code)}).one_or_none()
    grant = Grant(*row) if row else None
    if grant is None or grant.application_id != application_id:
        return None
    if grant.used_at is not None:
        tokens.revoke_of_grant(db, now=now, grant_id=grant.id)
        return None
    return grant if grant.expires_at > now else None


def get(db: Connection, *, now: int, grant_id: int) -> Grant | None:
    """Return a grant that is still good; whoever asks second at the same moment waits."""
    row = db.execute(GET, {"grant_id": grant_id}).one_or_none()
    grant = Grant(*row) if row else None
    return grant if grant is not None and grant.used_at is None and grant.expires_at > now else None


def use(db: Connection, *, now: int, grant_id: int) -> bool:
    """Use a grant up; of two at once only one is told True."""
    return bool(db.execute(USE.values(used_at=now), {"grant_id": grant_id}).rowcount)


def revoke_all(db: Connection, *, now: int, account_id: int) -> None:
    """End all that may act for an account or hear of it: tokens, codes that could become one, feeds and webhooks."""
    db.execute(END_OF_ACCOUNT, {"of_account_id": account_id, "now": now})
    tokens.revoke_all(db, now=now, account_id=account_id)
    private_feeds.remove_all(db, account_id=account_id)
    webhooks.remove_all(db, account_id=account_id)


def revoke_access(db: Connection, *, now: int, account_id: int, application_id: int) -> None:
    """End all that an application may do for an account, with codes that it hasn't used yet."""
    db.execute(END_OF_APPLICATION, {"of_account_id": account_id, "of_application_id": application_id, "now": now})
    tokens.revoke_access(db, now=now, account_id=account_id, application_id=application_id)
    application = applications.get(db, application_id)
    name = application.name if application is not None else ""
    security_events.record(db, "application_ended", now=now, account_id=account_id, detail=name)


def forget_old(db: Connection, *, now: int, limit: int, ended: list[int]) -> None:
    """Remove grants that nothing needs any more, up to `limit`, and those of `ended` whose last token was removed.

    A token that can be refreshed needs its grant as long as it lives: that holds the family together which ends when
    one of its refresh tokens comes back. So grants from long ago aren't looked at again and again; they go with their
    last token.
    """
    before = now - KEEP_MS
    db.execute(FORGET_OLD, {"since": before - LOOKED_BACK_MS, "before": before, "most": limit})
    if ended:
        db.execute(FORGET_ENDED, {"ids": ended, "before": before})
