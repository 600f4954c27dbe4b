"""Deciding what may trend, and which hashtags may be used and found."""

import msgspec
from sqlalchemy import BigInteger, Connection, Table, Update, bindparam, update

from twite_common import permissions, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.moderation import trend_reviews as queries
from twite_common.queries.posts import posts as post_queries
from twite_common.queries.viewers import Viewer
from twite_common.services import audit_log
from twite_common.tables import card, post, publisher, tag
from twite_common.translations import gettext as _
from twite_common.translations import marked

PERMISSION = "manage_taxonomies"
NOT_FOUND = marked("There is no such trend.")


class TagChanges(msgspec.Struct, frozen=True):
    """What is decided about a hashtag: its spelling, and whether it may trend, be written, and be found.

    None leaves something as it is.
    """

    name: str | None = None
    trendable: bool | None = None
    usable: bool | None = None
    listable: bool | None = None


def _change(table: Table) -> Update:
    return update(table).where(table.c.id == bindparam("subject_id", type_=BigInteger))


CHANGES = {"tag": _change(tag), "link": _change(card), "post": _change(post), "publisher": _change(publisher)}


def judge(db: Connection, kind: str, subject_id: int, *, now: int, viewer: Viewer, trendable: bool) -> None:
    """Let something trend, or keep it from it. `kind` is tag, link, post or publisher.

    Raises NotAllowed without the permission, NotFound for nothing there.
    """
    permissions.check(viewer, PERMISSION)
    name = _name(db, kind, subject_id, viewer=viewer)
    _write(db, kind, subject_id, {"trendable": trendable}, now=now)
    action = "approve" if trendable else "reject"
    audit_log.record(db, viewer, action, kind, now=now, target_id=subject_id, target_name=name)


def change_tag(db: Connection, tag_id: int, *, now: int, viewer: Viewer, changes: TagChanges) -> None:
    """Decide how a hashtag is spelt, and whether it may trend, be written and be found.

    Raises NotAllowed without the permission, NotFound for no hashtag, Invalid for another name.
    """
    permissions.check(viewer, PERMISSION)
    old_name = _name(db, "tag", tag_id, viewer=viewer)
    if changes.name is not None and text.hashtag_key(changes.name) != text.hashtag_key(old_name):
        raise Invalid(_("Validation failed: Display name can only change upper and lower case"))
    values = {column: value for column, value in msgspec.structs.asdict(changes).items() if value is not None}
    _write(db, "tag", tag_id, values, now=now)
    audit_log.record(db, viewer, "update", "tag", now=now, target_id=tag_id, target_name=changes.name or old_name)


def _write(db: Connection, kind: str, subject_id: int, values: dict[str, object], *, now: int) -> None:
    if kind == "tag":
        values = {**values, "reviewed_at": now}
    db.execute(CHANGES[kind].values(**values), {"subject_id": subject_id})


def _name(db: Connection, kind: str, subject_id: int, *, viewer: Viewer) -> str:
    """Return what the audit log calls something. Raises NotFound."""
    names: list[str] = []
    match kind:
        case "tag":
            names = [item.tag.name for item in queries.load_tags(db, [subject_id])]
        case "link":
            names = [item.card.url for item in queries.load_links(db, [subject_id])]
        case "publisher":
            names = [item.domain for item in queries.load_publishers(db, [subject_id])]
        case "post":
            post = post_queries.get(db, subject_id, viewer_id=viewer.account_id)
            names = [str(post.id)] if post is not None and post.visibility == "public" else []
    if not names:
        raise NotFound(_(NOT_FOUND))
    return names[0]
