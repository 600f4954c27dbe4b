"""Accounts: signing up, being let in, the profile, and going."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, insert, select, update

from twite_common import clock, ids, permissions, secret, text, time_zones
from twite_common.errors import Invalid, NotAllowed, NotFound, TooMany, all_invalid
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.accounts import Field, username_key
from twite_common.queries.accounts.credentials import Credentials, email_key
from twite_common.secret import Signer
from twite_common.services import attempts, one_time_links
from twite_common.services.accounts import deleted_names, field_verification, follows
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.notifications import mails, notifications
from twite_common.services.posts import emojis, media
from twite_common.services.validators import checked_domain, checked_email, checked_username
from twite_common.settings import Settings
from twite_common.tables import account, credentials, invitation, preferences

ROLES = ("", "moderator", "admin")
MAX_NAME_LENGTH = 40
MAX_BIO_LENGTH = 500
MAX_FIELDS = 4
MAX_FIELD_LENGTH = 255
MAX_REASON_LENGTH = 1000
MAX_PICTURE_DESCRIPTION_LENGTH = 150
MAX_ATTRIBUTION_DOMAINS = 10
SIGNUP_WINDOW_MS = 30 * clock.MINUTE
CONFIRM_WINDOW_MS = clock.HOUR
CONFIRMS = 5
"""Links to confirm an address that are sent for one account in an hour, to whichever addresses."""


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


class ProfileChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Changes to a profile; a field left out stays. `avatar` and `header` are names in the media folder."""

    display_name: str | UnsetType = UNSET
    bio: str | UnsetType = UNSET
    fields: list[tuple[str, str]] | UnsetType = UNSET
    avatar: str | UnsetType | None = UNSET
    header: str | UnsetType | None = UNSET
    locked: bool | UnsetType = UNSET
    bot: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET
    indexable: bool | UnsetType = UNSET
    noindex: bool | UnsetType = UNSET
    hide_collections: bool | UnsetType = UNSET
    avatar_description: str | UnsetType = UNSET
    header_description: str | UnsetType = UNSET
    show_media: bool | UnsetType = UNSET
    show_media_replies: bool | UnsetType = UNSET
    show_featured: bool | UnsetType = UNSET
    attribution_domains: list[str] | UnsetType = UNSET


MailChoice = Literal["never", "at_once", "daily"]


class PreferenceChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Changes to preferences; a field left out stays. Quiet hours are minutes since midnight, both or neither."""

    visibility: Literal["public", "unlisted", "followers", "mentioned"] | UnsetType = UNSET
    quote_policy: Literal["public", "followers", "nobody"] | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    time_zone: str | UnsetType = UNSET
    quiet_from: int | UnsetType | None = UNSET
    quiet_to: int | UnsetType | None = UNSET
    mail_mention: MailChoice | UnsetType = UNSET
    mail_follow: MailChoice | UnsetType = UNSET
    mail_follow_request: MailChoice | UnsetType = UNSET
    mail_favourite: MailChoice | UnsetType = UNSET
    mail_boost: MailChoice | UnsetType = UNSET
    mail_post: MailChoice | UnsetType = UNSET
    mail_login: bool | UnsetType = UNSET
    mail_weekly: bool | UnsetType = UNSET


_ID = bindparam("the_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
TAKEN = select(account.c.id).where(account.c.username_key == bindparam("key"))
ADD = insert(account)
ADD_CREDENTIALS = insert(credentials)
ADD_PREFERENCES = insert(preferences)
PICTURES = select(account.c.avatar, account.c.header).where(account.c.id == _ID)
FIELDS = select(account.c.fields).where(account.c.id == _ID)
CHANGE = update(account).where(account.c.id == _ID)
CHANGE_CREDENTIALS = update(credentials).where(credentials.c.account_id == _ID)
APPROVE = CHANGE_CREDENTIALS.where(credentials.c.approved_at.is_(None))
CHANGE_PREFERENCES = update(preferences).where(preferences.c.account_id == _ID)
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
    refused = attempts.count(db, subject, now=now, window_ms=SIGNUP_WINDOW_MS, limit=settings.limit("signups"))
    if refused is None:
        sign_up_blocks.count_refused(db, now=now, email=email, address=address)
    return refused


def check_sign_up(db: Connection, settings: Settings, sign_up: SignUp, *, now: int) -> bool:
    """Check what can be checked before an account is made; return whether it must wait to be approved.

    Raises NotAllowed when sign-up is closed, to all or to the network that it comes from, Invalid that says everything
    that is wrong with the name, the address and the reason.
    """
    if settings.registration == "closed":
        raise NotAllowed("This site doesn't take new accounts at the moment.")
    must_wait = sign_up_blocks.check_address(db, now=now, address=sign_up.address)
    wrong = all_invalid(
        lambda: _check_free(db, checked_username(sign_up.username)),
        lambda: sign_up_blocks.check_email(db, checked_email(sign_up.email, smtp_utf8=settings.smtp_utf8)),
        lambda: _checked_reason(sign_up.reason),
    )
    if wrong:
        raise Invalid(" ".join(sentence for found in wrong.values() for _, sentence in found), wrong)
    return must_wait or settings.registration == "approval"


def sign_up(db: Connection, settings: Settings, *, now: int, sign_up: SignUp) -> int | None:
    """Make an account that waits for its owner to confirm the address (and to be approved, where that is asked).

    Where the address has an account already, nothing is made and its owner is told by mail, so that nobody learns
    who has one: None is returned then, the new account's id otherwise. Raises NotAllowed when sign-up is closed or
    the invitation doesn't work, Invalid for what `check_sign_up` finds.
    """
    must_wait = check_sign_up(db, settings, sign_up, now=now)
    email = checked_email(sign_up.email, smtp_utf8=settings.smtp_utf8)
    known = credential_queries.by_email(db, email)
    if known is not None:
        mails.add(db, "already_registered", now=now, address=known.email, account_id=known.account_id)
        return None
    invited_by = _use_invitation(db, sign_up.invitation_code, now) if settings.registration == "invitation" else None
    if settings.registration == "invitation" and invited_by is None:
        raise NotAllowed("This invitation doesn't work: it was used up, is too old, or is incomplete.")
    approved_at = None if must_wait else now
    account_id = _add(
        db, sign_up, email, now=now, confirmed_at=None, approved_at=approved_at, role="", invited_by=invited_by
    )
    ask_to_confirm(db, now=now, account_id=account_id, email=email)
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
        raise _taken(f"An account named {name} was deleted. `twite account release-name {name}` frees the name.")
    _check_free(db, sign_up.username)
    if credential_queries.by_email(db, email) is not None:
        sentence = "This e-mail address has an account already."
        raise Invalid(sentence, {"email": [("ERR_TAKEN", sentence)]})
    account_id = _add(db, sign_up, email, now=now, confirmed_at=now if confirmed else None, approved_at=now, role=role)
    if not confirmed:
        ask_to_confirm(db, now=now, account_id=account_id, email=email)
    return account_id


def create_first(db: Connection, signer: Signer, *, now: int, token: str, sign_up: SignUp, smtp_utf8: bool) -> int:
    """Make the site's first, administrating account with the link that `twite run` printed; return its id.

    Raises NotFound when the link doesn't work, NotAllowed when there is an account already, Invalid for a name or
    address that can't be had.
    """
    one_time_links.use(db, signer, token, "first_account", now=now)
    if credential_queries.any_account(db):
        raise NotAllowed("This site has an account already.")
    return create(db, now=now, sign_up=sign_up, role="admin", confirmed=True, smtp_utf8=smtp_utf8)


def ask_to_confirm(db: Connection, *, now: int, account_id: int, email: str, again: bool = False) -> None:
    """Send a link to the account's address that shows that its owner reads mail there; `again` says that they did."""
    link_id = one_time_links.add(db, "confirm", now=now, account_id=account_id, detail=email)
    mails.add(db, "confirm", now=now, address=email, account_id=account_id, link_id=link_id, again=again)


def ask_to_confirm_again(db: Connection, *, now: int, email: str) -> None:
    """Send another link to an address whose account waits to be confirmed; nobody learns whether there is one."""
    found = credential_queries.by_email(db, email)
    if found is None or found.confirmed_at is not None or found.suspended_at is not None:
        return
    ask_to_confirm(db, now=now, account_id=found.account_id, email=found.email)


def ask_whether_mail_arrives(db: Connection, *, now: int, account_id: int) -> None:
    """Send a link to an account's confirmed address, which was refused: it takes mail if this one arrives."""
    found = _found(db, account_id)
    if found.mail_failed_at is not None:
        ask_to_confirm(db, now=now, account_id=account_id, email=found.email, again=True)


def confirm_by_link(db: Connection, signer: Signer, *, now: int, token: str) -> bool:
    """Confirm an account's address with the link from a mail; return whether its owner can log in now.

    Raises NotFound when the link doesn't work.
    """
    link = one_time_links.use(db, signer, token, "confirm", now=now)
    found = credential_queries.get(db, link.account_id) if link.account_id is not None else None
    if found is None or email_key(found.email) != email_key(link.detail):
        raise NotFound("This link belongs to an address that the account doesn't have any more.")
    if found.confirmed_at is None:
        confirm(db, now=now, account_id=found.account_id)
    return found.approved_at is not None


def confirm(db: Connection, *, now: int, account_id: int) -> None:
    """Record that an account's owner reads mail at its address; where it waits for approval, tell who may give it.

    Of an address that was confirmed before nobody is told again.
    """
    found = _found(db, account_id)
    known = found.confirmed_at is not None
    db.execute(
        CHANGE_CREDENTIALS.values(confirmed_at=found.confirmed_at if known else now, **mails.WORKS),
        {"the_id": account_id},
    )
    if known:
        return
    if found.approved_at is not None:
        _let_in(db, now, account_id)
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


def approve(db: Connection, *, now: int, account_id: int) -> None:
    """Let an account in that waited for approval, and tell its owner."""
    found = _found(db, account_id)
    if not db.execute(APPROVE.values(approved_at=now), {"the_id": account_id}).rowcount:
        return
    if found.confirmed_at is not None:
        _let_in(db, now, account_id)
    mails.add(db, "approved", now=now, address=found.email, account_id=account_id)


def check_profile(changes: ProfileChanges) -> None:
    """Raise Invalid for what `change_profile` would refuse, so that no picture is stored for it."""
    _checked_profile(changes, {})


def change_profile(db: Connection, *, now: int, account_id: int, changes: ProfileChanges) -> None:
    """Change an account's profile; unlocking it lets everybody follow who has asked to.

    Pictures that nobody uses any more are removed by a task. Raises Invalid for what is too long.
    """
    values = _checked_profile(changes, _verified(db, account_id) if changes.fields is not UNSET else {})
    if "fields" in values:
        field_verification.ask(db, now=now, account_id=account_id, fields=values["fields"])
        values["fields"] = msgspec.json.encode(values["fields"]).decode()
    if not values:
        return
    replaced = db.execute(PICTURES, {"the_id": account_id}).one() if values.keys() & {"avatar", "header"} else ()
    db.execute(CHANGE.values(**values, version=account.c.version + 1), {"the_id": account_id})
    if values.keys() & {"display_name", "bio", "fields"}:
        emojis.refresh_profiles(db, [account_id])
    if values.get("locked") is False:
        follows.accept_all_requests(db, now=now, followee_id=account_id)
    media.forget_files(db, replaced, now=now)


def change_preferences(db: Connection, *, account_id: int, changes: PreferenceChanges) -> None:
    """Change an account's preferences.

    Raises Invalid for quiet hours that aren't two times of day, and for an unknown time zone or language.
    """
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    _check_quiet_hours(values)
    if "time_zone" in values and values["time_zone"] not in time_zones.names():
        raise _invalid("time_zone", "There is no such time zone.")
    if values.get("language") is not None and not text.LANGUAGE.fullmatch(values["language"]):
        raise _invalid("language", "A language is a code such as en or pt-BR.")
    if values:
        db.execute(CHANGE_PREFERENCES.values(values), {"the_id": account_id})


def set_role(db: Connection, *, account_id: int, role: str) -> None:
    """Give an account a role: "admin", "moderator", or "" for none.

    Raises Invalid for another.
    """
    if role not in ROLES:
        raise Invalid("The role must be admin, moderator or none.")
    db.execute(CHANGE.values(role=role, version=account.c.version + 1), {"the_id": account_id})


def suspend(db: Connection, *, now: int, account_id: int) -> None:
    """Hide an account and its posts from everybody; nobody can log in to it. Nothing is deleted."""
    _found(db, account_id)
    db.execute(CHANGE.values(suspended_at=now, version=account.c.version + 1), {"the_id": account_id})


def unsuspend(db: Connection, *, account_id: int) -> None:
    """Show a suspended account and its posts again."""
    _found(db, account_id)
    db.execute(CHANGE.values(suspended_at=None, version=account.c.version + 1), {"the_id": account_id})


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


def _check_quiet_hours(values: Mapping[str, Any]) -> None:
    times = [values[name] for name in ("quiet_from", "quiet_to") if name in values]
    given = [time for time in times if time is not None]
    if len(given) not in {0, len(times)} or not all(0 <= time < 24 * 60 for time in given):
        raise _invalid("quiet_from", "Quiet hours are two times of day, such as 22:00 and 07:00.")


def _let_in(db: Connection, now: int, account_id: int) -> None:
    db.execute(CHANGE.values(pending=False, version=account.c.version + 1), {"the_id": account_id})
    moderators = credential_queries.with_role(db, permissions.roles_with("manage_users"))
    told = [one.account_id for one in moderators]
    notifications.notify(db, told, "signup", now=now, from_account_id=account_id)


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
    return _within(text.clean(reason), MAX_REASON_LENGTH, "reason", "text")


def _found(db: Connection, account_id: int) -> Credentials:
    found = credential_queries.get(db, account_id)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})


def _checked_profile(changes: ProfileChanges, verified: Mapping[str, int]) -> dict[str, Any]:
    """Return what is to be changed, by column, as it is stored; fields as they are, with when they were verified."""
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    if "display_name" in values:
        values["display_name"] = _within(
            text.clean_line(values["display_name"]), MAX_NAME_LENGTH, "display_name", "name"
        )
    if "bio" in values:
        values["bio"] = _within(text.clean(values["bio"]), MAX_BIO_LENGTH, "bio", "bio")
    if "fields" in values:
        values["fields"] = _checked_fields(values["fields"], verified)
    for name in values.keys() & {"avatar_description", "header_description"}:
        values[name] = _within(text.clean_line(values[name]), MAX_PICTURE_DESCRIPTION_LENGTH, name, "description")
    if "attribution_domains" in values:
        values["attribution_domains"] = _checked_domains(values["attribution_domains"])
    return values


def _within(value: str, limit: int, field: str, what: str) -> str:
    if beyond := text.excess(value, limit):
        sentence = f"The {what} may have {beyond}."
        raise Invalid(sentence, {field: [("ERR_TOO_LONG", sentence)]})
    return value


def _checked_domains(given: list[str]) -> str:
    domains = list(dict.fromkeys(checked_domain(one) for one in given if one.strip()))
    if len(domains) > MAX_ATTRIBUTION_DOMAINS:
        sentence = f"At most {MAX_ATTRIBUTION_DOMAINS} websites can be named."
        raise Invalid(sentence, {"attribution_domains": [("ERR_TOO_LONG", sentence)]})
    return msgspec.json.encode(domains).decode()


def _verified(db: Connection, account_id: int) -> dict[str, int]:
    """Return the values of an account's fields that were verified, and when."""
    fields = msgspec.json.decode(db.scalar(FIELDS, {"the_id": account_id}) or "[]", type=list[Field])
    return {field.value: field.verified_at for field in fields if field.verified_at is not None}


def _checked_fields(given: list[tuple[str, str]], verified: Mapping[str, int]) -> list[Field]:
    rows = [(text.clean_line(name), text.clean_line(value)) for name, value in given]
    rows = [row for row in rows if any(row)]
    if len(rows) > MAX_FIELDS:
        sentence = f"A profile may have {MAX_FIELDS} fields."
        raise Invalid(sentence, {"fields": [("ERR_TOO_LONG", sentence)]})
    for name, value in rows:
        _within(name, MAX_FIELD_LENGTH, "fields", "name of a field")
        _within(value, MAX_FIELD_LENGTH, "fields", "value of a field")
    return [Field(name, value, verified.get(value)) for name, value in rows]
