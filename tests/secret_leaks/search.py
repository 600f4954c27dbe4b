"""Looking for secrets in all that a site leaves: what it printed, its files, every row of its database."""

import base64
import email
import gzip
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy import create_engine, inspect, select, table, text
from sqlalchemy.engine import make_url

from support.site_under_test import Site
from twite_common.sql import engines

PIECE = 16
"""A secret that was cut short is found by this many of its first or last characters."""


@dataclass(frozen=True)
class Secret:
    """What nobody may find; `allowed` are the places where it belongs."""

    kind: str
    forms: frozenset[bytes]
    allowed: frozenset[str]


class Secrets:
    """The secrets of a site, as they become known."""

    def __init__(self) -> None:
        self.known: dict[str, Secret] = {}

    def add(self, kind: str, value: str, *allowed: str) -> str:
        """Take note of a secret and return it."""
        self.known.setdefault(value, Secret(kind, forms(value), frozenset(allowed)))
        return value

    def password(self, kind: str) -> str:
        """Make up a password that looks different in every spelling and is found by its ends in most."""
        return self.add(kind, f'{secrets.token_hex(8)} "a+b"/100% & <ä> it\'s {secrets.token_hex(8)}')

    @property
    def kinds(self) -> set[str]:
        return {one.kind for one in self.known.values()}


def forms(value: str) -> frozenset[bytes]:
    """Return how a secret may be spelt, in lower case: as it is, for addresses, in hexadecimal and in base64."""
    pieces = [value] if len(value) < 2 * PIECE else [value[:PIECE], value[-PIECE:]]
    raw = [piece.encode() for piece in pieces]
    spelt = [*raw, *(quote(one, safe="").encode() for one in raw), *(quote_plus(one).encode() for one in raw)]
    spelt += [one.hex().encode() for one in raw]
    spelt += [encoded for one in raw for shift in range(3) for encoded in inside_base64(one, shift)]
    return frozenset(one.lower() for one in spelt)


def inside_base64(value: bytes, shift: int) -> Iterator[bytes]:
    """Give what stands in the base64 of a longer text that has `value` so many bytes (modulo 3) after its start."""
    start = (0, 2, 3)[shift]
    end = (shift + len(value)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * shift + value)[start:end]


def places(site: Site) -> Iterator[tuple[str, bytes]]:
    """Give all that a site leaves behind, by name: what it printed, its data folder, SQLite's files, every row."""
    files = [path for path in site.folder.rglob("*") if path.is_file()]
    address = make_url(site.database.url)
    if engines.is_sqlite(site.database.url):
        files += Path(address.database).parent.glob(f"{Path(address.database).name}*")
    for path in sorted(files):
        # Messages and drafts come and go.
        with suppress(FileNotFoundError):
            content = path.read_bytes()
            yield place(site, path), b"\n".join([content, *(read(content) for read in READ_AS.get(path.suffix, ()))])
    yield from rows(site)


def place(site: Site, path: Path) -> str:
    return str(path.relative_to(site.folder)) if path.is_relative_to(site.folder) else path.name


def as_read(content: bytes) -> bytes:
    """Return a mail as its reader has it, without the encodings and line breaks that it is sent with."""
    message = email.message_from_bytes(content, policy=policy.default)
    payloads = (part.get_payload(decode=True) for part in message.walk())
    parts = [payload for payload in payloads if isinstance(payload, bytes)]
    return b"\n".join([*(f"{name}: {value}".encode() for name, value in message.items()), *parts])


READ_AS = {".eml": (as_read,), ".gz": (gzip.decompress,)}


def rows(site: Site) -> Iterator[tuple[str, bytes]]:
    engine = create_engine(engines.normal(site.database.url))
    with engine.connect() as db:
        for name in inspect(db).get_table_names():
            cells = [value for row in db.execute(select(text("*")).select_from(table(name))) for value in row]
            given = [value for value in cells if value is not None]
            yield f"table {name}", b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in given)
    engine.dispose()


def leaks(site: Site, known: Secrets) -> list[str]:
    """Return which secrets stand where they don't belong."""
    return sorted(
        {
            f"{one.kind} in {name}"
            for name, content in ((name, content.lower()) for name, content in places(site))
            for one in known.known.values()
            if name not in one.allowed and any(form in content for form in one.forms)
        }
    )
