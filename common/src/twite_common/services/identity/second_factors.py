"""Second factors: codes of an app (TOTP, RFC 6238), passkeys, and recovery codes for when these are lost.

Who has an app or a passkey needs it for logging in: the password alone opens the account no longer. What the server
shares with the app is stored encrypted with the site's key, of recovery codes only their hashes. No code works twice.
"""

import base64
import binascii
import unicodedata

import msgspec
import pyotp
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, delete, insert, select, update

from twite_common import clock, ids, permissions, secret
from twite_common.database import Database
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.queries.identity import second_factors as queries
from twite_common.queries.viewers import Viewer
from twite_common.secret import Sealer
from twite_common.services import attempts, audit_log, locks
from twite_common.services.identity import passkeys, security_events
from twite_common.services.identity.passkeys import NewPasskey
from twite_common.services.notifications import mails
from twite_common.settings import Settings
from twite_common.tables import credentials, recovery_code, second_factor
from twite_common.translations import gettext as _

TOTP, RECOVERY_CODE = "totp", "recovery_code"
"""By what somebody proves who they are besides the password, if not by `passkeys.PASSKEY`."""
RECOVERY_CODES = 10
DIGITS = 6
PERIOD_MS = 30 * clock.SECOND
PERIODS_OFF = 1
"""How many periods the clock of a phone may be wrong, and the typing may take (RFC 6238, section 5.2)."""
SET_UP_MS = clock.HOUR
WINDOW_MS = clock.HOUR
MAX_WRONG = 10
"""Wrong codes for an account within the window: of a million codes three work, so guessing takes years."""
REMOVED = "remove_second_factor"
"""How it is called in the audit log that somebody's second factor was removed."""
ROLES = {"admin": "administrators", "moderator": "moderators"}
"""How the setting calls the roles that may need a second factor."""


class SetUp(msgspec.Struct, frozen=True):
    """What an app is to be given: its secret, as text and as an address.

    `sealed` brings it back with the first code.
    """

    secret: str
    address: str
    sealed: str


_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_PERIOD = bindparam("period", type_=BigInteger)
SHARED = select(second_factor.c.id, second_factor.c.sealed_secret).where(
    second_factor.c.account_id == _ACCOUNT, second_factor.c.kind == TOTP
)
USE_PERIOD = (
    update(second_factor)
    .where(second_factor.c.id == bindparam("factor_id", type_=BigInteger), second_factor.c.used_period < _PERIOD)
    .values(used_period=_PERIOD, used_at=bindparam("now", type_=BigInteger))
)
USE_RECOVERY_CODE = delete(recovery_code).where(
    recovery_code.c.account_id == _ACCOUNT, recovery_code.c.code_hash == bindparam("hash", type_=LargeBinary)
)
ADD = insert(second_factor)
ADD_RECOVERY_CODE = insert(recovery_code)
REMOVE_TOTP = delete(second_factor).where(second_factor.c.account_id == _ACCOUNT, second_factor.c.kind == TOTP)
REMOVE_RECOVERY_CODES = delete(recovery_code).where(recovery_code.c.account_id == _ACCOUNT)
MARK = update(credentials).where(credentials.c.account_id == _ACCOUNT)


def begin(sealer: Sealer, settings: Settings, *, now: int, account_id: int, username: str, sealed: str = "") -> SetUp:
    """Return a new secret for an app, or the one of `sealed` again, while that is good.

    Nothing is stored until a code shows that the app has it.
    """
    shared = _opened(sealer, now, account_id, sealed)
    if shared is None:
        shared = secret.new_shared()
        made = sealer.seal(f"{now + SET_UP_MS} {shared}", "set up", account_id)
        sealed = base64.urlsafe_b64encode(made).decode()
    address = pyotp.TOTP(shared).provisioning_uri(name=username, issuer_name=settings.site_name)
    return SetUp(shared, address, sealed)


def turn_on(db: Connection, sealer: Sealer, *, now: int, account_id: int, sealed: str, code: str) -> list[str]:
    """Have an account ask for the codes of an app from now on, and return its recovery codes, shown this once.

    An app that was set up before is replaced, and so are recovery codes. Log-ins and tokens that are there stay. Raises
    Invalid when the code isn't the app's, or when the set-up took too long.
    """
    shared = _opened(sealer, now, account_id, sealed)
    if shared is None:
        raise Invalid(_("This took too long. Please begin again: your app needs a new key."))
    period = _period(shared, _normal(code), now)
    if period is None:
        raise wrong_code()
    locks.take(db, account_id)
    db.execute(REMOVE_TOTP, {"of_account_id": account_id})
    row = {
        "id": ids.new(now),
        "account_id": account_id,
        "kind": TOTP,
        "sealed_secret": sealer.seal(shared, TOTP, account_id),
        "used_period": period,
        "used_at": now,
    }
    db.execute(ADD, row)
    db.execute(MARK.values(second_factor_at=now, second_factor_asked_at=None), {"of_account_id": account_id})
    security_events.record(db, "second_factor_added", now=now, account_id=account_id)
    security_events.tell(db, "second_factor_added", now=now, account_id=account_id)
    return _add_recovery_codes(db, account_id)


def turn_off(db: Connection, settings: Settings, *, now: int, account_id: int, role: str) -> None:
    """Have an account ask for the codes of its app no longer; passkeys stay.

    Raises Invalid when the account's role needs a second factor and it has no passkey, NotFound where there is no app.
    """
    locks.take(db, account_id)
    passkeys_left = bool(passkey_queries.of_account(db, account_id))
    if required(settings, role) and not passkeys_left:
        raise Invalid(_("Your role on this site needs a second factor. You can set up another app instead."))
    if not db.execute(REMOVE_TOTP, {"of_account_id": account_id}).rowcount:
        raise NotFound(_("This account has no app for codes."))
    if not passkeys_left:
        _end(db, account_id)
    security_events.record(db, "second_factor_removed", now=now, account_id=account_id)
    security_events.tell(
        db, "second_factor_removed", now=now, account_id=account_id, by_staff=False, passkeys_left=passkeys_left
    )


def add_passkey(db: Connection, *, now: int, account_id: int, new: NewPasskey, name: str) -> list[str]:
    """Have an account opened by a passkey, which it asks for besides the password from now on.

    Returns recovery codes, shown this once, where it is the account's first factor; else those that there are stay.
    Raises Invalid and Conflict like `passkeys.add`.
    """
    locks.take(db, account_id)
    clean_name = passkeys.add(db, now=now, account_id=account_id, new=new, name=name)
    security_events.record(db, "passkey_added", now=now, account_id=account_id, detail=clean_name)
    security_events.tell(db, "passkey_added", now=now, account_id=account_id, name=clean_name)
    if _owner(db, account_id).second_factor_at is not None:
        return []
    db.execute(MARK.values(second_factor_at=now, second_factor_asked_at=None), {"of_account_id": account_id})
    return _add_recovery_codes(db, account_id)


def remove_passkey(
    db: Connection, settings: Settings, *, now: int, account_id: int, role: str, passkey_id: int
) -> None:
    """Remove one of an account's passkeys, and tell its owner.

    Raises Invalid where nothing would open the account then, or its role needs a second factor; NotFound when there is
    no such passkey.
    """
    locks.take(db, account_id)
    left = [one for one in passkey_queries.of_account(db, account_id) if one.id != passkey_id]
    factor_left = bool(left or queries.of_account(db, account_id))
    if required(settings, role) and not factor_left:
        raise Invalid(_("Your role on this site needs a second factor. Please add another one first."))
    if not _owner(db, account_id).has_password and not any(one.verifies_user for one in left):
        raise Invalid(_("Without a password, you need this passkey to log in. Please set a password first."))
    name = passkeys.remove(db, account_id=account_id, passkey_id=passkey_id)
    if not factor_left:
        _end(db, account_id)
    security_events.record(db, "passkey_removed", now=now, account_id=account_id, detail=name)
    security_events.tell(db, "passkey_removed", now=now, account_id=account_id, name=name, factor_left=factor_left)


def remove(db: Connection, *, now: int, account_id: int) -> None:
    """Remove all second factors of an account, and its recovery codes; a role that needs one asks for it anew."""
    remove_since(db, now=now, account_id=account_id, since=0, app=True)


def remove_since(db: Connection, *, now: int, account_id: int, since: int, app: bool) -> None:
    """Remove the passkeys that were added to an account since a time, its app if that is told, and its recovery codes.

    Where nothing is left that they could stand in for, a role that needs a second factor asks for it anew.
    """
    locks.take(db, account_id)
    passkeys.remove_since(db, account_id=account_id, since=since)
    if app:
        db.execute(REMOVE_TOTP, {"of_account_id": account_id})
        # Setting up an app made them, so whoever did that knows them.
        db.execute(REMOVE_RECOVERY_CODES, {"of_account_id": account_id})
    if not _any(db, account_id):
        _end(db, account_id)
    security_events.record(db, "second_factor_removed", now=now, account_id=account_id)


def remove_of_other(db: Connection, *, now: int, viewer: Viewer, account_id: int) -> None:
    """Have somebody log in with the password alone who has lost their second factor, and tell them; for staff.

    Raises NotAllowed without the permission and for those of one's own rank or above, NotFound where there is none.
    """
    permissions.check(viewer, "manage_user_access")
    target = credential_queries.get(db, account_id)
    if target is not None and not permissions.is_above(viewer.role, target.role):
        raise NotAllowed(_("You can't do this to someone whose role is the same as yours or higher."))
    remove_lost(db, now=now, account_id=account_id)
    name = target.username if target is not None else ""
    audit_log.record(db, viewer, REMOVED, "account", now=now, target_id=account_id, target_name=name)


def remove_lost(db: Connection, *, now: int, account_id: int) -> None:
    """Remove all second factors of somebody who has lost them, and tell them.

    Raises NotFound where there is none.
    """
    if not _any(db, account_id):
        raise NotFound(_("This account has no second factor."))
    remove(db, now=now, account_id=account_id)
    security_events.tell(
        db, "second_factor_removed", now=now, account_id=account_id, by_staff=True, passkeys_left=False
    )


def remove_recovery_codes(db: Connection, *, account_id: int) -> None:
    """Remove an account's recovery codes, which somebody else knows; its owner may make others."""
    db.execute(REMOVE_RECOVERY_CODES, {"of_account_id": account_id})


def renew_recovery_codes(db: Connection, *, now: int, account_id: int) -> list[str]:
    """Replace an account's recovery codes, and return the new ones, shown this once.

    Raises NotFound when the account has no second factor that they could stand in for.
    """
    locks.take(db, account_id)
    if not _any(db, account_id):
        raise NotFound(_("This account has no second factor."))
    security_events.record(db, "recovery_codes_renewed", now=now, account_id=account_id)
    security_events.tell(db, "recovery_codes_renewed", now=now, account_id=account_id)
    return _add_recovery_codes(db, account_id)


def use(db: Connection, sealer: Sealer, *, now: int, account_id: int, code: str) -> str | None:
    """Use a code up, of the app or for recovery, and return which it was.

    None when it is wrong or was used before; of two who send one at once only one gets through.
    """
    typed = _normal(code)
    if len(typed) == DIGITS:
        return TOTP if _use_totp(db, sealer, now, account_id, typed) else None
    if not db.execute(USE_RECOVERY_CODE, {"of_account_id": account_id, "hash": secret.digest(typed)}).rowcount:
        return None
    left = queries.count_recovery_codes(db, account_id)
    security_events.tell(db, "recovery_code_used", now=now, account_id=account_id, left=left)
    return RECOVERY_CODE


def count_attempt(database: Database, settings: Settings, subject: str, *, now: int) -> None:
    """Count an attempt to guess a code.

    Raises TooMany after too many.
    """
    limit = MAX_WRONG if settings.limit("login_attempts") else 0
    attempts.count(database, [subject], now=now, window_ms=WINDOW_MS, limit=limit)


def wrong_code(field: str = "code") -> Invalid:
    """Return what is raised for a code that doesn't work, typed into a field."""
    sentence = _("This code is wrong or was used before. Codes change every 30 seconds.")
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})


def required(settings: Settings, role: str) -> bool:
    """Say whether a role needs a second factor on a site."""
    return ROLES.get(role) in settings.second_factor_for


def due_at(settings: Settings, asked_at: int) -> int:
    """Return until when a second factor must be set up by somebody who was asked to, in milliseconds."""
    return asked_at + settings.second_factor_grace_days * clock.DAY


def with_role(viewer: Viewer, settings: Settings, *, now: int) -> Viewer:
    """Return a viewer who has their role only if that needs no second factor, or they have one or time to set it up."""
    asked_at = viewer.second_factor_asked_at
    if viewer.has_second_factor or asked_at is None or now < due_at(settings, asked_at):
        return viewer
    return msgspec.structs.replace(viewer, role="", role_rests=True) if required(settings, viewer.role) else viewer


def ask_staff(db: Connection, settings: Settings, *, now: int) -> None:
    """Tell those whose role needs a second factor and who have none until when to set it up, once."""
    for one in credential_queries.with_role(db, list(ROLES)):
        needed = required(settings, one.role) and one.second_factor_at is None
        if needed == (one.second_factor_asked_at is not None):
            continue
        asked_at = now if needed else None
        db.execute(MARK.values(second_factor_asked_at=asked_at), {"of_account_id": one.account_id})
        if needed:
            until = due_at(settings, now)
            mails.add(db, "second_factor_asked", now=now, address=one.email, account_id=one.account_id, until=until)


def _any(db: Connection, account_id: int) -> bool:
    return bool(queries.of_account(db, account_id) or passkey_queries.of_account(db, account_id))


def _end(db: Connection, account_id: int) -> None:
    """Have an account without factors ask for the password alone again."""
    db.execute(REMOVE_RECOVERY_CODES, {"of_account_id": account_id})
    db.execute(MARK.values(second_factor_at=None, second_factor_asked_at=None), {"of_account_id": account_id})


def _owner(db: Connection, account_id: int) -> Credentials:
    owner = credential_queries.get(db, account_id)
    if owner is None:
        raise NotFound(_("There is no such account."))
    return owner


def _use_totp(db: Connection, sealer: Sealer, now: int, account_id: int, typed: str) -> bool:
    row = db.execute(SHARED, {"of_account_id": account_id}).one_or_none()
    shared = sealer.open(row.sealed_secret, TOTP, account_id) if row is not None else None
    period = _period(shared, typed, now) if shared is not None else None
    if row is None or period is None:
        return False
    return bool(db.execute(USE_PERIOD, {"factor_id": row.id, "period": period, "now": now}).rowcount)


def _period(shared: str, typed: str, now: int) -> int | None:
    """Return the newest period whose code this is, of those that are good now."""
    totp, current = pyotp.TOTP(shared, digits=DIGITS, interval=PERIOD_MS // clock.SECOND), now // PERIOD_MS
    periods = range(current - PERIODS_OFF, current + PERIODS_OFF + 1)
    fitting = [period for period in periods if secret.equal(totp.generate_otp(period), typed)]
    return fitting[-1] if fitting else None


def _opened(sealer: Sealer, now: int, account_id: int, sealed: str) -> str | None:
    """Return the secret of a set-up that has begun; None when it is another's, or from too long ago."""
    try:
        opened = sealer.open(base64.urlsafe_b64decode(sealed.encode()), "set up", account_id)
    except (binascii.Error, ValueError):
        return None
    expires_at, _space, shared = (opened or "0").partition(" ")
    return shared if now < int(expires_at) else None


def _normal(code: str) -> str:
    """Return a code as it was given out: whatever separates its groups, and in whichever digits it was typed."""
    letters = unicodedata.normalize("NFKC", code[:100]).lower()
    return "".join(_plain(letter) for letter in letters if letter.isalnum())


def _plain(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def _add_recovery_codes(db: Connection, account_id: int) -> list[str]:
    codes = [secret.new_code() for _ in range(RECOVERY_CODES)]
    db.execute(REMOVE_RECOVERY_CODES, {"of_account_id": account_id})
    rows = [{"account_id": account_id, "code_hash": secret.digest(_normal(code))} for code in codes]
    db.execute(ADD_RECOVERY_CODE, rows)
    return codes
