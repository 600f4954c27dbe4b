"""Storing in posts' own rows what is shown with their texts (`twite_common.post_details`)."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import BigInteger, Connection, and_, bindparam, select, update

from twite_common import post_details
from twite_common.post_details import Attachment, Card, Details, Emoji, Mentioned
from twite_common.queries.posts import emojis as emoji_queries
from twite_common.queries.posts import media as media_queries
from twite_common.sql.dialects import among
from twite_common.tables import account, card, imported_post, mention, poll, post

_POST = bindparam("the_post_id", type_=BigInteger)
_IDS = among(post.c.id, "ids")
_CARD = [card.c[name] for name in Card.__struct_fields__]
PRESENT = select(post.c.id, post.c.text, post.c.spoiler_text, poll.c.options, imported_post.c.source, *_CARD).where(
    _IDS
)
PRESENT = PRESENT.select_from(
    post.outerjoin(card, and_(card.c.id == post.c.card_id, card.c.state == "ready"))
    .outerjoin(poll, poll.c.post_id == post.c.id)
    .outerjoin(imported_post, imported_post.c.post_id == post.c.id)
)
MENTIONED = (
    select(mention.c.post_id, mention.c.account_id, account.c.username)
    .join(account, and_(account.c.id == mention.c.account_id, ~account.c.pending))
    .where(among(mention.c.post_id, "ids"))
    .order_by(mention.c.post_id, mention.c.account_id)
)
WRITE = update(post).where(post.c.id == _POST).values(details=bindparam("written"), version=post.c.version + 1)


def refresh(db: Connection, post_ids: Collection[int]) -> None:
    """Write down anew what is shown with posts, because something of it has changed."""
    if not post_ids:
        return
    mentions = _mentioned(db, post_ids)
    attachments = media_queries.of_posts(db, post_ids)
    post_rows = db.execute(PRESENT, {"ids": list(post_ids)}).all()
    emojis_of_rows = emoji_queries.used_in_each(db, [(row[1], row[2], row[3] or "") for row in post_rows])
    rows = []
    for (id, _, _, _, source, *columns), emojis in zip(post_rows, emojis_of_rows, strict=True):
        details = Details(
            mentions=tuple(mentions.get(id, ())),
            media=tuple(attachments.get(id, ())),
            card=Card(*columns) if columns[0] is not None else None,
            emojis=emojis,
            imported_from=source or "",
        )
        rows.append({"the_post_id": id, "written": post_details.encode(details)})
    if rows:
        db.execute(WRITE, rows)


def written(
    usernames: Mapping[int, str],
    attachments: Sequence[Attachment],
    emojis: tuple[Emoji, ...],
    *,
    imported_from: str = "",
) -> str:
    """Return what a new post's row says of those named, as usernames by id, of its attachments, emojis and origin."""
    mentions = tuple(Mentioned(id, name) for id, name in sorted(usernames.items()))
    details = Details(mentions, tuple(attachments), emojis=emojis, imported_from=imported_from)
    return post_details.encode(details)


def _mentioned(db: Connection, post_ids: Collection[int]) -> dict[int, list[Mentioned]]:
    mentions: dict[int, list[Mentioned]] = {}
    for post_id, account_id, username in db.execute(MENTIONED, {"ids": list(post_ids)}):
        mentions.setdefault(post_id, []).append(Mentioned(account_id, username))
    return mentions
