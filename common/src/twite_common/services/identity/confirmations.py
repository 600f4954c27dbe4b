"""Confirming that an account's owner reads mail at its address."""

from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common import clock, permissions
from twite_common.database import Database
from twite_common.errors import NotAllowed, NotFound, TooMany
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials, email_key
from twite_common.secret import Signer
from twite_common.services import attempts, one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.accounts.accounts import admit, confirm_email, existing
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email
from twite_common.tables import credentials
from twite_common.translations import gettext as _

CONFIRM_WINDOW_MS = clock.HOUR
CONFIRMS = 5
"""Links to confirm an address that are sent for one account in an hour, to whichever addresses."""
CREATED_BY = select(credentials.c.created_by_application_id).where(
    credentials.c.account_id == bindparam("the_id", type_=BigInteger)
)


def ask_to_confirm(db: Connection, *, now: int, account_id: int, email: str, again: bool = False) -> None:
    """Send a link to the account's address that shows that its owner reads mail there; `again` says that they did."""
    link_id = one_time_links.add(db, "confirm", now=now, account_id=account_id, detail=email)
    mails.add(db, "confirm", now=now, address=email, account_id=account_id, link_id=link_id, again=again)


def ask_to_confirm_again(db: Connection, *, now: int, email: str) -> None:
    """Send another link to an address whose account waits to be confirmed; nobody learns whether there is one."""
    credentials = credential_queries.by_email(db, email)
    if credentials is None or credentials.confirmed_at is not None or credentials.suspended_at is not None:
        return
    ask_to_confirm(db, now=now, account_id=credentials.account_id, email=credentials.email)


def ask_whether_mail_arrives(db: Connection, *, now: int, account_id: int) -> None:
    """Send a link to an account's confirmed address, which was refused: it takes mail if this one arrives."""
    credentials = existing(db, account_id)
    if credentials.mail_failed_at is not None:
        ask_to_confirm(db, now=now, account_id=account_id, email=credentials.email, again=True)


def confirm_by_link(db: Connection, signer: Signer, *, now: int, token: str) -> bool:
    """Confirm an account's address with the link from a mail; return whether its owner can log in now.

    Raises NotFound when the link doesn't work.
    """
    link = one_time_links.use(db, signer, token, "confirm", now=now)
    credentials = credential_queries.get(db, link.account_id) if link.account_id is not None else None
    if credentials is None or email_key(credentials.email) != email_key(link.detail):
        raise NotFound(_("This link is for an address that the account no longer uses."))
    if credentials.confirmed_at is None:
        confirm(db, now=now, account_id=credentials.account_id)
    return credentials.approved_at is not None


def confirm(db: Connection, *, now: int, account_id: int) -> None:
    """Record that an account's owner reads mail at its address; where it waits for approval, tell who may give it.

    Of an address that was confirmed before nobody is told again.
    """
    credentials = existing(db, account_id)
    was_confirmed = credentials.confirmed_at is not None
    confirm_email(db, account_id=account_id, confirmed_at=credentials.confirmed_at or now)
    if was_confirmed:
        return
    if credentials.approved_at is not None:
        admit(db, now, account_id)
        return
    for moderator in credential_queries.with_role(db, permissions.roles_with("manage_users")):
        mails.add(
            db,
            "approval_needed",
            now=now,
            address=moderator.email,
            account_id=moderator.account_id,
            new_account_id=account_id,
        )


def ask_again_by_application(
    database: Database,
    *,
    now: int,
    account_id: int | None,
    application_id: int | None,
    email: str = "",
    smtp_utf8: bool,
) -> None:
    """Send another link to an account's address, or first change an address that nobody has confirmed.

    An account of None is the one that `registrations.add_with_token` didn't make: nothing happens. Nor does it after
    too many attempts; what is wrong with the address is said in either case, so that the answer doesn't tell which it
    is. Raises NotAllowed for another application than that which made the account, and once the address is confirmed;
    Invalid for what isn't an address or is kept out.
    """
    new_email = checked_email(email, smtp_utf8=smtp_utf8) if email.strip() else ""
    with database.reading() as db:
        if new_email:
            sign_up_blocks.check_email(db, new_email)
        if account_id is None:
            return
        _unconfirmed(db, account_id, application_id)
    try:
        attempts.count(
            database,
            [f"confirm:{account_id}"],
            now=now,
            window_ms=CONFIRM_WINDOW_MS,
            limit=CONFIRMS,
        )
    except TooMany:
        return
    with database.writing() as db:
        # What was read may have changed meanwhile.
        credentials = _unconfirmed(db, account_id, application_id)
        if new_email and email_key(new_email) != email_key(credentials.email):
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
            accounts.set_email(db, account_id=account_id, email=new_email, confirmed_at=None)
        ask_to_confirm(db, now=now, account_id=account_id, email=new_email or credentials.email)


def _unconfirmed(db: Connection, account_id: int, application_id: int | None) -> Credentials:
    """Return what is known of an account that this application made and whose address nobody has confirmed."""
    credentials = accounts.existing(db, account_id)
    if application_id is None or db.scalar(CREATED_BY, {"the_id": account_id}) != application_id:
        raise NotAllowed(_("This method is only available to the application the user originally signed-up with"))
    if credentials.confirmed_at is not None:
        raise NotAllowed(_("This method is only available while the e-mail is awaiting confirmation"))
    return credentials
