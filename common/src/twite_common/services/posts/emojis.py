"""Managing the site's custom emojis.

Which emojis a post or profile shows stands in its own row, so that reading costs nothing. When an emoji comes, goes or
changes, a task writes those rows anew wherever its shortcode stands.
"""

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Text,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from twite_common import ids, outbox, permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.post_details import encode_emojis
from twite_common.queries.posts import emojis as queries
from twite_common.queries.posts.emojis import OwnEmoji
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.services.posts import media, post_details
from twite_common.sql.dialects import among
from twite_common.tables import account, emoji, poll, post
from twite_common.translations import gettext as _
from twite_common.translations import ngettext

PERMISSION = "manage_custom_emojis"
EVENT = "emoji.changed"
MAX_CATEGORY_LENGTH = 50
AT_ONCE = 500
"""Posts that are written anew in one transaction."""


class EmojiChanges(msgspec.Struct, frozen=True):
    """What is changed of an emoji; None leaves something as it is. An empty category is none."""

    category: str | None = None
    visible_in_picker: bool | None = None
    disabled: bool | None = None


_ID = bindparam("emoji_id", type_=BigInteger)
TAKEN = select(emoji.c.id).where(emoji.c.shortcode == bindparam("name", type_=Text))
ADD = insert(emoji)
CHANGE = update(emoji).where(emoji.c.id == _ID)
REMOVE = delete(emoji).where(emoji.c.id == _ID)
_NAMED = bindparam("named", type_=Text)


def _names(*columns: Column[str]) -> ColumnElement[bool]:
    return or_(*[column.like(_NAMED, escape="\\") for column in columns])


POSTS = (
    select(post.c.id)
    .outerjoin(poll, poll.c.post_id == post.c.id)
    .where(post.c.id < bindparam("before_id", type_=BigInteger), post.c.boost_of_id.is_(None))
    .where(_names(post.c.text, post.c.spoiler_text, poll.c.options))
    .order_by(post.c.id.desc())
    .limit(AT_ONCE)
)
ACCOUNTS = select(account.c.id).where(_names(account.c.display_name, account.c.bio, account.c.fields))
PROFILES = select(account.c.id, account.c.display_name, account.c.bio, account.c.fields, account.c.emojis).where(
    among(account.c.id, "ids")
)
WRITE = (
    update(account)
    .where(account.c.id == bindparam("the_account_id", type_=BigInteger))
    .values(emojis=bindparam("written"), version=account.c.version + 1)
)


def check_new(db: Connection, *, viewer: Viewer, shortcode: str, category: str = "") -> str:
    """Return the name of a new emoji, so that no picture is stored for one that can't be.

    Raises NotAllowed without the permission, Invalid for a shortcode that can't be or is taken, or a long category.
    """
    permissions.check(viewer, PERMISSION)
    name = shortcode.strip().strip(":")
    if not text.SHORTCODE.fullmatch(name):
        raise _invalid("shortcode", _("A shortcode has 2 to 64 letters, digits and underscores."))
    if db.scalar(TAKEN, {"name": name}) is not None:
        raise _invalid("shortcode", _("There is already an emoji with this name."))
    _category(category)
    return name


def add(
    db: Connection, *, now: int, viewer: Viewer, shortcode: str, picture: str, still_picture: str, category: str = ""
) -> int:
    """Add an emoji, whose pictures are in the media folder already, and return its id.

    Raises NotAllowed and Invalid like `check_new`.
    """
    name = check_new(db, viewer=viewer, shortcode=shortcode, category=category)
    id = ids.new(now)
    row = {"id": id, "shortcode": name, "picture": picture, "still_picture": still_picture}
    db.execute(ADD, {**row, "category": _category(category)})
    audit_log.record(db, viewer, "create", "emoji", now=now, target_id=id, target_name=name)
    outbox.add(db, EVENT, now=now, shortcode=name, before_id=ids.MAXIMUM)
    return id


def change(db: Connection, *, now: int, viewer: Viewer, emoji_id: int, changes: EmojiChanges) -> None:
    """Change where an emoji stands in the list of emojis, whether it is offered there, and whether it is shown at all.

    Raises NotAllowed without the permission, NotFound for no emoji, Invalid for what can't be.
    """
    permissions.check(viewer, PERMISSION)
    emoji = _found(db, emoji_id)
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not None}
    if changes.category is not None:
        values["category"] = _category(changes.category)
    if values:
        db.execute(CHANGE.values(**values), {"emoji_id": emoji_id})
    action = {True: "disable", False: "enable", None: "update"}[changes.disabled]
    audit_log.record(db, viewer, action, "emoji", now=now, target_id=emoji_id, target_name=emoji.shortcode)
    if changes.disabled is not None:
        outbox.add(db, EVENT, now=now, shortcode=emoji.shortcode, before_id=ids.MAXIMUM)


def remove(db: Connection, *, now: int, viewer: Viewer, emoji_id: int) -> None:
    """Remove an emoji; what names it shows its shortcode again.

    Raises NotAllowed without the permission, NotFound for no emoji.
    """
    permissions.check(viewer, PERMISSION)
    emoji = _found(db, emoji_id)
    db.execute(REMOVE, {"emoji_id": emoji_id})
    audit_log.record(db, viewer, "destroy", "emoji", now=now, target_id=emoji_id, target_name=emoji.shortcode)
    outbox.add(db, EVENT, now=now, shortcode=emoji.shortcode, before_id=ids.MAXIMUM)
    outbox.add(db, media.UNUSED, now=now, names=sorted({emoji.picture, emoji.still_picture}))


def spread(db: Connection, *, now: int, shortcode: str, before_id: int) -> None:
    """Write anew what names an emoji that has changed: profiles, and the next of many posts, the newest first."""
    escaped = shortcode.replace("_", "\\_")
    parameters = {"named": f"%:{escaped}:%"}
    if before_id == ids.MAXIMUM:
        refresh_profiles(db, list(db.scalars(ACCOUNTS, parameters)))
    post_ids = list(db.scalars(POSTS, {**parameters, "before_id": before_id}))
    post_details.refresh(db, post_ids)
    if len(post_ids) == AT_ONCE:
        outbox.add(db, EVENT, now=now, shortcode=shortcode, before_id=post_ids[-1])


def refresh_profiles(db: Connection, account_ids: list[int]) -> None:
    """Write down anew which emojis are shown in accounts' names, bios and fields."""
    if not account_ids:
        return
    rows = db.execute(PROFILES, {"ids": account_ids}).all()
    emojis_of_rows = queries.used_in_each(db, [row[1:4] for row in rows])
    changed = [
        {"the_account_id": row[0], "written": encode_emojis(emojis)}
        for row, emojis in zip(rows, emojis_of_rows, strict=True)
        if encode_emojis(emojis) != row[4]
    ]
    if changed:
        db.execute(WRITE, changed)


def _found(db: Connection, emoji_id: int) -> OwnEmoji:
    emoji = queries.get(db, emoji_id)
    if emoji is None:
        raise NotFound(_("There is no such emoji."))
    return emoji


def _category(name: str) -> str | None:
    category = text.clean_line(name)
    if len(category) > MAX_CATEGORY_LENGTH:
        raise _invalid(
            "category",
            ngettext(
                "A category can have at most %(count)s character.",
                "A category can have at most %(count)s characters.",
                MAX_CATEGORY_LENGTH,
            ),
        )
    return category or None


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: [("ERR_INVALID", sentence)]})
