"""Tokens: creating, refreshing and revoking them. Only their hashes are stored."""

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Update,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningDelete

from twite_common import clock, ids, secret, text
from twite_common.errors import Invalid, NotAuthenticated, NotFound
from twite_common.queries.identity import memberships
from twite_common.services import locks
from twite_common.services.identity import security_events
from twite_common.tables import token
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

LIFETIME_SECONDS = 2 * 3600
"""How long the tokens of applications that ask for expiring ones last."""
MAX_NAME_LENGTH = 60
KEEP_MS = 30 * clock.DAY
"""How long a token is kept after its end: a refresh token that comes back tells of a theft."""
UNUSED_MS = 90 * clock.DAY
"""How long an application's own token works without being used."""
IDLE_MS = 365 * clock.DAY
"""How long a token that has run out can still be refreshed."""
USED_EVERY_MS = clock.DAY
"""How exactly it is known when an application's own token was last used."""
MAX_PERSONAL = 20
"""Tokens for an account's own scripts that work at the same time."""


class Refreshable(msgspec.Struct, frozen=True):
    """A token that a refresh token belongs to."""

    id: int
    application_id: int
    account_id: int
    grant_id: int | None
    scopes: str
    revoked_at: int | None
    client_authenticated: bool
    acts_as: int | None


_ID = bindparam("token_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_APPLICATION = bindparam("of_application_id", type_=BigInteger)
_GRANT = bindparam("of_grant_id", type_=BigInteger)
_HASH = bindparam("hash", type_=LargeBinary)
_NOW = bindparam("now", type_=BigInteger)
ADD = insert(token)
COUNT_PERSONAL = (
    select(func.count())
    .select_from(token)
    .where(token.c.account_id == _ACCOUNT, token.c.application_id.is_(None), token.c.revoked_at.is_(None))
)
BY_REFRESH = (
    select(*[token.c[name] for name in Refreshable.__struct_fields__])
    .where(token.c.refresh_hash == _HASH, token.c.application_id == _APPLICATION)
    .with_for_update()
)
"""Whoever asks second at the same moment waits, and finds the token refreshed."""
_WORKING = update(token).where(token.c.revoked_at.is_(None)).values(revoked_at=_NOW)
_ANY_WORKING = select(token.c.id).where(token.c.revoked_at.is_(None)).limit(1)
REVOKE = _WORKING.where(token.c.id == _ID)
NAME = select(token.c.name).where(token.c.id == _ID)
REVOKE_OWN = _WORKING.where(token.c.id == _ID, token.c.account_id == _ACCOUNT)
_of_application = (token.c.application_id == _APPLICATION, token.c.account_id == _ACCOUNT)
REVOKE_OF_APPLICATION = _WORKING.where(*_of_application)
ANY_OF_APPLICATION = _ANY_WORKING.where(*_of_application)
REVOKE_OF_GRANT = _WORKING.where(token.c.grant_id == _GRANT)
ANY_OF_GRANT = _ANY_WORKING.where(token.c.grant_id == _GRANT)
REVOKE_OF_ACCOUNT = _WORKING.where(token.c.account_id == _ACCOUNT)
ANY_OF_ACCOUNT = _ANY_WORKING.where(token.c.account_id == _ACCOUNT)
_of_membership = (token.c.account_id == _ACCOUNT, token.c.acts_as == bindparam("of_membership_id", type_=BigInteger))
REVOKE_OF_MEMBERSHIP = _WORKING.where(*_of_membership)
ANY_OF_MEMBERSHIP = _ANY_WORKING.where(*_of_membership)
REVOKE_BY_SECRET = _WORKING.where(
    token.c.application_id == _APPLICATION, or_(token.c.secret_hash == _HASH, token.c.refresh_hash == _HASH)
)
_MAX = bindparam("most", type_=BigInteger)
_BEFORE = bindparam("before", type_=BigInteger)


def _drop(*conditions: ColumnElement[bool]) -> ReturningDelete[int | None]:
    ended = select(token.c.id).where(*conditions).limit(_MAX)
    return delete(token).where(token.c.id.in_(ended)).returning(token.c.grant_id)


DROP_REVOKED = _drop(token.c.revoked_at <= _BEFORE)
# The length keeps SQLite from the index of refresh tokens, in which most have none.
DROP_EXPIRED = _drop(token.c.expires_at <= _BEFORE, func.length(token.c.refresh_hash).is_(None))
DROP_IDLE = _drop(token.c.expires_at <= _BEFORE)
DROP_UNUSED = _drop(token.c.account_id.is_(None), token.c.used_at <= _BEFORE)
# Made by a version of the code that didn't note when.
DROP_NEVER_USED = _drop(
    token.c.account_id.is_(None), token.c.used_at.is_(None), token.c.id < bindparam("before_id", type_=BigInteger)
)
USED = update(token).where(token.c.id == _ID).values(used_at=_NOW)
OWNER = select(func.coalesce(token.c.application_id, 0)).where(
    or_(token.c.secret_hash == _HASH, token.c.refresh_hash == _HASH)
)


def add(
    db: Connection,
    *,
    now: int,
    access_token: str,
    scopes: str,
    application_id: int | None,
    account_id: int | None,
    refresh_token: str | None = None,
    lifetime_seconds: int | None = None,
    grant_id: int | None = None,
    client_authenticated: bool = False,
    name: str = "",
    acts_as: int | None = None,
) -> int:
    """Keep a token, under its hash, and return its id; without a lifetime it lasts until it is revoked.

    `acts_as` is the membership by which it acts for another account than that which it belongs to.
    `client_authenticated` says that the application proved itself with its secret, and so must to refresh the token.
    """
    id = ids.new(now)
    row = {
        "id": id,
        "secret_hash": secret.digest(access_token),
        "refresh_hash": secret.digest(refresh_token) if refresh_token else None,
        "application_id": application_id,
        "account_id": account_id,
        "grant_id": grant_id,
        "client_authenticated": client_authenticated,
        "acts_as": acts_as,
        "used_at": now if account_id is None else None,
        "name": name,
        "scopes": scopes,
        "lifetime_seconds": lifetime_seconds,
        "expires_at": now + lifetime_seconds * clock.SECOND if lifetime_seconds else None,
    }
    db.execute(ADD, row)
    return id


def create_personal(
    db: Connection, *, now: int, account_id: int, name: str, scopes: str, acts_as: int | None = None
) -> str:
    """Make a token for an account's own scripts and return it: nobody can look it up later.

    `acts_as` is the membership by which it acts for another account. Raises Invalid without a name, and when there are
    too many.
    """
    clean_name = text.clean_line(name)[:MAX_NAME_LENGTH]
    if not clean_name:
        raise Invalid(_("Please give the token a name, so that you remember what it is for."))
    # Of two that are made at the same moment, the second one waits and is counted with the first.
    locks.take(db, account_id)
    if db.scalars(COUNT_PERSONAL, {"of_account_id": account_id}).one() >= MAX_PERSONAL:
        raise Invalid(
            ngettext(
                "An account can have at most %(count)s token. Please revoke one that is no longer used.",
                "An account can have at most %(count)s tokens. Please revoke one that is no longer used.",
                MAX_PERSONAL,
            )
        )
    access_token = secret.new()
    add(
        db,
        now=now,
        access_token=access_token,
        scopes=scopes,
        application_id=None,
        account_id=account_id,
        name=clean_name,
        acts_as=acts_as,
    )
    return access_token


def create_own(
    db: Connection, *, now: int, account_id: int, name: str, scopes: str, membership_id: int | None = None
) -> str:
    """Make a token like `create_personal` for somebody who asks for it, and tell them by mail.

    It acts for another account by a membership, if that is given. Raises NotFound unless that is the account's own,
    Conflict before it was accepted.
    """
    if membership_id is not None:
        memberships.accepted(db, membership_id, member_id=account_id)
    access_token = create_personal(db, now=now, account_id=account_id, name=name, scopes=scopes, acts_as=membership_id)
    clean_name = text.clean_line(name)[:MAX_NAME_LENGTH]
    security_events.record(db, "token_made", now=now, account_id=account_id, detail=clean_name)
    security_events.tell(db, "token_made", now=now, account_id=account_id, name=clean_name)
    return access_token


def has_access(db: Connection, *, account_id: int, application_id: int) -> bool:
    """Say whether an application has a token from an account that works."""
    whose = {"of_account_id": account_id, "of_application_id": application_id}
    return db.scalar(ANY_OF_APPLICATION, whose) is not None


def refreshable(
    db: Connection, *, now: int, refresh_token: str, application_id: int, client_authenticated: bool
) -> Refreshable | None:
    """Return the token that a refresh token belongs to.

    One that was used before is in the wrong hands once: all tokens of its family end, and None is returned (RFC 9700,
    section 4.14.2). Raises NotAuthenticated where the application fetched the token with its secret and now comes
    without (RFC 6749, section 6).
    """
    parameters = {"hash": secret.digest(refresh_token), "of_application_id": application_id}
    row = db.execute(BY_REFRESH, parameters).one_or_none()
    token = Refreshable(*row) if row else None
    if token is not None and token.client_authenticated and not client_authenticated:
        raise NotAuthenticated("The application must authenticate with its secret, as it did to get the token.")
    if token is not None and token.revoked_at is not None:
        if token.grant_id is not None:
            revoke_of_grant(db, now=now, grant_id=token.grant_id)
        return None
    return token


def revoke(db: Connection, *, now: int, token_id: int) -> None:
    """End a token.

    Raises NotFound when there is no such token that works.
    """
    if not db.execute(REVOKE, {"token_id": token_id, "now": now}).rowcount:
        raise NotFound(f"There is no token {token_id}, or it has already been revoked.")


def revoke_own(db: Connection, *, now: int, account_id: int, token_id: int) -> None:
    """End one of an account's own tokens.

    Raises NotFound when there is no such token that works.
    """
    parameters = {"token_id": token_id, "of_account_id": account_id, "now": now}
    if not db.execute(REVOKE_OWN, parameters).rowcount:
        raise NotFound(_("There is no such token, or it has already been revoked."))
    name = db.scalar(NAME, {"token_id": token_id}) or ""
    security_events.record(db, "token_ended", now=now, account_id=account_id, detail=name)


def revoke_access(db: Connection, *, now: int, account_id: int, application_id: int) -> None:
    """End every token that an application has from an account."""
    parameters = {"of_account_id": account_id, "of_application_id": application_id}
    _revoke(db, REVOKE_OF_APPLICATION, ANY_OF_APPLICATION, parameters, now)


def revoke_of_grant(db: Connection, *, now: int, grant_id: int) -> None:
    """End every token that came from one grant."""
    _revoke(db, REVOKE_OF_GRANT, ANY_OF_GRANT, {"of_grant_id": grant_id}, now)


def revoke_all(db: Connection, *, now: int, account_id: int) -> None:
    """End every token of an account."""
    _revoke(db, REVOKE_OF_ACCOUNT, ANY_OF_ACCOUNT, {"of_account_id": account_id}, now)


def revoke_of_membership(db: Connection, *, now: int, member_id: int, membership_id: int) -> None:
    """End every token by which a member acts for an account."""
    whose = {"of_account_id": member_id, "of_membership_id": membership_id}
    _revoke(db, REVOKE_OF_MEMBERSHIP, ANY_OF_MEMBERSHIP, whose, now)


def touch(db: Connection, *, now: int, token_id: int) -> None:
    """Record that an application's own token is in use, which lets it work on."""
    db.execute(USED, {"token_id": token_id, "now": now})


def forget_over(db: Connection, *, now: int, limit: int) -> list[int]:
    """Remove tokens that have ended, and applications' own that nobody uses, up to `limit` of each kind.

    Returns the ids of the grants that they came from.
    """
    kept_since, unused_since = now - KEEP_MS, now - UNUSED_MS
    removed = [
        *db.scalars(DROP_REVOKED, {"before": kept_since, "most": limit}),
        *db.scalars(DROP_EXPIRED, {"before": kept_since, "most": limit}),
        *db.scalars(DROP_IDLE, {"before": now - IDLE_MS, "most": limit}),
        *db.scalars(DROP_UNUSED, {"before": unused_since, "most": limit}),
        *db.scalars(DROP_NEVER_USED, {"before_id": ids.first_at(unused_since), "most": limit}),
    ]
    return [grant_id for grant_id in removed if grant_id is not None]


def owner(db: Connection, text_of_token: str) -> int | None:
    """Return the id of the application that a token or refresh token was given to; 0 if to none, None if it isn't."""
    application_id: int | None = db.scalar(OWNER, {"hash": secret.digest(text_of_token)})
    return application_id


def revoke_by_secret(db: Connection, *, now: int, text_of_token: str, application_id: int) -> None:
    """End the application's token that this is, or that this refreshes (RFC 7009)."""
    parameters = {"hash": secret.digest(text_of_token), "of_application_id": application_id, "now": now}
    db.execute(REVOKE_BY_SECRET, parameters)


def _revoke(db: Connection, revoke: Update, any_working: Select[int], whose: dict[str, int], now: int) -> None:
    """End tokens until none is left that works.

    On PostgreSQL a token that is being refreshed meanwhile has a successor that the first statement doesn't see.
    """
    db.execute(revoke, whose | {"now": now})
    while db.scalar(any_working, whose) is not None:
        db.execute(revoke, whose | {"now": now})
