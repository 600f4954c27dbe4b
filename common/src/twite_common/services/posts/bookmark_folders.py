"""Sorting one's bookmarks into folders."""

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, delete, func, insert, select, update

from twite_common import ids, text
from twite_common.errors import Invalid, NotFound
from twite_common.queries.posts import bookmark_folders as queries
from twite_common.queries.posts import posts
from twite_common.services import locks
from twite_common.services.posts import bookmarks
from twite_common.tables import bookmark, bookmark_folder
from twite_common.translations import gettext as _

MAX_COUNT = 50
MAX_NAME_LENGTH = 60

_ID = bindparam("the_folder_id", type_=BigInteger)
_ACCOUNT = bindparam("of_account_id", type_=BigInteger)
_POST = bindparam("the_post_id", type_=BigInteger)
ADD = insert(bookmark_folder)
STANDING = select(func.count(), func.coalesce(func.max(bookmark_folder.c.position), -1)).where(
    bookmark_folder.c.account_id == _ACCOUNT
)
WITH_NAME = select(bookmark_folder.c.id).where(
    bookmark_folder.c.account_id == _ACCOUNT, bookmark_folder.c.name == bindparam("the_name", type_=Text)
)
RENAME = update(bookmark_folder).where(bookmark_folder.c.id == _ID).values(name=bindparam("the_name", type_=Text))
PLACE = update(bookmark_folder).where(bookmark_folder.c.id == _ID).values(position=bindparam("place", type_=Integer))
DROP = delete(bookmark_folder).where(bookmark_folder.c.id == _ID)
EMPTY = update(bookmark).where(bookmark.c.folder_id == _ID).values(folder_id=None)
MOVE = (
    update(bookmark)
    .where(bookmark.c.account_id == _ACCOUNT, bookmark.c.post_id == _POST)
    .values(folder_id=bindparam("into_folder_id", type_=BigInteger))
)
TAKE_OUT = (
    update(bookmark)
    .where(bookmark.c.account_id == _ACCOUNT, bookmark.c.post_id == _POST, bookmark.c.folder_id == _ID)
    .values(folder_id=None)
)


class FolderChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder is to be; what is left out stays. `position` counts from 0."""

    name: str | UnsetType = UNSET
    position: int | UnsetType = UNSET


def add(db: Connection, *, now: int, account_id: int, name: str) -> int:
    """Make a folder, the last one, and return its id.

    Raises Invalid for a name that is empty, too long or taken, and for too many folders.
    """
    folder_name = _checked(name)
    locks.take(db, account_id)
    number, last = db.execute(STANDING, {"of_account_id": account_id}).one()
    if number >= MAX_COUNT:
        raise _invalid(_("You can have up to %(count)s folders.", count=MAX_COUNT))
    _check_free(db, account_id, folder_name)
    id = ids.new(now)
    db.execute(ADD, {"id": id, "account_id": account_id, "name": folder_name, "position": last + 1})
    return id


def change(db: Connection, *, account_id: int, folder_id: int, changes: FolderChanges) -> None:
    """Rename a folder, or move it among the account's folders.

    Raises NotFound unless it is the account's own, Invalid for a name that is empty, too long or another folder's.
    """
    locks.take(db, account_id)
    folder = _own(db, account_id, folder_id)
    if changes.name is not UNSET:
        name = _checked(changes.name)
        if name != folder.name:
            _check_free(db, account_id, name)
            db.execute(RENAME, {"the_folder_id": folder_id, "the_name": name})
    if changes.position is not UNSET:
        order = [other.id for other in queries.of_account(db, account_id) if other.id != folder_id]
        order.insert(min(max(changes.position, 0), len(order)), folder_id)
        db.execute(PLACE, [{"the_folder_id": id, "place": place} for place, id in enumerate(order)])


def remove(db: Connection, *, account_id: int, folder_id: int) -> None:
    """Remove a folder; its bookmarks stay, in none. Raises NotFound unless it is the account's own."""
    locks.take(db, account_id)
    _own(db, account_id, folder_id)
    db.execute(EMPTY, {"the_folder_id": folder_id})
    db.execute(DROP, {"the_folder_id": folder_id})


def put(db: Connection, *, now: int, account_id: int, post_id: int, folder_id: int | None) -> int:
    """Put a bookmark into a folder, or with None into none; a post that isn't bookmarked is. Returns the post's id.

    For a boost that is what it boosts. Raises NotFound unless the account can see the post and the folder is its own.
    """
    original_id = bookmarks.bookmark_post(db, now=now, account_id=account_id, post_id=post_id)
    if folder_id is not None:
        # So that the folder isn't removed meanwhile.
        locks.take(db, account_id)
        _own(db, account_id, folder_id)
    db.execute(MOVE, {"of_account_id": account_id, "the_post_id": original_id, "into_folder_id": folder_id})
    return original_id


def take_out(db: Connection, *, account_id: int, post_id: int, folder_id: int) -> int:
    """Take a bookmark out of a folder; one that isn't in it stays where it is. Returns the post's id.

    For a boost that is what it boosts. Raises NotFound when the account can't see the post.
    """
    original_id = posts.existing_original(db, post_id, viewer_id=account_id).id
    db.execute(TAKE_OUT, {"of_account_id": account_id, "the_post_id": original_id, "the_folder_id": folder_id})
    return original_id


def _own(db: Connection, account_id: int, folder_id: int) -> queries.BookmarkFolder:
    folder = queries.get(db, folder_id, account_id=account_id)
    if folder is None:
        raise NotFound(_("There is no such folder."))
    return folder


def _checked(name: str) -> str:
    folder_name = text.clean_line(name)
    if not folder_name:
        raise _invalid(_("A folder needs a name."))
    if len(folder_name) > MAX_NAME_LENGTH:
        raise _invalid(_("A folder's name has up to %(count)s characters.", count=MAX_NAME_LENGTH))
    return folder_name


def _check_free(db: Connection, account_id: int, name: str) -> None:
    if db.scalar(WITH_NAME, {"of_account_id": account_id, "the_name": name}) is not None:
        raise _invalid(_("You have a folder with this name already."))


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"name": [("ERR_INVALID", sentence)]})
