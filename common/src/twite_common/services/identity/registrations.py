"""Signing up: what is checked, the account that is made, and an application's token for it."""

from collections.abc import Callable

import msgspec
from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, insert, select, update

from twite_common import clock, ids, secret, text, time_zones, translations
from twite_common.database import Database
from twite_common.errors import Invalid, NotAllowed, check_all
from twite_common.passwords import Passwords, checked_password
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import email_key
from twite_common.queries.usernames import username_key
from twite_common.queries.viewers import UNCLAIMED
from twite_common.services import attempts, one_time_links
from twite_common.services.accounts import deleted_names
from twite_common.services.accounts.accounts import ROLES
from twite_common.services.identity import confirmations, sessions, sign_up_proofs, tokens, usernames
from twite_common.services.identity.sign_up_proofs import Proof
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.notifications import mails
from twite_common.services.validators import checked_email, checked_username, within
from twite_common.settings import Settings
from twite_common.tables import account, credentials, invitation, preferences
from twite_common.translations import gettext as _
from twite_common.translations import marked

MAX_REASON_LENGTH = 1000
NOT_AGREED = marked("Agreement must be accepted")
SIGNUP_WINDOW_MS = 30 * clock.MINUTE
CHECKS_A_SIGNUP = 20
"""How often what is being typed is checked for each sign-up that is allowed."""
UNCONFIRMED_MS = 7 * clock.DAY
"""How long an account is kept that nobody confirms."""


class SignUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed to get an account.

    `address` is where it came from on the network, `application_id` the application that it was typed in. A time zone
    that doesn't exist counts as none, and so does a locale (the language to read the site in) without texts. `agreed`
    says whether they agree to the rules, where they are asked, and `proof` that this isn't one of a flood of sign-ups.
    """

    username: str
    email: str
    password: str
    reason: str = ""
    invitation_code: str = ""
    time_zone: str = ""
    locale: str | None = None
    indexable: bool = False
    agreed: bool = True
    address: str = ""
    application_id: int | None = None
    proof: Proof = Proof()


class SignUp(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is made of: what `SignUpForm` has, with the password hashed."""

    username: str
    email: str
    password_hash: str
    reason: str = ""
    invitation_code: str = ""
    time_zone: str = ""
    locale: str | None = None
    indexable: bool = False
    address: str = ""
    application_id: int | None = None


_NOW = bindparam("now", type_=BigInteger)
ADD = insert(account)
ADD_CREDENTIALS = insert(credentials)
ADD_PREFERENCES = insert(preferences)
_INVITES = (
    invitation.c.code_hash == bindparam("hash", type_=LargeBinary),
    invitation.c.uses_left > 0,
    invitation.c.expires_at > _NOW,
)
INVITATION = select(invitation.c.id).where(*_INVITES)
USE_INVITATION = (
    update(invitation).where(*_INVITES).values(uses_left=invitation.c.uses_left - 1).returning(invitation.c.account_id)
)


def sign_up(database: Database, passwords: Passwords, settings: Settings, *, now: int, form: SignUpForm) -> int | None:
    """Count an attempt to sign up, check what was typed, and make an account like `add`.

    The password is hashed with no transaction open, because that takes long on purpose, and only when all is well.
    Raises TooMany after too many attempts, NotAllowed when sign-up is closed, to all or to the network that it comes
    from, or the invitation doesn't work, Invalid that says everything that is wrong with what was typed.
    """
    sign_up = _checked(database, passwords, settings, now=now, form=form)
    with database.writing() as db:
        return add(db, settings, now=now, sign_up=sign_up)


def check_field(database: Database, settings: Settings, *, now: int, field: str, form: SignUpForm) -> None:
    """Check a field (username, email or password) of a form that is still being filled in; whether an address has an
    account already stays unknown.

    Raises Invalid that says what is wrong, TooMany after too many checks from one address, NotAllowed like `sign_up`.
    """
    subject = f"signup check from:{attempts.counted_as(form.address)}"
    limit = CHECKS_A_SIGNUP * settings.limit("signups")
    attempts.count(database, [subject], now=now, window_ms=SIGNUP_WINDOW_MS, limit=limit)
    with database.reading() as db:
        _check_open(db, settings, form.address, now=now)
        checks: dict[str, Callable[[], object]] = {
            "username": lambda: usernames.check_free(db, checked_username(form.username)),
            "email": lambda: sign_up_blocks.check_email(db, checked_email(form.email, smtp_utf8=settings.smtp_utf8)),
            "password": lambda: checked_password(form.password, about=_known_to_others(settings, form)),
        }
        checks[field]()


def register(
    database: Database, passwords: Passwords, settings: Settings, *, now: int, form: SignUpForm, scopes: str
) -> str:
    """Make an account like `sign_up` and return a token for it, as `add_with_token` does."""
    sign_up = _checked(database, passwords, settings, now=now, form=form)
    with database.writing() as db:
        return add_with_token(db, settings, now=now, sign_up=sign_up, scopes=scopes)


def create_first(
    database: Database,
    passwords: Passwords,
    settings: Settings,
    *,
    now: int,
    token: str,
    form: SignUpForm,
    browser: str,
) -> str:
    """Make the site's first, administrating account with the link that `twite run` printed, and log its owner in.

    Returns the session's secret. Raises NotFound when the link doesn't work, NotAllowed when there is an account
    already, Invalid that says everything that is wrong with what was typed.
    """
    signer = secret.signer(settings)
    with database.reading() as db:
        one_time_links.find(db, signer, token, "first_account", now=now)
        _check_no_account(db)
        check_all(*_form_checks(db, settings, form))
    sign_up = _hashed(passwords, settings, form)
    with database.writing() as db:
        one_time_links.use(db, signer, token, "first_account", now=now)
        _check_no_account(db)
        id = create(db, now=now, sign_up=sign_up, role="admin", confirmed=True, smtp_utf8=settings.smtp_utf8)
        return sessions.start(
            db, settings, now=now, account_id=id, address=form.address, browser=browser, authenticated_at=now
        )


def add(db: Connection, settings: Settings, *, now: int, sign_up: SignUp) -> int | None:
    """Make an account that waits for its owner to confirm the address (and to be approved, where that is asked).

    Where the address has an account already, nothing is made and its owner is told by mail, so that nobody learns
    who has one: None is returned then, the new account's id otherwise. Raises NotAllowed when sign-up is closed or
    the invitation doesn't work, Invalid for a name, address or reason that can't be had.
    """
    must_wait = _check_open(db, settings, sign_up.address, now=now)
    check_all(*_field_checks(db, settings, sign_up))
    email = checked_email(sign_up.email, smtp_utf8=settings.smtp_utf8)
    credentials = credential_queries.by_email(db, email)
    if credentials is not None:
        mails.add(db, "already_registered", now=now, address=credentials.email, account_id=credentials.account_id)
        return None
    invited_by = _use_invitation(db, sign_up.invitation_code, now) if settings.registration == "invitation" else None
    approved_at = None if must_wait else now
    account_id = _add(
        db, sign_up, email, now=now, confirmed_at=None, approved_at=approved_at, role="", invited_by=invited_by
    )
    confirmations.ask_to_confirm(db, now=now, account_id=account_id, email=email)
    return account_id


def add_with_token(db: Connection, settings: Settings, *, now: int, sign_up: SignUp, scopes: str) -> str:
    """Make an account like `add` and return a token for it, good for these scopes once it is confirmed.

    Where the address has an account already, the token belongs to nobody and acts like one whose account is never
    confirmed, so that the answer doesn't tell who has an account.
    """
    account_id = add(db, settings, now=now, sign_up=sign_up)
    access_token = secret.new()
    tokens.add(
        db,
        now=now,
        access_token=access_token,
        scopes=scopes if account_id is not None else f"{scopes} {UNCLAIMED}",
        lifetime_seconds=None if account_id is not None else UNCONFIRMED_MS // clock.SECOND,
        application_id=sign_up.application_id,
        account_id=account_id,
    )
    return access_token


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
        raise usernames.taken(
            f"The account {name} was deleted. To free its name, run `twite account release-name {name}`."
        )
    usernames.check_free(db, sign_up.username)
    if credential_queries.by_email(db, email) is not None:
        sentence = _("There is already an account with this e-mail address.")
        raise Invalid(sentence, {"email": [("ERR_TAKEN", sentence)]})
    account_id = _add(db, sign_up, email, now=now, confirmed_at=now if confirmed else None, approved_at=now, role=role)
    if not confirmed:
        confirmations.ask_to_confirm(db, now=now, account_id=account_id, email=email)
    return account_id


def _checked(database: Database, passwords: Passwords, settings: Settings, *, now: int, form: SignUpForm) -> SignUp:
    """Count an attempt to sign up, check everything, and only then hash the password."""
    subject = f"signup from:{attempts.counted_as(form.address)}"
    attempts.count(database, [subject], now=now, window_ms=SIGNUP_WINDOW_MS, limit=settings.limit("signups"))
    try:
        with database.reading() as db:
            _check_open(db, settings, form.address, now=now)
            solution = _checked_proof(db, settings, form, now=now)
            if settings.registration == "invitation":
                _check_invitation(db, form.invitation_code, now)
            check_all(*_form_checks(db, settings, form))
    except Invalid as error:
        if "email" in error.details:
            with database.writing() as db:
                sign_up_blocks.count_refused(db, now=now, email=form.email, address=form.address)
        raise
    if solution is not None:
        sign_up_proofs.use(database, solution, now=now)
    return _hashed(passwords, settings, form)


def _checked_proof(db: Connection, settings: Settings, form: SignUpForm, *, now: int) -> str | None:
    """Check that a sign-up isn't one of a flood; return the solution that it uses up, if any."""
    try:
        return sign_up_proofs.check(db, settings, secret.signer(settings), now=now, proof=form.proof)
    except Invalid as error:
        raise (error if form.application_id is None else sign_up_proofs.on_the_site(settings)) from error


def _hashed(passwords: Passwords, settings: Settings, form: SignUpForm) -> SignUp:
    return SignUp(
        username=form.username,
        email=form.email,
        password_hash=passwords.hash(form.password, about=_known_to_others(settings, form)),
        reason=form.reason,
        invitation_code=form.invitation_code,
        time_zone=form.time_zone,
        locale=form.locale,
        indexable=form.indexable,
        address=form.address,
        application_id=form.application_id,
    )


def _check_open(db: Connection, settings: Settings, address: str, *, now: int) -> bool:
    """Check that people may sign up, from this address; return whether they must wait to be approved."""
    if settings.registration == "closed":
        raise NotAllowed(_("This site isn't accepting new accounts at the moment."))
    return sign_up_blocks.check_address(db, now=now, address=address) or settings.registration == "approval"


def _form_checks(db: Connection, settings: Settings, form: SignUpForm) -> list[Callable[[], object]]:
    return [
        *_field_checks(db, settings, form),
        lambda: checked_password(form.password, about=_known_to_others(settings, form)),
        lambda: _check_agreed(form.agreed),
    ]


def _field_checks(db: Connection, settings: Settings, form: SignUpForm | SignUp) -> list[Callable[[], object]]:
    return [
        lambda: usernames.check_free(db, checked_username(form.username)),
        lambda: sign_up_blocks.check_email(db, checked_email(form.email, smtp_utf8=settings.smtp_utf8)),
        lambda: _checked_reason(form.reason),
    ]


def _check_agreed(agreed: bool) -> None:
    if not agreed:
        raise Invalid(_(NOT_AGREED), {"agreement": [("ERR_ACCEPTED", _(NOT_AGREED))]})


def _check_no_account(db: Connection) -> None:
    if credential_queries.any_account(db):
        raise NotAllowed(_("This site already has an account."))


def _known_to_others(settings: Settings, form: SignUpForm) -> tuple[str, ...]:
    return (form.username, form.email, settings.site_name)


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
    choices = {
        "account_id": id,
        "time_zone": sign_up.time_zone if sign_up.time_zone in time_zones.names() else "UTC",
        "locale": sign_up.locale if sign_up.locale in translations.languages() else None,
    }
    db.execute(ADD_PREFERENCES, choices)
    return id


def _check_invitation(db: Connection, code: str, now: int) -> None:
    if db.scalar(INVITATION, {"hash": secret.digest(code), "now": now}) is None:
        raise _no_invitation()


def _use_invitation(db: Connection, code: str, now: int) -> int:
    """Use an invitation once and return whose it is."""
    account_id: int | None = db.scalar(USE_INVITATION, {"hash": secret.digest(code), "now": now})
    if account_id is None:
        raise _no_invitation()
    return account_id


def _no_invitation() -> NotAllowed:
    return NotAllowed(_("This invitation doesn't work: it has been used up, has expired, or is incomplete."))


def _checked_reason(reason: str) -> str:
    return within(text.clean(reason), MAX_REASON_LENGTH, "reason", marked("The text can have at most %(limit)s."))
