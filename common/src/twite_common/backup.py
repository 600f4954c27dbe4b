"""Backing a whole site up into one file, and restoring it: database, pictures and the secret key.

The file is a tar archive, compressed with gzip, readable by its owner alone. It holds the pictures, the key, each table
as lines of JSON, all of one moment, and last a manifest with every other member's SHA-256. Nothing in it depends on
which database it came from. Rows and files are read and written in pieces: a large site needs no more memory.
"""

import base64
import gzip
import hashlib
import importlib.metadata
import io
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from sqlalchemy import Column, Connection, Date, LargeBinary, Table, column, insert, inspect, or_, select, table
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from sqlalchemy.types import NullType, TypeEngine

from twite_common import clock, dialects, migrations, pictures, secret
from twite_common.database import Database, connect
from twite_common.errors import Conflict, Invalid, Unavailable
from twite_common.settings import Settings
from twite_common.tables import account, card, emoji, media, metadata, stream_event

FORMAT = 1
ROWS_AT_ONCE = 500
MOST_ATTEMPTS = 20
"""How often a new moment is chosen because a picture that somebody used in it was removed before it could be read."""
KEPT = [one for one in metadata.sorted_tables if one is not stream_event]
"""What is backed up: every table but the one whose rows are over after a minute."""
MANIFEST = "manifest.json"
MEDIA = "media"
NAME = re.compile(rf"tables/[a-z_]+\.jsonl|{re.escape(secret.KEY_FILE)}|{MEDIA}/{pictures.NAME.pattern}")
"""What a member other than the manifest may be called; no such name leads out of a folder."""

Kind = Literal["plain", "bytes", "date"]
"""How a column's values stand in JSON: as they are, in base64, or as YYYY-MM-DD."""

_TYPES: dict[Kind, TypeEngine[Any]] = {"plain": NullType(), "bytes": LargeBinary(), "date": Date()}
_NATIVE: dict[Kind, Callable[[Any], Any]] = {
    "plain": lambda value: value,
    "bytes": base64.b64decode,
    "date": date.fromisoformat,
}


USED_FILES = (
    select(account.c.avatar, account.c.header).where(or_(account.c.avatar.is_not(None), account.c.header.is_not(None))),
    select(media.c.file, media.c.preview),
    select(card.c.picture).where(card.c.picture.is_not(None)),
    select(emoji.c.picture, emoji.c.still_picture),
)
"""Every file of the media folder that something names."""


class Contents(msgspec.Struct):
    """What a table's member holds: its columns, in the order of each line, and how many lines."""

    columns: dict[str, Kind]
    rows: int


class Manifest(msgspec.Struct):
    """What an archive holds, and which versions made it."""

    format: int
    version: str
    revision: str
    made_at: int
    tables: dict[str, Contents]
    digests: dict[str, str]


def write(settings: Settings, file: Path) -> None:
    """Back everything up into a file, which appears under its name only when it is whole.

    Raises Unavailable when something can't be read or written, TooOld or TooNew for a database of another version.
    """
    migrations.require_current(settings.database_url)
    database = connect(settings)
    try:
        descriptor, draft = tempfile.mkstemp(dir=file.resolve().parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "wb") as target:
                with gzip.open(target, "wb", compresslevel=6) as packed:
                    _write_archive(settings, database, packed, scratch=Path(draft).parent)
                target.flush()
                os.fsync(target.fileno())
            Path(draft).replace(file)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"The backup can't be written: {error.strerror or error}.") from error
    finally:
        database.close()


def restore(settings: Settings, file: Path) -> None:
    """Restore everything from a file into an empty database and data folder; all of it is checked first.

    Raises Conflict when there is something already, Invalid when the file isn't a whole backup, or a newer one,
    Unavailable when something can't be written.
    """
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
            manifest = _unpack(file, Path(folder))
            _restore(settings, Path(folder), manifest)
    except OSError as error:
        raise Unavailable(f"The backup can't be restored: {error.strerror or error}.") from error


def _write_archive(settings: Settings, database: Database, packed: gzip.GzipFile, *, scratch: Path) -> None:
    version = importlib.metadata.version("twite-common")
    manifest = Manifest(FORMAT, version, migrations.head(), clock.now(), {}, {})
    with tarfile.open(fileobj=packed, mode="w|") as archive:
        _add_bytes(archive, secret.KEY_FILE, secret.key(settings), manifest)
        # Pictures are never changed, only removed once nobody uses them: most can be read before the moment that is
        # backed up, and only what has come since is still to be read when it begins.
        for path in settings.media.glob("??/*"):
            _add_picture(archive, settings, f"{path.parent.name}/{path.name}", manifest)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            with database.snapshot() as db:
                if _add_used_pictures(archive, settings, db, manifest) or attempt == MOST_ATTEMPTS:
                    for one in KEPT:
                        with tempfile.TemporaryFile(dir=scratch) as lines:
                            _add_table(archive, db, one, lines, manifest)
                    break
        _add_bytes(archive, MANIFEST, msgspec.json.encode(manifest), manifest)


def _add_used_pictures(archive: tarfile.TarFile, settings: Settings, db: Connection, manifest: Manifest) -> bool:
    """Add the pictures that accounts use and that aren't in the archive yet; say whether all were there."""
    complete = True
    for statement in USED_FILES:
        for row in db.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
            for name in filter(None, row):
                complete &= _add_picture(archive, settings, name, manifest)
    return complete


def _add_picture(archive: tarfile.TarFile, settings: Settings, name: str, manifest: Manifest) -> bool:
    if f"{MEDIA}/{name}" in manifest.digests:
        return True
    try:
        content = (settings.media / name).open("rb")
    except FileNotFoundError:
        return False
    with content:
        if pictures.NAME.fullmatch(name):
            _add(archive, f"{MEDIA}/{name}", content, os.fstat(content.fileno()).st_size, manifest)
    return True


def _add_table(archive: tarfile.TarFile, db: Connection, one: Table, lines: IO[bytes], manifest: Manifest) -> None:
    number = 0
    statement = select(one).order_by(*one.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
    for row in db.execute(statement):
        lines.write(msgspec.json.encode([_plain(value) for value in row]) + b"\n")
        number += 1
    size = lines.tell()
    lines.seek(0)
    _add(archive, f"tables/{one.name}.jsonl", lines, size, manifest)
    manifest.tables[one.name] = Contents({each.name: _kind(each) for each in one.columns}, number)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes, manifest: Manifest) -> None:
    _add(archive, name, io.BytesIO(content), len(content), manifest)


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int, manifest: Manifest) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    manifest.digests[name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type] # any binary file
    content.seek(0)
    archive.addfile(member, content)


def _kind(one: Column[Any]) -> Kind:
    if isinstance(one.type, LargeBinary):
        return "bytes"
    return "date" if isinstance(one.type, Date) else "plain"


def _plain(value: Any) -> Any:
    """Return a column's value as JSON can hold it."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _unpack(file: Path, folder: Path) -> Manifest:
    """Unpack a backup and check that each member is there and whole, before anything else is touched."""
    try:
        found = _unpack_members(file, folder)
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise Invalid(f"{file} is not there, or not a backup of Twite.") from error
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, msgspec.MsgspecError) as error:
        raise Invalid(f"{file} is not a whole backup of Twite.") from error
    if manifest.format > FORMAT or not migrations.knows(manifest.revision):
        raise Invalid(f"The backup was made by Twite {manifest.version}, which is newer. Install that version first.")
    expected = manifest.digests.keys() | {f"tables/{name}.jsonl" for name in manifest.tables}
    for name in expected | found:
        if name not in found or _digest(folder / name) != manifest.digests.get(name):
            raise Invalid(f"The backup is damaged: {name} is missing or was changed.")
    return manifest


def _unpack_members(file: Path, folder: Path) -> set[str]:
    """Unpack the members that a backup has, and nothing else; return their names without the manifest's."""
    found = set()
    with gzip.open(file) as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        for member in archive:
            if member.name != MANIFEST:
                if not NAME.fullmatch(member.name):
                    raise Invalid(f"{file} is not a backup of Twite: it holds {member.name!r}.")
                found.add(member.name)
            content = archive.extractfile(member)
            if content is None or (folder / member.name).exists():
                raise Invalid(f"{file} is not a backup of Twite: {member.name!r} is no file, or is there twice.")
            _copy(content, folder / member.name, 0o640 if member.name.startswith(f"{MEDIA}/") else 0o600)
        while packed.read(1 << 16):
            # The checksum of the whole stands at its very end.
            continue
    return found


def _copy(content: IO[bytes], target: Path, mode: int) -> None:
    target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with target.open("xb") as file:
        os.fchmod(file.fileno(), mode)
        while block := content.read(1 << 16):
            file.write(block)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _restore(settings: Settings, folder: Path, manifest: Manifest) -> None:
    _check_no_files(settings)
    migrations.make_room(settings.database_url)
    database = connect(settings)
    try:
        _check_empty(database)
        migrations.upgrade(settings.database_url, manifest.revision)
        with database.writing() as db, _files_moved(settings, folder), dialects.references_checked_last(db, metadata):
            _fill(db, folder, manifest)
    finally:
        database.close()
    migrations.upgrade(settings.database_url)


def _check_no_files(settings: Settings) -> None:
    for path in (settings.data / secret.KEY_FILE, *settings.media.glob("*")):
        if path.exists():
            raise Conflict(f"{path} is there already. Restore into an empty data folder.")


def _check_empty(database: Database) -> None:
    with database.reading() as db:
        for name in inspect(db).get_table_names():
            if name != "alembic_version" and db.execute(select(1).select_from(table(name)).limit(1)).first():
                raise Conflict(f"The database isn't empty (table {name}). Restore into an empty one.")


@contextmanager
def _files_moved(settings: Settings, folder: Path) -> Iterator[None]:
    """Move the key and the pictures to their places, and away again if the block fails."""
    target = settings.data / secret.KEY_FILE
    try:
        settings.media.mkdir(mode=0o750, exist_ok=True)
        for part in (folder / MEDIA).glob("*"):
            shutil.move(part, settings.media)
        shutil.move(folder / secret.KEY_FILE, target)
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        for part in settings.media.glob("*"):
            shutil.rmtree(part)
        raise


def _fill(db: Connection, folder: Path, manifest: Manifest) -> None:
    schema = inspect(db)
    present = {name: {each["name"] for each in schema.get_columns(name)} for name in schema.get_table_names()}
    # A table that this version doesn't have any more stands last.
    order = [one.name for one in metadata.sorted_tables]
    for name in sorted(manifest.tables, key=lambda name: order.index(name) if name in order else len(order)):
        if present.get(name) != manifest.tables[name].columns.keys():
            raise Invalid(f"The backup is damaged: table {name} has other columns than it should have.")
        _fill_table(db, folder / "tables" / f"{name}.jsonl", name, manifest.tables[name])


def _fill_table(db: Connection, file: Path, name: str, contents: Contents) -> None:
    statement = insert(table(name, *(column(each, _TYPES[kind]) for each, kind in contents.columns.items())))
    number = 0
    try:
        for rows in _batches(file, contents):
            db.execute(statement, rows)
            number += len(rows)
    except (IntegrityError, DataError, ProgrammingError, msgspec.MsgspecError, ValueError) as error:
        raise Invalid(f"The backup is damaged: table {name} can't be filled.") from error
    if number != contents.rows:
        raise Invalid(f"The backup is damaged: table {name} has another number of rows.")


def _batches(file: Path, contents: Contents) -> Iterator[list[dict[str, Any]]]:
    with file.open("rb") as lines:
        while batch := list(islice(lines, ROWS_AT_ONCE)):
            yield [_row(msgspec.json.decode(line, type=list[Any]), contents) for line in batch]


def _row(values: list[Any], contents: Contents) -> dict[str, Any]:
    return {
        name: None if value is None else _NATIVE[kind](value)
        for (name, kind), value in zip(contents.columns.items(), values, strict=True)
    }
