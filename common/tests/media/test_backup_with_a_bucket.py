"""A backup holds the files wherever they are, and they are restored to where the settings say."""

import msgspec
import pytest

from support.moment import NOW
from twite_common import migrations
from twite_common.backups import backup, restoring
from twite_common.database import Database
from twite_common.errors import Conflict
from twite_common.media import storage
from twite_common.media.pictures import Picture
from twite_common.media.storage import Storage
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.identity import registrations
from twite_common.services.identity.registrations import SignUp

PLACES = ("folder", "bucket")


@pytest.fixture
def site(settings, database_url, bucket, database, tmp_path):
    """A site with a picture in its bucket and one that is still in its folder."""
    folder = msgspec.structs.replace(settings, database=database_url, data=tmp_path / "site")
    site = msgspec.structs.replace(folder, media_storage=bucket.address)
    names = [
        storage.media(place).store(Picture(content, "image/webp", "webp", 1, 1))
        for place, content in ((folder, b"old"), (site, b"new"))
    ]
    sign_up = SignUp(username="ann", email="ann@mail.example", password_hash="x")
    with database.writing() as db:
        id = registrations.create(db, now=NOW, sign_up=sign_up, confirmed=True, smtp_utf8=False)
        changes = ProfileChanges(avatar=names[0], header=names[1])
        profiles.change_profile(db, now=NOW, account_id=id, changes=changes)
    return site, names


@pytest.fixture(params=PLACES)
def empty(request, settings, s3, tmp_path):
    place = msgspec.structs.replace(settings, data=tmp_path / "restored")
    return (
        place if request.param == "folder" else msgspec.structs.replace(place, media_storage=s3.make_bucket().address)
    )


def test_a_site_is_restored_to_a_folder_or_a_bucket(site, empty, tmp_path):
    made, names = site
    file = tmp_path / "site.backup"
    backup.write(made, file)
    restoring.restore(empty, file)

    assert [Storage([storage.media(empty).home]).read(name) for name in names] == [b"old", b"new"]
    opened = Database(empty.database_url)
    with opened.reading() as db:
        assert migrations.revision(db) is not None
    opened.close()


def test_nothing_is_restored_over_what_is_in_a_bucket(site, settings, bucket, tmp_path):
    made, _names = site
    file = tmp_path / "site.backup"
    backup.write(made, file)
    before = bucket.files()
    place = msgspec.structs.replace(settings, data=tmp_path / "restored", media_storage=bucket.address)
    with pytest.raises(Conflict, match="There are media files in the bucket"):
        restoring.restore(place, file)

    assert bucket.files() == before


def test_what_cannot_be_restored_leaves_nothing_in_a_bucket(site, settings, s3, tmp_path, monkeypatch):
    made, _names = site
    file = tmp_path / "site.backup"
    backup.write(made, file)
    other = s3.make_bucket()
    place = msgspec.structs.replace(settings, data=tmp_path / "restored", media_storage=other.address)

    def fail(*_arguments):
        assert len(other.files()) == 2
        raise OSError

    monkeypatch.setattr(restoring, "_fill", fail)
    with pytest.raises(Exception, match="can't be restored"):
        restoring.restore(place, file)

    assert other.files() == set()
