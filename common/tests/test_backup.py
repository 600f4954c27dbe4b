import gc
import hashlib
import io
import os
import random
import tarfile
import threading
import tracemalloc

import msgspec
import pytest
from PIL import Image
from sqlalchemy import create_engine, func, insert, inspect, select, update

from support import postgresql
from support.moment import NOW
from twite_common import migrations, secret
from twite_common.backups import backup, bulk, restoring
from twite_common.database import Database
from twite_common.drafts import Draft
from twite_common.errors import Conflict, Invalid, TwiteError, Unavailable
from twite_common.media import pictures, storage, stored_files
from twite_common.queries.accounts import credentials
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.posts import boosts, favourites, posts
from twite_common.tables import account, attempt, checklist_mark, metadata, post


@pytest.fixture
def site(settings, database_url, tmp_path, integration):
    """A site with something in every corner."""
    site = msgspec.structs.replace(settings, database=database_url, data=tmp_path / "site")
    secret.signer(site)
    written = io.BytesIO()
    Image.new("RGB", (50, 50), "red").save(written, "PNG")
    avatar = storage.media(site).store(pictures.prepare(written.getvalue(), pictures.AVATAR))
    opened = Database(database_url)
    with opened.writing() as db:
        ids = [
            registrations.create(
                db,
                now=NOW,
                sign_up=SignUp(username=name, email=f"{name}@mail.example", password_hash="x"),
                confirmed=name != "cho",
                smtp_utf8=False,
            )
            for name in ("ann", "bob", "cho")
        ]
        profiles.change_profile(db, now=NOW, account_id=ids[0], changes=ProfileChanges(avatar=avatar, bio="Grüße 🐦"))
        first = posts.publish(db, site, now=NOW, author_id=ids[0], draft=Draft(text="@bob #tag"))
        posts.publish(db, site, now=NOW, author_id=ids[0], draft=Draft(text="again", in_reply_to_id=first))
        boosts.boost_post(db, site, now=NOW, account_id=ids[0], post_id=first)
        favourites.favourite_post(db, now=NOW, account_id=ids[0], post_id=first)
    yield site
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def empty_site(request, settings, tmp_path, postgresql_url):
    """A place to restore into, on either database."""
    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    if request.param == "sqlite":
        yield place
    else:
        with postgresql.created(postgresql_url, f"twite_test_restore_{os.urandom(6).hex()}", "template0") as url:
            yield msgspec.structs.replace(place, database=url)


def rows(url):
    opened = Database(url)
    with opened.reading() as db:
        found = {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            # A backup is noted once it is made, and so not in it.
            if table.name not in backup.LEFT_OUT | {checklist_mark.name}
        }
    opened.close()
    return found


def test_a_restored_site_has_every_row_and_file(site, empty_site, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    restoring.restore(empty_site, file)

    assert rows(empty_site.database_url) == rows(site.database_url)
    assert {table for table, found in rows(site.database_url).items() if found} >= {"account", "post", "mail", "event"}
    assert (empty_site.data / secret.KEY_FILE).read_bytes() == (site.data / secret.KEY_FILE).read_bytes()
    assert files(empty_site.data / "media") == files(site.data / "media") != {}


def test_a_backup_and_what_is_restored_is_for_its_owner_alone(site, settings, tmp_path):
    file = tmp_path / "site.backup"
    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    backup.write(site, file)
    restoring.restore(place, file)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (file, place.data / secret.KEY_FILE, place.data)}
    assert modes == {"site.backup": 0o600, "secret.key": 0o600, "restored": 0o700}
    assert list(tmp_path.glob(".site.backup*")) == []


def test_nothing_is_restored_over_rows(site, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    before = rows(site.database_url)
    other_folder = msgspec.structs.replace(site, data=tmp_path / "restored")

    with pytest.raises(Conflict, match="isn't empty"):
        restoring.restore(other_folder, file)
    assert rows(site.database_url) == before
    assert files(other_folder.data) == {}


def test_nothing_is_restored_over_files(site, empty_site, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    before = files(site.data)
    other_database = msgspec.structs.replace(empty_site, data=site.data)

    with pytest.raises(Conflict, match=r"secret\.key already exists"):
        restoring.restore(other_database, file)
    assert files(site.data) == before
    with pytest.raises(TwiteError):
        migrations.require_current(other_database.database_url)


def test_a_restored_site_works_on(site, empty_site, database, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    restoring.restore(empty_site, file)
    migrations.require_current(empty_site.database_url)
    opened = Database(empty_site.database_url)
    with opened.writing() as db:
        ann = credentials.by_login(db, "ann").account_id
        posts.publish(db, empty_site, now=NOW, author_id=ann, draft=Draft(text="back again"))
    with pytest.raises(Conflict), opened.writing() as db:
        db.execute(update(post).values(in_reply_to_id=1))
    opened.close()


def test_an_answer_may_have_a_smaller_id_than_what_it_answers(site, empty_site, database, tmp_path):
    with database.writing() as db:
        last = db.scalar(select(func.max(post.c.id)).where(post.c.boost_of_id.is_(None)))
        first = db.scalar(select(func.min(post.c.id)))
        db.execute(update(post).where(post.c.id == last).values(in_reply_to_id=None))
        db.execute(update(post).where(post.c.id == first).values(in_reply_to_id=last))
    file = tmp_path / "site.backup"
    backup.write(site, file)
    restoring.restore(empty_site, file)

    assert rows(empty_site.database_url) == rows(site.database_url)


def test_a_key_from_the_settings_is_backed_up_too(site, settings, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(msgspec.structs.replace(site, secret_key="from the settings"), file)
    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    restoring.restore(place, file)

    assert secret.key(place) == b"from the settings"


@pytest.mark.faults
def test_a_manifest_that_was_changed_is_refused(site, settings, tmp_path):
    file, place = tmp_path / "site.backup", msgspec.structs.replace(settings, data=tmp_path / "restored")
    backup.write(site, file)
    members = unpacked(file)
    members["tables/rule.jsonl"] = b'[1,"Obey me",0,1]\n'
    manifest = msgspec.json.decode(members[backup.MANIFEST])
    manifest["digests"]["tables/rule.jsonl"] = hashlib.sha256(members["tables/rule.jsonl"]).hexdigest()
    members[backup.MANIFEST] = msgspec.json.encode(manifest)
    pack(file, members)

    with pytest.raises(Invalid, match="its signature is not"):
        restoring.restore(place, file)
    assert files(place.data) == {}


@pytest.mark.faults
@pytest.mark.parametrize("given", ["in the settings", "as a file"])
def test_a_backup_is_checked_with_the_key_that_is_known(site, settings, tmp_path, given):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    key = secret.key(site)

    def restore(name, known):
        place = msgspec.structs.replace(settings, data=tmp_path / name)
        if given == "as a file":
            return restoring.restore(place, file, key=known)
        return restoring.restore(msgspec.structs.replace(place, secret_key=known.decode()), file)

    assert restore("ours", key) == restoring.SIGNED
    with pytest.raises(Invalid, match="another key is in it"):
        restore("others", b"another key")
    assert files(tmp_path / "others") == {}


def test_who_made_a_backup_is_not_known_where_its_own_key_is_the_only_one(site, settings, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)

    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    assert restoring.restore(place, file) == restoring.NEW_KEY


@pytest.mark.parametrize("known", [True, False])
def test_a_backup_from_before_they_were_signed_is_restored(site, settings, tmp_path, known):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    members = unpacked(file)
    del members[backup.SIGNATURE]
    members[backup.MANIFEST] = members[backup.MANIFEST].replace(b'"format":2', b'"format":1')
    pack(file, members)
    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    origin = restoring.restore(place, file, key=secret.key(site) if known else None)

    assert origin == (restoring.SAME_KEY if known else restoring.NEW_KEY)
    assert rows(place.database_url) == rows(site.database_url)


def test_a_signature_is_not_left_out_by_calling_a_backup_old(site, settings, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    members = unpacked(file)
    del members[backup.SIGNATURE]
    pack(file, members)

    with pytest.raises(Invalid, match="its signature is not"):
        restoring.restore(msgspec.structs.replace(settings, data=tmp_path / "restored"), file)


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_a_restore_leaves_indexes_and_references_as_they_were(site, empty_site, tmp_path):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    migrations.upgrade(empty_site.database_url)
    before = schema(empty_site.database_url)
    restoring.restore(empty_site, file)

    assert schema(empty_site.database_url) == before


def schema(url):
    engine = create_engine(url)
    found = inspect(engine)
    with engine.connect() as db:
        indexes = sorted(map(tuple, db.exec_driver_sql(bulk.INDEXES[engine.dialect.name])))
    described = {
        name: (
            sorted((one["name"], one["referred_table"], str(one["options"])) for one in found.get_foreign_keys(name)),
            sorted(one["name"] for one in found.get_unique_constraints(name)),
        )
        for name in found.get_table_names()
    }
    engine.dispose()
    return indexes, described


def test_columns_are_restored_by_name(site, empty_site, tmp_path):
    """So that a backup made before a column was added in between can be restored."""
    file = tmp_path / "site.backup"
    backup.write(site, file)
    members = unpacked(file)
    manifest = msgspec.json.decode(members[backup.MANIFEST])
    columns = manifest["tables"]["account"]["columns"]
    manifest["tables"]["account"]["columns"] = dict(reversed(columns.items()))
    lines = [msgspec.json.decode(line) for line in members["tables/account.jsonl"].splitlines()]
    members["tables/account.jsonl"] = b"\n".join(msgspec.json.encode(line[::-1]) for line in lines)
    pack(file, members, manifest)
    restoring.restore(empty_site, file)

    assert rows(empty_site.database_url) == rows(site.database_url)


def test_a_database_of_another_version_is_not_backed_up(settings, tmp_path):
    with pytest.raises(migrations.TooOld):
        backup.write(settings, tmp_path / "site.backup")
    assert files(tmp_path) == {}


def test_a_backup_that_cannot_be_written_is_said(site, tmp_path):
    with pytest.raises(Unavailable, match="No such file or directory"):
        backup.write(site, tmp_path / "nowhere" / "site.backup")


def test_memory_does_not_grow_with_the_site(site, settings, database, tmp_path):
    def peak(name):
        file = tmp_path / f"{name}.backup"
        # The more objects there are, the longer Python puts off looking for garbage; other tests left many.
        gc.freeze()
        gc.collect()
        tracemalloc.start()
        backup.write(site, file)
        restoring.restore(msgspec.structs.replace(settings, data=tmp_path / name), file)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        gc.unfreeze()
        return peak

    small = peak("small")
    size = 12_000_000
    big = site.data / "media" / "00" / f"{'0' * 64}.webp"
    big.parent.mkdir()
    big.write_bytes(random.Random(0).randbytes(size))
    with database.writing() as db:
        values = [{"subject": f"{n:05} {'x' * 1000}", "since_at": NOW} for n in range(size // 1000)]
        db.execute(insert(attempt), values)
    del values
    # What grows with the site does so each time; garbage that waits to be looked for doesn't.
    large = min(peak("large"), peak("large-again"))

    assert (tmp_path / "large" / "media" / "00" / big.name).stat().st_size == size
    assert large - small < size / 4


def test_pictures_may_come_and_go_while_a_backup_is_made(site, settings, database, tmp_path):
    stop = threading.Event()

    def change():
        number = 0
        while not stop.is_set():
            number += 1
            made = storage.media(site).store(pictures.Picture(str(number).encode(), "image/webp", "webp", 1, 1))
            with database.writing() as db:
                ann = credentials.by_login(db, "ann").account_id
                replaced = db.scalar(select(account.c.avatar).where(account.c.id == ann))
                profiles.change_profile(db, now=NOW, account_id=ann, changes=ProfileChanges(avatar=made))
            stored_files.remove_unused(database, storage.media(site), [replaced] if replaced else [])

    changer = threading.Thread(target=change)
    changer.start()
    for number in range(5):
        backup.write(site, tmp_path / f"{number}.backup")
    stop.set()
    changer.join()

    for number in range(5):
        place = msgspec.structs.replace(settings, data=tmp_path / f"restored{number}")
        restoring.restore(place, tmp_path / f"{number}.backup")
        opened = Database(place.database_url)
        with opened.reading() as db:
            avatar = db.scalar(select(account.c.avatar).where(account.c.username == "ann"))
        opened.close()
        assert (place.data / "media" / avatar).is_file()


def test_a_backup_made_while_people_write_is_of_one_moment(site, settings, tmp_path):
    stop = threading.Event()
    opened = Database(site.database_url)

    def write():
        number = 0
        while not stop.is_set():
            with opened.writing() as db:
                sign_up = SignUp(username=f"n{number}", email=f"n{number}@mail.example", password_hash="x")
                account_id = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
                posts.publish(db, site, now=NOW, author_id=account_id, draft=Draft(text="hello #again"))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    file = tmp_path / "site.backup"
    for _ in range(3):
        backup.write(site, file)
    stop.set()
    writer.join()
    opened.close()
    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    restoring.restore(place, file)
    found = rows(place.database_url)

    # Each account came with its post, in one transaction.
    assert len([row for row in found["account"] if row[1].startswith("n")]) == len(found["post"]) - 3


@pytest.mark.parametrize(
    "damage",
    [
        "cut",
        "changed",
        "not one",
        "not there",
        "newer",
        "leads out",
        "absolute",
        "link",
        "twice",
        "unknown file",
        "file not in the manifest",
    ],
)
def test_a_file_that_is_no_whole_backup_is_refused_before_anything_is_touched(site, settings, tmp_path, damage):
    file, place = tmp_path / "site.backup", msgspec.structs.replace(settings, data=tmp_path / "restored")
    backup.write(site, file)
    spoil(file, damage)

    with pytest.raises(Invalid):
        restoring.restore(place, file)
    assert files(place.data) == {}
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    "damage", ["row left out", "value left out", "table left out", "unknown table", "unknown column"]
)
def test_rows_that_do_not_fit_leave_nothing_behind(site, empty_site, tmp_path, damage):
    file = tmp_path / "site.backup"
    backup.write(site, file)
    spoil(file, damage)

    with pytest.raises(Invalid, match="damaged"):
        restoring.restore(empty_site, file)
    assert files(empty_site.data).keys() <= {"twite.sqlite", "twite.sqlite-wal", "twite.sqlite-shm"}
    migrations.upgrade(empty_site.database_url)
    assert not any(rows(empty_site.database_url).values())


def spoil(file, damage):
    content, members = file.read_bytes(), unpacked(file)
    match damage:
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "not one":
            file.write_bytes(b"hello")
        case "not there":
            file.unlink()
        case "changed":
            members["tables/post.jsonl"] += b" "
            pack(file, members)
        case _:
            manifest = msgspec.json.decode(members[backup.MANIFEST])
            spoil_manifest(members, manifest, damage)
            pack(file, members, manifest, extra_members(file.parent).get(damage))


def spoil_manifest(members, manifest, damage):
    tables = manifest["tables"]
    match damage:
        case "row left out":
            members["tables/post.jsonl"] = members["tables/post.jsonl"].split(b"\n", 1)[1]
        case "value left out":
            members["tables/post.jsonl"] = members["tables/post.jsonl"].replace(b"]", b",1]")
        case "table left out":
            del members["tables/post.jsonl"]
        case "unknown table":
            members["tables/other.jsonl"] = b""
            tables["other"] = {"columns": {"id": "plain"}, "rows": 0}
        case "unknown column":
            tables["post"]["columns"] = {f"{name}_": kind for name, kind in tables["post"]["columns"].items()}
        case "newer":
            manifest["revision"] = "9999"


def extra_members(folder):
    return {
        "leads out": ("../../escaped", tarfile.REGTYPE),
        "absolute": (str(folder / "escaped"), tarfile.REGTYPE),
        "link": ("tables/link.jsonl", tarfile.SYMTYPE),
        "twice": (secret.KEY_FILE, tarfile.REGTYPE),
        "unknown file": ("twite.toml", tarfile.REGTYPE),
        "file not in the manifest": (f"media/00/{'0' * 64}.webp", tarfile.REGTYPE),
    }


def unpacked(file):
    with tarfile.open(file) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def pack(file, members, manifest=None, extra=None):
    """Write an archive; where a manifest is given, with digests that fit."""
    if manifest is not None:
        listed = {name: content for name, content in members.items() if not name.startswith("manifest.")}
        manifest["digests"] = {name: hashlib.sha256(content).hexdigest() for name, content in listed.items()}
        encoded = msgspec.json.encode(manifest)
        signature = secret.backup_signature(members[secret.KEY_FILE], encoded).encode()
        members = listed | {backup.MANIFEST: encoded, backup.SIGNATURE: signature}
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if extra is not None:
            member = tarfile.TarInfo(extra[0])
            member.type, member.linkname = extra[1], "/etc/hostname"
            archive.addfile(member, io.BytesIO(b""))


def files(folder):
    if not folder.exists():
        return {}
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
