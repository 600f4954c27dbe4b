"""What the owner of an account does who is told of something that wasn't them."""

import msgspec
from sqlalchemy import Connection

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.passwords import NOBODYS_HASH
from twite_common.queries.accounts import credentials as credential_queries
from twite_common.queries.accounts.credentials import Credentials
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.queries.identity import second_factors as factor_queries
from twite_common.queries.identity import security_events as security_event_queries
from twite_common.secret import Signer
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts
from twite_common.services.identity import grants, imports, memberships, second_factors, security_events, sessions
from twite_common.services.identity.security_events import LINK
from twite_common.services.one_time_links import Link
from twite_common.services.posts import drafts, post_deletion_rules
from twite_common.translations import gettext as _


class Undone(msgspec.Struct, frozen=True):
    """What is undone with a link: the address that comes back, "" for none, and whether the app for codes goes.

    So do passkeys that were added since, by their names; `kept_passkeys` says whether there are others.
    """

    email: str
    second_factor: bool
    passkeys: list[str]
    kept_passkeys: bool


def find(db: Connection, signer: Signer, *, now: int, token: str) -> Undone:
    """Return what is undone with a link. Raises NotFound when it doesn't work."""
    link = one_time_links.find(db, signer, token, LINK, now=now)
    return _undone(db, link, _owner(db, link))


def take_back(db: Connection, signer: Signer, *, now: int, token: str) -> str:
    """End every session, token and member of an account and its password, and return a token to set a new one with.

    What somebody else could keep the owner out by or come back with is undone: another e-mail address, an app for codes
    and passkeys that were added since, recovery codes that were made since, and links in later mails, which may have
    gone to that address. What they left to happen later doesn't: scheduled posts become drafts, imports stop, and no
    rule deletes old posts any more. Raises NotFound when the link doesn't work.
    """
    link = one_time_links.use(db, signer, token, LINK, now=now)
    owner = _owner(db, link)
    account_id, undone = owner.account_id, _undone(db, link, owner)
    for purpose in one_time_links.OPENING:
        one_time_links.end_all(db, account_id=account_id, purpose=purpose, now=now)
    # Earlier ones stay: the owner's are among them, should this one be a thief's.
    one_time_links.end_all(db, account_id=account_id, purpose=LINK, now=now, after_id=link.id)
    accounts.set_password_hash(db, account_id=account_id, password_hash=NOBODYS_HASH)
    sessions.end_others(db, account_id=account_id)
    grants.revoke_all(db, now=now, account_id=account_id)
    memberships.remove_all(db, now=now, account_id=account_id)
    drafts.unschedule_all(db, now=now, account_id=account_id)
    imports.stop_all(db, now=now, account_id=account_id)
    post_deletion_rules.remove_rule(db, account_id=account_id)
    if undone.email:
        accounts.set_email(db, account_id=account_id, email=undone.email, confirmed_at=now)
        security_events.record(db, "email_changed", now=now, account_id=account_id)
    since = ids.created_at(link.id)
    if security_event_queries.happened(db, account_id, "recovery_codes_renewed", since=since):
        second_factors.remove_recovery_codes(db, account_id=account_id)
    if undone.second_factor or undone.passkeys:
        second_factors.remove_since(db, now=now, account_id=account_id, since=since, app=undone.second_factor)
    security_events.record(db, "not_me", now=now, account_id=account_id)
    reset_id = one_time_links.add(db, "reset", now=now, account_id=account_id)
    return one_time_links.token(signer, reset_id, "reset")


def _owner(db: Connection, link: Link) -> Credentials:
    owner = credential_queries.get(db, link.account_id) if link.account_id is not None else None
    if owner is None:
        raise NotFound(_("This account no longer exists."))
    return owner


def _undone(db: Connection, link: Link, owner: Credentials) -> Undone:
    kind, _space, address = link.detail.partition(" ")
    # It stays where it is the account's own, or another one's by now.
    email = address if address and credential_queries.by_email(db, address) is None else ""
    since = ids.created_at(link.id)
    apps = factor_queries.of_account(db, owner.account_id)
    passkeys = passkey_queries.of_account(db, owner.account_id)
    new = [one.name for one in passkeys if ids.created_at(one.id) >= since]
    app = any(kind == "second_factor_added" or ids.created_at(one.id) >= since for one in apps)
    return Undone(email, app, new, len(new) < len(passkeys))
