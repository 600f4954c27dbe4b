"""Folders of bookmarks; only their owners see them."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, select

from twite_common.sql.dialects import among
from twite_common.tables import bookmark, bookmark_folder


class BookmarkFolder(msgspec.Struct, frozen=True):
    """A name that its owner gave to some bookmarks. `position` is its place among the owner's folders, from 0."""

    id: int
    name: str
    position: int


_COLUMNS = [bookmark_folder.c[name] for name in BookmarkFolder.__struct_fields__]
_OWN = bookmark_folder.c.account_id == bindparam("account_id", type_=BigInteger)
OF_ACCOUNT = select(*_COLUMNS).where(_OWN).order_by(bookmark_folder.c.position, bookmark_folder.c.id)
GET = select(*_COLUMNS).where(_OWN, bookmark_folder.c.id == bindparam("id", type_=BigInteger))
OF_POSTS = select(bookmark.c.post_id, bookmark.c.folder_id).where(
    bookmark.c.account_id == bindparam("account_id", type_=BigInteger), among(bookmark.c.post_id, "ids")
)


def of_account(db: Connection, account_id: int) -> list[BookmarkFolder]:
    """Return an account's folders in the order that it gave them."""
    return [BookmarkFolder(*row) for row in db.execute(OF_ACCOUNT, {"account_id": account_id})]


def get(db: Connection, folder_id: int, *, account_id: int) -> BookmarkFolder | None:
    """Return a folder, if it is the account's own."""
    row = db.execute(GET, {"id": folder_id, "account_id": account_id}).one_or_none()
    return BookmarkFolder(*row) if row else None


def of_posts(db: Connection, post_ids: Sequence[int], *, account_id: int) -> dict[int, int]:
    """Return the ids of the folders that an account's bookmarks are in, by their posts' ids; others are left out."""
    rows = db.execute(OF_POSTS, {"account_id": account_id, "ids": list(post_ids)}) if post_ids else ()
    return {post_id: folder_id for post_id, folder_id in rows if folder_id is not None}
