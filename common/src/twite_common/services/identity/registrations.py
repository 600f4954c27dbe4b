"""Signing up with an application: the account, the application's token for it, and the mails that confirm it."""

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import clock, secret
from twite_common.errors import NotAllowed
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.viewers import UNCLAIMED
from twite_common.services import attempts
from twite_common.services.accounts import accounts
from twite_common.services.accounts.accounts import SignUp
from twite_common.services.identity import tokens
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.notifications import mails
from twite_common.services.operations.cleaning import UNCONFIRMED_MS
from twite_common.services.validators import checked_email
from twite_common.settings import Settings
from twite_common.tables import credentials

CREATED_BY = select(credentials.c.created_by_application_id).where(
    credentials.c.account_id == bindparam("the_id", type_=BigInteger)
)


def register(db: Connection, settings: Settings, *, now: int, sign_up: SignUp, scopes: str) -> str:
    """Make an account like `accounts.sign_up` and return a token for it, good for these scopes once it is confirmed.

    Where the address has an account already, the token belongs to nobody and acts like one whose account is never
    confirmed, so that the answer doesn't tell who has an account.
    """
    account_id = accounts.sign_up(db, settings, now=now, sign_up=sign_up)
    made = secret.new()
    tokens.add(
        db,
        now=now,
        access_token=made,
        scopes=scopes if account_id is not None else f"{scopes} {UNCLAIMED}",
        lifetime_seconds=None if account_id is not None else UNCONFIRMED_MS // clock.SECOND,
        application_id=sign_up.application_id,
        account_id=account_id,
    )
    return made


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
    wanted = checked_email(email, smtp_utf8=smtp_utf8) if email.strip() else ""
    found = credential_queries.get(db, account_id) if account_id is not None else None
    if found is None:
        return
    if application_id is None or db.scalar(CREATED_BY, {"the_id": found.account_id}) != application_id:
        raise NotAllowed("This method is only available to the application the user originally signed-up with")
    if found.confirmed_at is not None:
        raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
    if attempts.count(
        db, f"confirm:{found.account_id}", now=now, window_ms=accounts.CONFIRM_WINDOW_MS, limit=accounts.CONFIRMS
    ):
        return
    if wanted and email_key(wanted) != email_key(found.email):
        sign_up_blocks.check_email(db, wanted)
        taken = credential_queries.by_email(db, wanted)
        if taken is not None:
            mails.add(db, "already_registered", now=now, address=taken.email, account_id=taken.account_id)
            return
        changes = {"email": wanted, "email_key": email_key(wanted), **mails.WORKS}
        db.execute(accounts.CHANGE_CREDENTIALS.values(changes), {"the_id": found.account_id})
    accounts.ask_to_confirm(db, now=now, account_id=found.account_id, email=wanted or found.email)
