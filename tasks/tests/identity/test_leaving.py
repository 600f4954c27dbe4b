"""Leaving: deleting an account leaves nothing of it, in no table and in no file. Backups are another matter."""

import io
import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, LargeBinary, Table, Text, insert, select

from support.moment import NOW
from twite_common import clock, ids, outbox
from twite_common.media import storage
from twite_common.media.pictures import Picture
from twite_common.services.accounts import account_deletion
from twite_common.services.identity import deactivation
from twite_common.tables import account, event, metadata
from twite_tasks import event_handlers, periodic_jobs

MARKER = "Zq7marker"
JSON = {
    "account": {"fields": "[]", "attribution_domains": "[]", "emojis": "[]"},
    "post": {"details": f'{{"card":{{"id":1,"url":"{MARKER}"}}}}'},
    "post_edit": {"details": "{}"},
    "preferences": {"catch_up_off": "[]", "pinned_columns": "[]"},
    "poll": {"options": f'[["{MARKER}",0]]'},
    "poll_vote": {"choices": "[0]"},
    "filter": {"contexts": "[]"},
    "media": {"meta": "{}"},
    "event": {"payload": f'{{"marker":"{MARKER}"}}'},
    "held_post": {"drafts": f'[{{"text":"{MARKER}"}}]'},
    "content_rule": {"conditions": "{}"},
    "scheduled_post": {"draft": f'{{"text":"{MARKER}"}}'},
    "draft": {"parts": f'[{{"text":"{MARKER}"}}]'},
}
"""Columns of JSON that others read."""
KEPT = {
    "deleted_name": "the hash of the name, which nobody else may take",
    "card": "a page's own words, fetched for whoever links to it",
    "publisher": "a site's name",
    "tag": "a hashtag, which is nobody's",
    "trend": "what hashtags and links are talked about",
    "trend_day": "how often hashtags and links were used",
    "emoji": "the site's own",
    "announcement": "the site's own",
    "domain_allow": "the site's own",
    "domain_block": "the site's own",
    "content_rule": "the site's own",
    "domain_list": "the site's own",
    "listed_domain": "the site's own",
    "email_domain_block": "the site's own",
    "disposable_email_domain": "the site's own",
    "device_grant": "codes of a device, for minutes; what they opened goes with the account",
    "sign_up_question": "the site's own",
    "site_picture": "the site's own",
    "email_domain_refusal": "how often an e-mail provider was refused",
    "ip_block": "the site's own",
    "canonical_email_block": "a hash by which staff keep somebody away",
    "rule": "the site's own",
    "site_text": "the site's own",
    "warning_preset": "the site's own",
    "application": "a program's name, which many use",
    "job": "the site's own",
    "heartbeat": "the site's own",
    "checklist_mark": "the site's own",
    "site_totals": "counts",
    "daily_statistics": "counts",
    "mail_day": "counts",
    "mail_domain_check": "what DNS says of the site's own domain",
    "mail_allowance": "a keyed hash of an address, for hours",
    "stranger_mail": "counts by hashes, for a day",
    "rate_count": "counts of requests, for minutes",
    "attempt": "counts of attempts, for a day",
}
"""Tables whose rows are no account's own, and why."""
NAMED = {"announcement", "application", "card", "publisher", "tag"}
"""Those of them that rows of accounts name."""
FIRST = ("account", "announcement", "application", "publisher", "card", "tag", "post", "list", "bookmark_folder")
"""Tables that others name, also without a reference."""


@pytest.fixture(params=["folder", "bucket"])
def settings(request, settings):
    if request.param == "folder":
        return settings
    bucket = request.getfixturevalue("bucket")
    return msgspec.structs.replace(settings, media_storage=bucket.address)


@pytest.fixture
def planted(database, ann, bob, settings):
    """Write a row of Ann's into every table that can have one, with the marker in each text, and a file for each name.

    Returns the tables, and the ids of the rows.
    """
    media, uploads, archives = storage.media(settings), storage.uploads(settings), storage.archives(settings)
    names = {
        "avatar": media.store(_picture("avatar")),
        "header": media.store(_picture("header")),
        "file": media.store(_picture("file")),
        "preview": media.store(_picture("preview")),
        "upload": "f" * 32,
    }
    uploads.home.write(names["upload"], io.BytesIO(MARKER.encode()))
    archive = f"{'e' * 32}.zip"
    archives.write_parts(archive, iter([MARKER.encode()]))
    brought = f"{'d' * 32}.import"
    archives.write_parts(brought, iter([MARKER.encode()]))
    ordered = sorted(metadata.sorted_tables, key=lambda table: (table.name not in FIRST, not table.foreign_keys))
    ordered = [*(metadata.tables[name] for name in FIRST), *ordered[len(FIRST) :]]
    tables = [table for table in ordered if table.name not in KEPT]
    with database.writing() as db:
        values = {"bio": MARKER, "display_name": MARKER, "avatar": names["avatar"], "header": names["header"]}
        db.execute(account.update().where(account.c.id == ann.id).values(values))
        made: dict[str, int] = {"account": ann.id}
        for table in ordered:
            if table.name in KEPT.keys() - NAMED or table.name == "account":
                continue
            row = _row(table, ann.id, bob.id, made)
            row |= {name: names[name] for name in ("file", "preview", "upload") if table.name == "media"}
            row |= {"archive": {"file": archive}, "import": {"file": brought}}.get(table.name, {})
            if table.name in {"credentials", "preferences"}:
                texts = {name: value for name, value in row.items() if value == MARKER}
                db.execute(table.update().where(table.c.account_id == ann.id).values(texts))
                continue
            db.execute(insert(table), row)
    return tables, {id for name, id in made.items() if name not in NAMED}


def _picture(word: str) -> Picture:
    data = f"{word} {MARKER}".encode()
    return Picture(data=data, media_type="image/webp", extension="webp", width=4, height=4)


def _row(table: Table, ann: int, bob: int, made: dict[str, int]) -> dict[str, Any]:
    """Return a row of a table that is Ann's, as far as it can be; where two accounts stand in it the other is Bob."""
    row: dict[str, Any] = {}
    people = itertools.chain([bob, ann] if table.name == "account_warning" else [ann], itertools.repeat(bob))
    if table.name == "audit_entry":
        named = {"target_kind": "account", "target_id": ann, "target_name": MARKER}
        return {"id": ids.new(clock.now()), "account_id": bob, "action": "suspend", **named}
    for column in table.columns:
        [target, *_] = [key.column.table.name for key in column.foreign_keys] or [""]
        if target == "account":
            row[column.name] = next(people)
        elif target:
            row[column.name] = made.get(target)
        elif column.name == "id" and column.primary_key:
            row["id"] = made[table.name] = ids.new(clock.now())
        elif column.name.endswith("account_id"):
            row[column.name] = next(people)
        elif column.name in {"post_id", "last_post_id", "from_post_id", "in_reply_to_id"}:
            row[column.name] = made.get("post")
        elif column.name in {"list_id", "folder_id", "conversation_id"}:
            row[column.name] = made.get(column.name.removesuffix("_id"), ann)
        else:
            row |= _value(table, column)
    return row


def _value(table: Table, column: Any) -> dict[str, Any]:
    if column.name in JSON.get(table.name, {}):
        return {column.name: JSON[table.name][column.name]}
    word = "word" if table.name in KEPT else MARKER
    if isinstance(column.type, Text):
        return {column.name: word}
    if isinstance(column.type, LargeBinary):
        return {column.name: word.encode()}
    if column.nullable or column.server_default is not None:
        return {}
    if isinstance(column.type, Boolean | Float | Date):
        return {column.name: clock.as_date(clock.now()) if isinstance(column.type, Date) else 0}
    if isinstance(column.type, BigInteger | Integer) and not column.autoincrement:
        return {column.name: 1}
    return {column.name: 1} if column.autoincrement is not True else {}


def left(database: Any, marks: set[int]) -> Iterator[tuple[str, str, Any]]:
    """Give what names one of the rows that were Ann's, or has the marker: table, column and value."""
    with database.reading() as db:
        for table in metadata.sorted_tables:
            for row in db.execute(select(table)).mappings():
                for name, value in row.items():
                    words = value.decode("latin-1") if isinstance(value, bytes) else value
                    text = isinstance(words, str) and (MARKER in words or any(str(id) in words for id in marks))
                    if text or (isinstance(words, int) and words in marks):
                        yield table.name, name, value


def files_left(settings: Any) -> list[str]:
    found = []
    for files in (storage.media(settings), storage.uploads(settings), storage.archives(settings)):
        folders = [f"{number:02x}" for number in range(256)] + [""]
        found += [one.name for folder in folders for one in files.listed(folder) if "." in one.name or not folder]
    return sorted({name for name in found if len(name) > 2})


def test_every_table_is_planted_or_known_to_have_nothing_of_an_account(database, planted, ann):
    tables, marks = planted
    seen = {table for table, _column, _value in left(database, marks)}

    assert {table.name for table in tables} - seen == set()
    assert KEPT.keys() <= metadata.tables.keys()


def test_whoever_stays_away_after_deactivating_is_deleted(context, database, ann, bob, make_post, rows):
    make_post(ann)
    with database.writing() as db:
        for person in (ann, bob):
            deactivation.deactivate(db, now=NOW, account_id=person.id)
    periodic_jobs.run(context, "deactivated", now=NOW + deactivation.KEEP_MS - 1)
    hidden = {row.username for row in rows(select(account.c.username))}
    with database.writing() as db:
        deactivation.come_back(db, now=NOW, account_id=bob.id)
    periodic_jobs.run(context, "deactivated", now=NOW + deactivation.KEEP_MS + clock.HOUR)
    while event_handlers.handle_next(context, now=NOW):
        pass

    assert hidden == {"ann", "bob"}
    assert [row.username for row in rows(select(account.c.username))] == ["bob"]


def test_deletion_leaves_nothing(context, database, planted, settings, ann):
    before = len(files_left(settings))
    with database.writing() as db:
        # What others have to do yet is another matter.
        db.execute(event.delete().where(event.c.kind == MARKER))
        account_deletion.leave(db, now=clock.now(), account_id=ann.id)
    while event_handlers.handle_next(context, now=clock.now()):
        pass
    with database.reading() as db:
        assert outbox.pending(db) == []

    assert (before, files_left(settings)) == (7, [])
    assert list(left(database, planted[1])) == []
