"""Restoring a site from a file that `twite_common.backups.backup` wrote, into an empty database and data folder."""

import base64
import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

import msgspec
from sqlalchemy import Connection, inspect, select, table

from twite_common import migrations, secret
from twite_common.backups import bulk
from twite_common.backups.backup import (
    FORMAT,
    LEFT_OUT,
    MANIFEST,
    NAME,
    SEARCH,
    SIGNATURE,
    Contents,
    Kind,
    Manifest,
)
from twite_common.database import Database, connect
from twite_common.errors import Conflict, Invalid, Unavailable
from twite_common.media import storage
from twite_common.media.storage import MEDIA
from twite_common.settings import Settings

_NATIVE: dict[Kind, Callable[[str], object]] = {
    "bytes": base64.b64decode,
    # Both drivers take a date as text; this sees that it is one.
    "date": lambda value: date.fromisoformat(value).isoformat(),
}
_LIST = msgspec.json.Decoder(list[Any])

SIGNED = "It is signed with this site's key: this site made it, and it hasn't been changed."
SAME_KEY = "It was made before backups were signed, and contains this site's key."
NEW_KEY = (
    "The secret key came with the backup, so only the source of the file tells you who made it; whoever made or "
    "changed it may have put anything into the site."
)


def restore(settings: Settings, file: Path, *, key: bytes | None = None) -> str:
    """Restore everything from a file into an empty database and data folder; all of it is checked first.

    Returns a sentence about who made the backup: `key` is the site's, from elsewhere, if there is none in the settings.
    Raises Conflict when there is something already, Invalid when the file isn't a whole backup, a newer one, or not of
    the site with that key, Unavailable when something can't be written.
    """
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
            manifest = _unpack(file, Path(folder))
            origin = _origin(Path(folder), manifest, key or settings.secret_key.encode())
            _restore(settings, Path(folder), manifest)
    except OSError as error:
        raise Unavailable(f"The backup can't be restored: {error.strerror or error}.") from error
    return origin


def _unpack(file: Path, folder: Path) -> Manifest:
    """Unpack a backup and check that each member is there and whole, before anything else is touched."""
    try:
        names = _unpack_members(file, folder)
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise Invalid(f"{file} doesn't exist, or isn't a Twite backup.") from error
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, msgspec.MsgspecError) as error:
        raise Invalid(f"{file} isn't a complete Twite backup.") from error
    if manifest.format > FORMAT or not migrations.knows(manifest.revision):
        raise Invalid(f"The backup was made by Twite {manifest.version}, which is newer. Install that version first.")
    expected = {secret.KEY_FILE} | manifest.digests.keys() | {f"tables/{name}.jsonl" for name in manifest.tables}
    for name in expected | names:
        if name not in names or _digest(folder / name) != manifest.digests.get(name):
            raise Invalid(f"The backup is damaged: {name} is missing or has been changed.")
    return manifest


def _unpack_members(file: Path, folder: Path) -> set[str]:
    """Unpack the members that a backup has, and nothing else; return their names without the manifest's."""
    names = set()
    with gzip.open(file) as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        for member in archive:
            if member.name not in {MANIFEST, SIGNATURE}:
                if not NAME.fullmatch(member.name):
                    raise Invalid(f"{file} isn't a Twite backup: it contains {member.name!r}.")
                names.add(member.name)
            content = archive.extractfile(member)
            if content is None or (folder / member.name).exists():
                raise Invalid(f"{file} isn't a Twite backup: {member.name!r} isn't a file, or occurs twice.")
            _copy(content, folder / member.name, 0o640 if member.name.startswith(f"{MEDIA}/") else 0o600)
        while packed.read(1 << 16):
            # The checksum of the whole stands at its very end.
            continue
    return names


def _copy(content: IO[bytes], target: Path, mode: int) -> None:
    target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with target.open("xb") as file:
        os.fchmod(file.fileno(), mode)
        while block := content.read(1 << 16):
            file.write(block)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _origin(folder: Path, manifest: Manifest, site_key: bytes) -> str:
    """Return what can be said about who made a backup, given the site's key where it is known.

    The key is in the backup: whoever has one can make others. So a signature says something only to those who have the
    key from elsewhere.
    """
    enclosed = secret.read_key(folder / secret.KEY_FILE)
    if site_key and not secret.equal_bytes(site_key.strip(), enclosed):
        raise Invalid(
            "The backup isn't from the site whose secret key you gave: another key is in it. To restore it anyway, "
            "give no key; then the key in the backup becomes the site's."
        )
    if manifest.format == 1:
        return SAME_KEY if site_key else NEW_KEY
    signature = folder / SIGNATURE
    expected = secret.backup_signature(enclosed, (folder / MANIFEST).read_bytes())
    if not signature.is_file() or not secret.equal_bytes(signature.read_bytes(), expected.encode()):
        raise Invalid("The backup was changed after it was made: its signature is not from the site's secret key.")
    return SIGNED if site_key else NEW_KEY


def _restore(settings: Settings, folder: Path, manifest: Manifest) -> None:
    _check_no_files(settings)
    migrations.make_room(settings.database_url)
    database = connect(settings)
    try:
        _check_empty(database)
    finally:
        database.close()
    migrations.upgrade(settings.database_url, manifest.revision)
    try:
        with _files_moved(settings, folder), bulk.filling(settings.database_url) as db:
            _fill(db, folder, manifest)
    except bulk.Unfit as error:
        raise Invalid("The backup is damaged: some of its rows don't fit together.") from error
    migrations.upgrade(settings.database_url)


def _check_no_files(settings: Settings) -> None:
    path = settings.data / secret.KEY_FILE
    if path.exists():
        raise Conflict(f"{path} already exists. Restore into an empty data folder.")
    for place in storage.media(settings).places:
        if not place.is_empty():
            raise Conflict(f"There are media files in {place} already. Restore into an empty one.")


def _check_empty(database: Database) -> None:
    with database.reading() as db:
        for name in inspect(db).get_table_names():
            if name in LEFT_OUT or name.startswith(SEARCH):
                continue
            if db.execute(select(1).select_from(table(name)).limit(1)).first():
                raise Conflict(f"The database isn't empty (table {name}). Restore into an empty database.")


@contextmanager
def _files_moved(settings: Settings, folder: Path) -> Iterator[None]:
    """Move the key and the media files to their places, and away again if the block fails."""
    target, media, moved = settings.data / secret.KEY_FILE, storage.media(settings), []
    try:
        for file in (folder / MEDIA).glob("*/*"):
            name = f"{file.parent.name}/{file.name}"
            moved.append(name)
            media.take(name, file)
        shutil.move(folder / secret.KEY_FILE, target)
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        for name in moved:
            media.remove(name)
        raise


def _fill(db: Connection, folder: Path, manifest: Manifest) -> None:
    schema = inspect(db)
    present = {name: {column["name"] for column in schema.get_columns(name)} for name in schema.get_table_names()}
    for name, contents in manifest.tables.items():
        if present.get(name) != contents.columns.keys():
            raise Invalid(f"The backup is damaged: table {name} has the wrong columns.")
        try:
            number = bulk.fill(db, name, list(contents.columns), _rows(folder / "tables" / f"{name}.jsonl", contents))
        except (bulk.Unfit, msgspec.MsgspecError, ValueError, TypeError) as error:
            raise Invalid(f"The backup is damaged: table {name} can't be filled.") from error
        if number != contents.rows:
            raise Invalid(f"The backup is damaged: table {name} has the wrong number of rows.")


def _rows(file: Path, contents: Contents) -> Iterator[list[Any]]:
    """Give a table's rows with their values as the database's driver takes them."""
    changed = [(place, _NATIVE[kind]) for place, kind in enumerate(contents.columns.values()) if kind in _NATIVE]
    with file.open("rb") as lines:
        for line in lines:
            row = _LIST.decode(line)
            for place, native in changed:
                if row[place] is not None:
                    row[place] = native(row[place])
            yield row
