"""Backing a whole site up into one file: database, pictures and the secret key.

`twite_common.backups.restoring` puts it back. The file is a tar archive, compressed with gzip, readable by its owner
alone. It holds the media files, wherever they are, the key, each table as lines of JSON, all of one moment, and last a
manifest with every other member's SHA-256 and the manifest's signature. Nothing in it depends on which database it came
from, nor on where the files were. Rows and files are read and written in pieces: a large site needs no more memory.

Timelines are in it, though they follow from follows and posts: computing them takes longer than reading them.
"""

import base64
import gzip
import hashlib
import importlib.metadata
import io
import os
import re
import tarfile
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from sqlalchemy import Column, Connection, Date, LargeBinary, MetaData, Table, inspect, or_, select
from sqlalchemy.types import TypeEngine

from twite_common import clock, migrations, secret
from twite_common.database import Database, connect
from twite_common.errors import Unavailable
from twite_common.media import storage
from twite_common.media.storage import MEDIA, Storage, names
from twite_common.services.operations import checklist
from twite_common.settings import Settings
from twite_common.tables import account, card, emoji, heartbeat, media, metadata, stream_event

FORMAT = 2
"""2: the manifest is signed."""
ROWS_AT_ONCE = 500
MAX_ATTEMPTS = 20
"""How often a new moment is chosen because a picture that somebody used in it was removed before it could be read."""
LEFT_OUT = frozenset({heartbeat.name, stream_event.name, "alembic_version", migrations.COMPATIBILITY})
"""Tables that aren't backed up: rows that are soon over, and what migrations write down for themselves."""
SEARCH = "post_search"
"""The full-text index of SQLite, and the beginning of the names of the tables in which it is kept: made anew."""
MANIFEST = "manifest.json"
SIGNATURE = "manifest.signature"
NAME = re.compile(rf"tables/[a-z_]+\.jsonl|{re.escape(secret.KEY_FILE)}|{MEDIA}/{names.NAME.pattern}")
"""What a member other than the manifest may be called; no such name leads out of a folder."""

Kind = Literal["plain", "bytes", "date"]
"""How a column's values stand in JSON: as they are, in base64, or as YYYY-MM-DD."""

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

    What a newer version has added to the database is in it, too. That it was made is noted. Raises Unavailable when
    something can't be read or written, TooOld for a database that isn't up to date, TooNew for one that this code can't
    work with.
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
            # It is made, also where that can't be noted, as on a full disk.
            with suppress(Unavailable), database.writing() as db:
                checklist.mark_backup(db, now=clock.now())
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"The backup can't be written: {error.strerror or error}.") from error
    finally:
        database.close()


def _write_archive(settings: Settings, database: Database, packed: gzip.GzipFile, *, scratch: Path) -> None:
    version = importlib.metadata.version("twite-common")
    manifest = Manifest(FORMAT, version, "", clock.now(), {}, {})
    key = secret.key(settings)
    with tarfile.open(fileobj=packed, mode="w|") as archive:
        _add_bytes(archive, secret.KEY_FILE, key, manifest)
        # Pictures are never changed, only removed once nobody uses them: most can be read before the moment that is
        # backed up, and only what has come since is still to be read when it begins.
        files = storage.media(settings)
        for folder in names.FOLDERS:
            for stored in files.listed(folder):
                _add_picture(archive, files, stored.name, manifest)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            with database.snapshot() as db:
                if _add_used_pictures(archive, files, db, manifest) or attempt == MAX_ATTEMPTS:
                    _add_tables(archive, db, manifest, scratch=scratch)
                    break
        listed = msgspec.json.encode(manifest)
        _add_bytes(archive, MANIFEST, listed, manifest)
        _add_bytes(archive, SIGNATURE, secret.backup_signature(key, listed).encode(), manifest)


def _add_used_pictures(archive: tarfile.TarFile, files: Storage, db: Connection, manifest: Manifest) -> bool:
    """Add the pictures that accounts use and that aren't in the archive yet; say whether all were there."""
    complete = True
    for statement in USED_FILES:
        for row in db.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
            for name in filter(None, row):
                complete &= _add_picture(archive, files, name, manifest)
    return complete


def _add_picture(archive: tarfile.TarFile, files: Storage, name: str, manifest: Manifest) -> bool:
    if f"{MEDIA}/{name}" in manifest.digests or not names.NAME.fullmatch(name):
        return True
    try:
        content = files.open(name)
    except FileNotFoundError:
        return False
    with content:
        _add(archive, f"{MEDIA}/{name}", content, os.fstat(content.fileno()).st_size, manifest)
    return True


def _add_tables(archive: tarfile.TarFile, db: Connection, manifest: Manifest, *, scratch: Path) -> None:
    manifest.revision = migrations.revision(db) or ""
    for table in kept(db):
        with tempfile.TemporaryFile(dir=scratch) as lines:
            _add_table(archive, db, table, lines, manifest)


def kept(db: Connection) -> list[Table]:
    """Return the tables that are backed up, as they are in the database: a newer version may have added to them."""
    schema = inspect(db)
    return [
        Table(name, MetaData(), *(_column(name, column["name"], column["type"]) for column in schema.get_columns(name)))
        for name in sorted(schema.get_table_names())
        if name not in LEFT_OUT and not name.startswith(SEARCH)
    ]


def _column(table: str, name: str, column_type: TypeEngine[Any]) -> Column[object]:
    """Return a column with its type, which the code knows better than the database, unless it is new."""
    column = metadata.tables[table].c.get(name) if table in metadata.tables else None
    return Column(name, column_type if column is None else column.type)


def _add_table(archive: tarfile.TarFile, db: Connection, table: Table, lines: IO[bytes], manifest: Manifest) -> None:
    number = 0
    # In the order of the key: so they are read fast, and written again even faster.
    key = inspect(db).get_pk_constraint(table.name)["constrained_columns"]
    statement = select(table).order_by(*(table.c[name] for name in key)).execution_options(yield_per=ROWS_AT_ONCE)
    for row in db.execute(statement):
        lines.write(msgspec.json.encode([_plain(value) for value in row]) + b"\n")
        number += 1
    size = lines.tell()
    lines.seek(0)
    _add(archive, f"tables/{table.name}.jsonl", lines, size, manifest)
    manifest.tables[table.name] = Contents({column.name: _kind(column) for column in table.columns}, number)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes, manifest: Manifest) -> None:
    _add(archive, name, io.BytesIO(content), len(content), manifest)


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int, manifest: Manifest) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    manifest.digests[name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type] # any binary file
    content.seek(0)
    archive.addfile(member, content)


def _kind(column: Column[object]) -> Kind:
    if isinstance(column.type, LargeBinary):
        return "bytes"
    return "date" if isinstance(column.type, Date) else "plain"


def _plain(value: object) -> object:
    """Return a column's value as JSON can hold it."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value
