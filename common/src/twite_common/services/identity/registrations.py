"""Signing up: what is checked, the account that is made, and an application's token for it."""

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, insert, select, update

from twite_common import clock, ids, secret, text, time_zones
from twite_common.errors import Invalid, NotAllowed, TooMany, all_invalid
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.usernames import username_key
from twite_common.queries.viewers import UNCLAIMED
from twite_common.secret import Signer
from twite_common.services import attempts, one_time_links
from twite_common.services.accounts import accounts, deleted_names
from twite_common.services.accounts.accounts import ROLES
from twite_common.services.identity import confirmations, tokens
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email, checked_username, within
from twite_common.settings import Settings
from twite_common.tables import account, credentials, invitation, preferences

MAX_REASON_LENGTH = 1000
SIGNUP_WINDOW_MS = 30 * clock.MINUTE
UNCONFIRMED_MS = 7 * clock.DAY
"""How long an account is kept that nobody confirms."""


class SignUp(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote to get an account; the password is hashed before it comes here.

    `address` is where it came from on the network, `application_id` the application that it was written in. A time
    zone that doesn't exist counts as none.
    """

    username: str
    email: str
    password_hash: str
    reason: str = ""
    invitation_code: str = ""
    time_zone: str = ""
    indexable: bool = False
    address: str = ""
    application_id: int | None = None


_NOW = bindparam("now", type_=BigInteger)
TAKEN = select(account.c.id).where(account.c.username_key == bindparam("key"))
ADD = insert(account)
ADD_CREDENTIALS = insert(credentials)
ADD_PREFERENCES = insert(preferences)
USE_INVITATION = (
    update(invitation)
    .where(
        invitation.c.code_hash == bindparam("hash", type_=LargeBinary),
        invitation.c.uses_left > 0,
        invitation.c.expires_at > _NOW,
    )
    .values(uses_left=invitation.c.uses_left - 1)
    .returning(invitation.c.account_id)
)


def count_sign_up(db: Connection, settings: Settings, *, now: int, address: str, email: str) -> TooMany | None:
    """Count a sign-up from an address; return the error to raise after the commit when there were too many."""
    subject = f"signup from:{attempts.counted_as(address)}"
    error = attempts.count(db, subject, now=now, window_ms=SIGNUP_WINDOW_MS, limit=settings.limit("signups"))
    if error is None:
        sign_up_blocks.count_refused(db, now=now, email=email, address=address)
    return error


def check_sign_up(db: Connection, settings: Settings, sign_up: SignUp, *, now: int) -> bool:
    """Check what can be checked before an account is made; return whether it must wait to be approved.

    Raises NotAllowed when sign-up is closed, to all or to the network that it comes from, Invalid that says everything
    that is wrong with the name, the address and the reason.
    """
    if settings.registration == "closed":
        raise NotAllowed("This site isn't accepting new accounts at the moment.")
    must_wait = sign_up_blocks.check_address(db, now=now, address=sign_up.address)
    errors_by_field = all_invalid(
        lambda: _check_free(db, checked_username(sign_up.username)),
        lambda: sign_up_blocks.check_email(db, checked_email(sign_up.email, smtp_utf8=settings.smtp_utf8)),
        lambda: _checked_reason(sign_up.reason),
    )
    if errors_by_field:
        raise Invalid(
            " ".join(sentence for errors in errors_by_field.values() for _, sentence in errors), errors_by_field
        )
    return must_wait or settings.registration == "approval"


def sign_up(db: Connection, settings: Settings, *, now: int, sign_up: SignUp) -> int | None:
    """Make an account that waits for its owner to confirm the address (and to be approved, where that is asked).

    Where the address has an account already, nothing is made and its owner is told by mail, so that nobody learns
    who has one: None is returned then, the new account's id otherwise. Raises NotAllowed when sign-up is closed or
    the invitation doesn't work, Invalid for what `check_sign_up` finds.
    """
    must_wait = check_sign_up(db, settings, sign_up, now=now)
    email = checked_email(sign_up.email, smtp_utf8=settings.smtp_utf8)
    credentials = credential_queries.by_email(db, email)
    if credentials is not None:
        mails.add(db, "already_registered", now=now, address=credentials.email, account_id=credentials.account_id)
        return None
    invited_by = _use_invitation(db, sign_up.invitation_code, now) if settings.registration == "invitation" else None
    if settings.registration == "invitation" and invited_by is None:
        raise NotAllowed("This invitation doesn't work: it has been used up, has expired, or is incomplete.")
    approved_at = None if must_wait else now
    account_id = _add(
        db, sign_up, email, now=now, confirmed_at=None, approved_at=approved_at, role="", invited_by=invited_by
    )
    confirmations.ask_to_confirm(db, now=now, account_id=account_id, email=email)
    return account_id


def create(
    db: Connection,
    *,
    now: int,
    sign_up: SignUp,
    role: str = "",
    confirmed: bool = False,
    smtp_utf8: bool,
) -> int:
    """Make an account for somebody, approved, without regard to who may sign up; return its id.

    `smtp_utf8` says whether the mail server takes addresses with other letters than ASCII's before the @.
    Of a name that an account had which was deleted, the error says that it can be released.

    Raises Invalid for a name, address or role that can't be had.
    """
    if role not in ROLES:
        raise Invalid("The role must be admin or moderator.")
    checked_username(sign_up.username)
    email = checked_email(sign_up.email, smtp_utf8=smtp_utf8)
    if deleted_names.present(db, sign_up.username):
        name = sign_up.username
        raise _taken(f"The account {name} was deleted. To free its name, run `twite account release-name {name}`.")
    _check_free(db, sign_up.username)
    if credential_queries.by_email(db, email) is not None:
        sentence = "There is already an account with this e-mail address."
        raise Invalid(sentence, {"email": [("ERR_TAKEN", sentence)]})
    account_id = _add(db, sign_up, email, now=now, confirmed_at=now if confirmed else None, approved_at=now, role=role)
    if not confirmed:
        confirmations.ask_to_confirm(db, now=now, account_id=account_id, email=email)
    return account_id


def create_first(db: Connection, signer: Signer, *, now: int, token: str, sign_up: SignUp, smtp_utf8: bool) -> int:
    """Make the site's first, administrating account with the link that `twite run` printed; return its id.

    Raises NotFound when the link doesn't work, NotAllowed when there is an account already, Invalid for a name or
    address that can't be had.
    """
    one_time_links.use(db, signer, token, "first_account", now=now)
    if credential_queries.any_account(db):
        raise NotAllowed("This site already has an account.")
    return create(db, now=now, sign_up=sign_up, role="admin", confirmed=True, smtp_utf8=smtp_utf8)


def _add(
    db: Connection,
    sign_up: SignUp,
    email: str,
    *,
    now: int,
    confirmed_at: int | None,
    approved_at: int | None,
    role: str,
    invited_by: int | None = None,
) -> int:
    id = ids.new(now)
    row = {
        "id": id,
        "username": sign_up.username,
        "username_key": username_key(sign_up.username),
        "role": role,
        "indexable": sign_up.indexable,
        "pending": confirmed_at is None or approved_at is None,
    }
    db.execute(ADD, row)
    private = {
        "account_id": id,
        "email": email,
        "email_key": email_key(email),
        "confirmed_at": confirmed_at,
        "approved_at": approved_at,
        "password_hash": sign_up.password_hash,
        "reason": _checked_reason(sign_up.reason),
        "sign_up_address": sign_up.address,
        "created_by_application_id": sign_up.application_id,
        "invited_by_account_id": invited_by,
    }
    db.execute(ADD_CREDENTIALS, private)
    known_zone = sign_up.time_zone in time_zones.names()
    db.execute(ADD_PREFERENCES, {"account_id": id, "time_zone": sign_up.time_zone if known_zone else "UTC"})
    return id


def _check_free(db: Connection, name: str) -> None:
    if db.scalar(TAKEN, {"key": username_key(name)}) is not None or deleted_names.present(db, name):
        raise _taken(f"The name {name} is taken.")


def _taken(sentence: str) -> Invalid:
    return Invalid(sentence, {"username": [("ERR_TAKEN", sentence)]})


def _use_invitation(db: Connection, code: str, now: int) -> int | None:
    """Use an invitation once and return whose it is; None when it doesn't work."""
    account_id: int | None = db.scalar(USE_INVITATION, {"hash": secret.digest(code), "now": now})
    return account_id


def _checked_reason(reason: str) -> str:
    return within(text.clean(reason), MAX_REASON_LENGTH, "reason", "text")


CREATED_BY = select(credentials.c.created_by_application_id).where(
    credentials.c.account_id == bindparam("the_id", type_=BigInteger)
)


def register(db: Connection, settings: Settings, *, now: int, form: SignUp, scopes: str) -> str:
    """Make an account like `sign_up` and return a token for it, good for these scopes once it is confirmed.

    Where the address has an account already, the token belongs to nobody and acts like one whose account is never
    confirmed, so that the answer doesn't tell who has an account.
    """
    account_id = sign_up(db, settings, now=now, sign_up=form)
    access_token = secret.new()
    tokens.add(
        db,
        now=now,
        access_token=access_token,
        scopes=scopes if account_id is not None else f"{scopes} {UNCLAIMED}",
        lifetime_seconds=None if account_id is not None else UNCONFIRMED_MS // clock.SECOND,
        application_id=form.application_id,
        account_id=account_id,
    )
    return access_token


def ask_to_confirm_again(
    db: Connection,
    *,
    now: int,
    account_id: int | None,
    application_id: int | None,
    email: str = "",
    smtp_utf8: bool,
) -> None:
    """Send another link to an account's address, or first change an address that nobody has confirmed.

    An account of None is the one that `register` didn't make: nothing happens. Raises NotAllowed for another
    application than that which made the account, and once the address is confirmed; Invalid for what isn't an address
    or is kept out.
    """
    new_email = checked_email(email, smtp_utf8=smtp_utf8) if email.strip() else ""
    credentials = credential_queries.get(db, account_id) if account_id is not None else None
    if credentials is None:
        return
    if application_id is None or db.scalar(CREATED_BY, {"the_id": credentials.account_id}) != application_id:
        raise NotAllowed("This method is only available to the application the user originally signed-up with")
    if credentials.confirmed_at is not None:
        raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
    if attempts.count(
        db,
        f"confirm:{credentials.account_id}",
        now=now,
        window_ms=confirmations.CONFIRM_WINDOW_MS,
        limit=confirmations.CONFIRMS,
    ):
        return
    if new_email and email_key(new_email) != email_key(credentials.email):
        sign_up_blocks.check_email(db, new_email)
        other_credentials = credential_queries.by_email(db, new_email)
        if other_credentials is not None:
            mails.add(
                db,
                "already_registered",
                now=now,
                address=other_credentials.email,
                account_id=other_credentials.account_id,
            )
            return
        changes = {"email": new_email, "email_key": email_key(new_email), **mails.WORKS}
        db.execute(accounts.CHANGE_CREDENTIALS.values(changes), {"the_id": credentials.account_id})
    confirmations.ask_to_confirm(db, now=now, account_id=credentials.account_id, email=new_email or credentials.email)
