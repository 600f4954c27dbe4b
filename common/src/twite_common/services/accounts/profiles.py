"""What others see of an account: its profile."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, bindparam, select, update

from twite_common import text
from twite_common.errors import Invalid
from twite_common.post_details import encode_emojis
from twite_common.queries.accounts.accounts import Account, Field, fields_of
from twite_common.queries.posts import emojis as emoji_queries
from twite_common.services.accounts import field_verification, follows
from twite_common.services.notifications import mail_followers
from twite_common.services.posts import emojis, media
from twite_common.services.validators import checked_domain, within
from twite_common.tables import account
from twite_common.translations import marked, ngettext

_ID = bindparam("the_id", type_=BigInteger)
MAX_NAME_LENGTH = 40
MAX_BIO_LENGTH = 500
MAX_FIELDS = 4
MAX_FIELD_LENGTH = 255
MAX_PICTURE_DESCRIPTION_LENGTH = 150
MAX_ATTRIBUTION_DOMAINS = 10


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
    follow_by_mail: bool | UnsetType = UNSET
    attribution_domains: list[str] | UnsetType = UNSET


PICTURES = select(account.c.avatar, account.c.header).where(account.c.id == _ID)
CHANGE = update(account).where(account.c.id == _ID)
FIELDS = select(account.c.fields).where(account.c.id == _ID)


def check_profile(changes: ProfileChanges) -> None:
    """Raise Invalid for what `change_profile` would refuse, so that no picture is stored for it."""
    _checked_profile(changes, {})


def change_profile(db: Connection, *, now: int, account_id: int, changes: ProfileChanges) -> None:
    """Change an account's profile; unlocking it lets everybody follow who has asked to.

    Who followed it by mail is forgotten when that isn't offered any more.

    Pictures that nobody uses any more are removed by a task. Raises Invalid for what is too long.
    """
    values = _checked_profile(changes, _verified(db, account_id) if changes.fields is not UNSET else {})
    if "fields" in values:
        field_verification.ask(db, now=now, account_id=account_id, fields=values["fields"])
        values["fields"] = msgspec.json.encode(values["fields"]).decode()
    if not values:
        return
    old_pictures = db.execute(PICTURES, {"the_id": account_id}).one() if values.keys() & {"avatar", "header"} else ()
    db.execute(CHANGE.values(**values, version=account.c.version + 1), {"the_id": account_id})
    if values.keys() & {"display_name", "bio", "fields"}:
        emojis.refresh_profiles(db, [account_id])
    if values.get("locked") is False:
        follows.accept_all_requests(db, now=now, followee_id=account_id)
    if values.get("follow_by_mail") is False:
        mail_followers.remove_all(db, account_id=account_id)
    media.forget_files(db, old_pictures, now=now)


def previewed(db: Connection, own: Account, changes: ProfileChanges) -> Account:
    """Return an account as it would be with changes to its profile, of which nothing is stored.

    Raises Invalid for what `change_profile` would refuse.
    """
    verified = {field.value: field.verified_at for field in fields_of(own) if field.verified_at is not None}
    values = _checked_profile(changes, verified)
    if "fields" in values:
        values["fields"] = msgspec.json.encode(values["fields"]).decode()
    profile = msgspec.structs.replace(own, **values)
    used = emoji_queries.used_in(db, profile.display_name, profile.bio, profile.fields)
    return msgspec.structs.replace(profile, emojis=encode_emojis(used))


def _checked_profile(changes: ProfileChanges, verified: Mapping[str, int]) -> dict[str, Any]:
    """Return what is to be changed, by column, as it is stored; fields as they are, with when they were verified."""
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    if "display_name" in values:
        values["display_name"] = within(
            text.clean_line(values["display_name"]),
            MAX_NAME_LENGTH,
            "display_name",
            marked("The name can have at most %(limit)s."),
        )
    if "bio" in values:
        values["bio"] = within(
            text.clean(values["bio"]), MAX_BIO_LENGTH, "bio", marked("The bio can have at most %(limit)s.")
        )
    if "fields" in values:
        values["fields"] = _checked_fields(values["fields"], verified)
    for name in values.keys() & {"avatar_description", "header_description"}:
        values[name] = within(
            text.clean_line(values[name]),
            MAX_PICTURE_DESCRIPTION_LENGTH,
            name,
            marked("The description can have at most %(limit)s."),
        )
    if "attribution_domains" in values:
        values["attribution_domains"] = _checked_domains(values["attribution_domains"])
    return values


def _checked_domains(names: list[str]) -> str:
    domains = list(dict.fromkeys(checked_domain(name) for name in names if name.strip()))
    if len(domains) > MAX_ATTRIBUTION_DOMAINS:
        sentence = ngettext(
            "You can list at most %(count)s website.",
            "You can list at most %(count)s websites.",
            MAX_ATTRIBUTION_DOMAINS,
        )
        raise Invalid(sentence, {"attribution_domains": [("ERR_TOO_LONG", sentence)]})
    return msgspec.json.encode(domains).decode()


def _verified(db: Connection, account_id: int) -> dict[str, int]:
    """Return the values of an account's fields that were verified, and when."""
    fields = msgspec.json.decode(db.scalar(FIELDS, {"the_id": account_id}) or "[]", type=list[Field])
    return {field.value: field.verified_at for field in fields if field.verified_at is not None}


def _checked_fields(pairs: list[tuple[str, str]], verified: Mapping[str, int]) -> list[Field]:
    rows = [(text.clean_line(name), text.clean_line(value)) for name, value in pairs]
    rows = [row for row in rows if any(row)]
    if len(rows) > MAX_FIELDS:
        sentence = ngettext(
            "A profile can have at most %(count)s field.", "A profile can have at most %(count)s fields.", MAX_FIELDS
        )
        raise Invalid(sentence, {"fields": [("ERR_TOO_LONG", sentence)]})
    for name, value in rows:
        within(name, MAX_FIELD_LENGTH, "fields", marked("The name of a field can have at most %(limit)s."))
        within(value, MAX_FIELD_LENGTH, "fields", marked("The value of a field can have at most %(limit)s."))
    return [Field(name, value, verified.get(value)) for name, value in rows]
