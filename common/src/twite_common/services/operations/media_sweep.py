"""Finding files without rows and rows without files, in steps that stay small on any site.

Neither should ever be; a crash at the wrong moment, a full disk or a restored backup can lead to both. Files younger
than an hour are left alone: their rows may be about to be written.
"""

import itertools
from collections.abc import Callable, Iterable

import msgspec
from sqlalchemy import BigInteger, Column, Connection, bindparam, case, delete, null, or_, select, update

from twite_common import clock, ids, outbox
from twite_common.database import Database
from twite_common.errors import Unavailable
from twite_common.media import storage, stored_files
from twite_common.media.storage import MEDIA, UPLOADS, Storage
from twite_common.media.storage.names import ASIDE, DRAFT, FOLDERS, NAME, UPLOAD
from twite_common.media.storage.places import Stored
from twite_common.queries.posts.picture_files import unused
from twite_common.services.posts import cards, emojis, post_details
from twite_common.settings import Settings
from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import account, card, emoji, media, site_picture

EVENT = "media.sweep"
AT_ONCE = 500
"""Files or rows that one step looks at."""
YOUNG_MS = clock.HOUR
SCRATCH = "tmp"
"""How the folders begin in which recordings are converted."""


class Place(msgspec.Struct, frozen=True):
    """Where a sweep goes on: in which of its parts, and after which file or row there."""

    part: int = 0
    after: str = ""


class Lost(msgspec.Struct, frozen=True):
    """A row that names files that aren't there, as paths such as media/ab/…. `kind` is one of `ROWS`."""

    kind: str
    id: int
    files: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """What a step found: files that no row names, as paths such as media/ab/…, and rows; and where the next begins."""

    strays: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    next: Place | None = None


_AFTER = bindparam("after_id", type_=BigInteger)


def _naming(id: Column[int], *names: Column[str]) -> AnySelect:
    condition = or_(*(name.is_not(None) for name in names))
    return select(id, *names).where(id > _AFTER, condition).order_by(id).limit(AT_ONCE)


ROWS: dict[str, AnySelect] = {
    "account": _naming(account.c.id, account.c.avatar, account.c.header),
    "media": _naming(media.c.id, media.c.file, media.c.preview),
    "upload": _naming(media.c.id, media.c.upload),
    "card": _naming(card.c.id, card.c.picture),
    "emoji": _naming(emoji.c.id, emoji.c.picture, emoji.c.still_picture),
    "site_picture": _naming(site_picture.c.id, site_picture.c.picture),
}
"""The rows of each kind that name files. An upload is a file that waits to be prepared."""
PENDING = select(media.c.upload).where(among(media.c.upload, "names"))
_ID = bindparam("the_id", type_=BigInteger)
_GONE = "gone"
WITHOUT_AVATAR = (
    update(account)
    .where(account.c.id == _ID, among(account.c.avatar, _GONE))
    .values(avatar=None, version=account.c.version + 1)
)
WITHOUT_HEADER = (
    update(account)
    .where(account.c.id == _ID, among(account.c.header, _GONE))
    .values(header=None, version=account.c.version + 1)
)
WITHOUT_FILE = (
    update(media).where(media.c.id == _ID, among(media.c.file, _GONE)).values(state="failed", file=None, preview=None)
)
WITHOUT_PREVIEW = (
    update(media)
    .where(media.c.id == _ID, among(media.c.preview, _GONE))
    .values(preview=case((media.c.kind == "image", media.c.file), else_=null()))
)
WITHOUT_UPLOAD = (
    update(media).where(media.c.id == _ID, among(media.c.upload, _GONE)).values(state="failed", upload=None)
)
WITHOUT_PICTURE = (
    update(card)
    .where(card.c.id == _ID, among(card.c.picture, _GONE))
    .values(picture=None, blurhash=None, width=0, height=0)
)
WITHOUT_EMOJI = (
    delete(emoji)
    .where(emoji.c.id == _ID, or_(among(emoji.c.picture, _GONE), among(emoji.c.still_picture, _GONE)))
    .returning(emoji.c.shortcode)
)
WITHOUT_SITE_PICTURE = delete(site_picture).where(site_picture.c.id == _ID, among(site_picture.c.picture, _GONE))
POST_OF = select(media.c.post_id).where(media.c.id == _ID, media.c.post_id.is_not(None))


def look(database: Database, settings: Settings, place: Place, *, now: int) -> Found:
    """Look at the next files or rows, and change nothing. No transaction is open while files are looked for.

    Raises Unavailable when rows name files and there is no place for media files at all.
    """
    if place.part < len(FOLDERS):
        return _in_media(database, storage.media(settings), place, now)
    if place.part == len(FOLDERS):
        return _in_uploads(database, storage.uploads(settings), place, now)
    return _in_rows(database, settings, place)


def go_on(db: Connection, place: Place | None, *, now: int) -> None:
    """Have a task take the next step of a sweep; None is the end of it."""
    if place is not None:
        outbox.add(db, EVENT, now=now, part=place.part, after=place.after)


def remove_strays(database: Database, settings: Settings, strays: Iterable[str]) -> None:
    """Remove files that no row names, unless one does by now."""
    media, uploads, names = storage.media(settings), storage.uploads(settings), []
    for stray in strays:
        folder, _, name = stray.partition("/")
        if folder == UPLOADS:
            uploads.remove(name)
        elif NAME.fullmatch(name):
            names.append(name)
        else:
            _remove_left_over(database, media, name)
    stored_files.remove_unused(database, media, names)


def _remove_left_over(database: Database, media: Storage, name: str) -> None:
    """Remove what was being written or removed, or put it back where a row names it."""
    used_name = name.removesuffix(ASIDE)
    with database.writing() as db:
        used = used_name != name and not unused(db, [used_name])
    if used:
        media.put_back(used_name)
    else:
        media.remove(name)


def mend(db: Connection, lost: Lost, *, now: int) -> None:
    """Take files that aren't there out of a row, and out of what shows it. An emoji without its pictures goes."""
    MENDING[lost.kind](db, lost, now)


def _target(lost: Lost) -> dict[str, object]:
    return {"the_id": lost.id, _GONE: [file.partition("/")[2] for file in lost.files]}


def _mend_account(db: Connection, lost: Lost, _now: int) -> None:
    db.execute(WITHOUT_AVATAR, _target(lost))
    db.execute(WITHOUT_HEADER, _target(lost))


def _mend_media(db: Connection, lost: Lost, _now: int) -> None:
    db.execute(WITHOUT_FILE, _target(lost))
    db.execute(WITHOUT_PREVIEW, _target(lost))
    post_details.refresh(db, list(db.scalars(POST_OF, {"the_id": lost.id})))


def _mend_upload(db: Connection, lost: Lost, _now: int) -> None:
    db.execute(WITHOUT_UPLOAD, _target(lost))


def _mend_card(db: Connection, lost: Lost, _now: int) -> None:
    if db.execute(WITHOUT_PICTURE, _target(lost)).rowcount:
        cards.refresh_posts(db, card_id=lost.id)


def _mend_emoji(db: Connection, lost: Lost, now: int) -> None:
    for shortcode in db.scalars(WITHOUT_EMOJI, _target(lost)).all():
        outbox.add(db, emojis.EVENT, now=now, shortcode=shortcode, before_id=ids.MAXIMUM)


def _mend_site_picture(db: Connection, lost: Lost, _now: int) -> None:
    db.execute(WITHOUT_SITE_PICTURE, _target(lost))


MENDING: dict[str, Callable[[Connection, Lost, int], None]] = {
    "account": _mend_account,
    "media": _mend_media,
    "upload": _mend_upload,
    "card": _mend_card,
    "emoji": _mend_emoji,
    "site_picture": _mend_site_picture,
}


def _in_media(database: Database, media: Storage, place: Place, now: int) -> Found:
    part = place.part
    batch = _batch(media, FOLDERS[part], place.after)
    while not batch and part + 1 < len(FOLDERS):
        part += 1
        batch = _batch(media, FOLDERS[part], "")
    old = _old(batch, now)
    with database.reading() as db:
        strays = unused(db, [name for name in old if NAME.fullmatch(name)])
    strays += [name for name in old if _is_left_over(name)]
    return Found(strays=tuple(f"{MEDIA}/{name}" for name in strays), next=_next(part, batch))


def _is_left_over(name: str) -> bool:
    """Say whether a file was being written or removed when that ended too early."""
    aside = name.endswith(ASIDE) and NAME.fullmatch(name.removesuffix(ASIDE))
    return bool(aside or DRAFT.fullmatch(name.rpartition("/")[2]))


def _in_uploads(database: Database, uploads: Storage, place: Place, now: int) -> Found:
    batch = _batch(uploads, "", place.after)
    old = _old(batch, now)
    names = [name for name in old if UPLOAD.fullmatch(name)]
    with database.reading() as db:
        pending = set(db.scalars(PENDING, {"names": names}))
    strays = [name for name in names if name not in pending]
    strays += [name for name in old if name.startswith(SCRATCH)]
    return Found(strays=tuple(f"{UPLOADS}/{name}" for name in strays), next=_next(place.part, batch))


def _batch(files: Storage, folder: str, after: str) -> list[Stored]:
    return list(itertools.islice(files.listed(folder, after), AT_ONCE))


def _old(batch: Iterable[Stored], now: int) -> list[str]:
    """Return the names of those that aren't young."""
    return [stored.name for stored in batch if stored.changed_at <= now - YOUNG_MS]


def _next(part: int, batch: list[Stored]) -> Place:
    """Return where to go on after a batch of a folder."""
    return Place(part, batch[-1].name) if len(batch) == AT_ONCE else Place(part + 1)


def _in_rows(database: Database, settings: Settings, place: Place) -> Found:
    kinds = list(ROWS)
    number = place.part - len(FOLDERS) - 1
    kind = kinds[number]
    with database.reading() as db:
        rows = db.execute(ROWS[kind], {"after_id": int(place.after or 0)}).all()
    folder, files = (UPLOADS, storage.uploads(settings)) if kind == "upload" else (MEDIA, storage.media(settings))
    if rows and kind != "upload" and not files.home.is_there():
        raise Unavailable(f"There isn't {files.home}, but rows refer to files in it. Is it mounted?")
    missing = set(files.missing([name for _id, *names in rows for name in names if name]))
    lost = []
    for id, *names in rows:
        gone = tuple(f"{folder}/{name}" for name in names if name in missing)
        if gone:
            lost.append(Lost(kind, id, gone))
    if len(rows) == AT_ONCE:
        return Found(lost=tuple(lost), next=Place(place.part, str(rows[-1][0])))
    return Found(lost=tuple(lost), next=Place(place.part + 1) if number + 1 < len(kinds) else None)
