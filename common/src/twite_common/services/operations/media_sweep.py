"""Finding files without rows and rows without files, in steps that stay small on any site.

Neither should ever be; a crash at the wrong moment, a full disk or a restored backup can lead to both. Files younger
than an hour are left alone: their rows may be about to be written.
"""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from sqlalchemy import BigInteger, Column, Connection, bindparam, case, delete, null, or_, select, update

from twite_common import clock, ids, outbox
from twite_common.errors import Unavailable
from twite_common.media import pictures, stored_files
from twite_common.queries.posts.picture_files import unused
from twite_common.services.posts import cards, emojis, post_details
from twite_common.settings import Settings
from twite_common.sql.dialects import among
from twite_common.sql.types import AnySelect
from twite_common.tables import account, card, emoji, media

EVENT = "media.sweep"
AT_ONCE = 500
"""Files or rows that one step looks at."""
YOUNG_MS = clock.HOUR
MEDIA, UPLOADS = "media", "uploads"
SCRATCH = "tmp"
"""How the folders begin in which recordings are converted."""
_FOLDERS = [f"{number:02x}" for number in range(256)]


class Place(msgspec.Struct, frozen=True):
    """Where a sweep goes on: in which of its parts, and after which file or row there."""

    part: int = 0
    after: str = ""


class Lost(msgspec.Struct, frozen=True):
    """A row that names files that aren't there, as paths in the data folder. `kind` is one of `ROWS`."""

    kind: str
    id: int
    files: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """What a step found: files that no row names, as paths in the data folder, and rows; and where the next begins."""

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
POST_OF = select(media.c.post_id).where(media.c.id == _ID, media.c.post_id.is_not(None))


def look(db: Connection, settings: Settings, place: Place, *, now: int) -> Found:
    """Look at the next files or rows, and change nothing.

    Raises Unavailable when rows name files and there is no media folder at all.
    """
    part = place.part
    while part < len(_FOLDERS) and not (settings.media / _FOLDERS[part]).is_dir():
        part += 1
    here = place if part == place.part else Place(part)
    if part < len(_FOLDERS):
        return _in_media(db, settings, here, now)
    if part == len(_FOLDERS):
        return _in_uploads(db, settings, here, now)
    return _in_rows(db, settings, here)


def go_on(db: Connection, place: Place | None, *, now: int) -> None:
    """Have a task take the next step of a sweep; None is the end of it."""
    if place is not None:
        outbox.add(db, EVENT, now=now, part=place.part, after=place.after)


def remove_strays(db: Connection, settings: Settings, strays: Iterable[str]) -> None:
    """Remove files that no row names, unless one does by now."""
    names = []
    for stray in strays:
        folder, _, name = stray.partition("/")
        path = settings.data / stray
        if folder == MEDIA and pictures.NAME.fullmatch(name):
            names.append(name)
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif name.endswith(pictures.ASIDE) and not unused(db, [name.removesuffix(pictures.ASIDE)]):
            pictures.put_back(settings.media, name.removesuffix(pictures.ASIDE))
        else:
            path.unlink(missing_ok=True)
    stored_files.remove_unused(db, settings.media, names)


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


MENDING: dict[str, Callable[[Connection, Lost, int], None]] = {
    "account": _mend_account,
    "media": _mend_media,
    "upload": _mend_upload,
    "card": _mend_card,
    "emoji": _mend_emoji,
}


def _in_media(db: Connection, settings: Settings, place: Place, now: int) -> Found:
    folder = _FOLDERS[place.part]
    old_names, following = _old_files(settings.media / folder, place, now)
    paths = [f"{folder}/{name}" for name in old_names]
    strays = unused(db, [path for path in paths if pictures.NAME.fullmatch(path)])
    strays += [path for path, name in zip(paths, old_names, strict=True) if _is_left_over(path, name)]
    return Found(strays=tuple(f"{MEDIA}/{path}" for path in strays), next=following)


def _is_left_over(path: str, name: str) -> bool:
    """Say whether a file was being written or removed when that ended too early."""
    aside = path.endswith(pictures.ASIDE) and pictures.NAME.fullmatch(path.removesuffix(pictures.ASIDE))
    return bool(aside or pictures.DRAFT.fullmatch(name))


def _in_uploads(db: Connection, settings: Settings, place: Place, now: int) -> Found:
    old_names, following = _old_files(settings.uploads, place, now)
    uploads = [name for name in old_names if stored_files.UPLOAD.fullmatch(name)]
    pending = set(db.scalars(PENDING, {"names": uploads}))
    strays = [name for name in uploads if name not in pending]
    strays += [name for name in old_names if name.startswith(SCRATCH) and (settings.uploads / name).is_dir()]
    return Found(strays=tuple(f"{UPLOADS}/{name}" for name in strays), next=following)


def _old_files(folder: Path, place: Place, now: int) -> tuple[list[str], Place]:
    """Return the next of a folder's files that aren't young, and where to go on."""
    names = sorted(path.name for path in folder.iterdir() if path.name > place.after) if folder.is_dir() else []
    batch = names[:AT_ONCE]
    old_names = [name for name in batch if _changed_at(folder / name, now) <= now - YOUNG_MS]
    return old_names, Place(place.part, batch[-1]) if len(names) > AT_ONCE else Place(place.part + 1)


def _changed_at(path: Path, now: int) -> int:
    """Return when a file was changed last, in milliseconds; now for one that is gone."""
    try:
        return int(path.lstat().st_mtime * clock.SECOND)
    except FileNotFoundError:
        return now


def _in_rows(db: Connection, settings: Settings, place: Place) -> Found:
    kinds = list(ROWS)
    number = place.part - len(_FOLDERS) - 1
    kind = kinds[number]
    rows = db.execute(ROWS[kind], {"after_id": int(place.after or 0)}).all()
    if rows and kind != "upload" and not settings.media.is_dir():
        raise Unavailable(f"The folder {settings.media} doesn't exist, but rows refer to files in it. Is it mounted?")
    folder = UPLOADS if kind == "upload" else MEDIA
    lost = []
    for id, *names in rows:
        files = tuple(f"{folder}/{name}" for name in names if name and not (settings.data / folder / name).exists())
        if files:
            lost.append(Lost(kind, id, files))
    if len(rows) == AT_ONCE:
        return Found(lost=tuple(lost), next=Place(place.part, str(rows[-1][0])))
    return Found(lost=tuple(lost), next=Place(place.part + 1) if number + 1 < len(kinds) else None)
