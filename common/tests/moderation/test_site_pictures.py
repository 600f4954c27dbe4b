import pytest

from support.moment import NOW
from twite_common import outbox
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import site_pictures as queries
from twite_common.queries.posts import picture_files
from twite_common.services.accounts import accounts
from twite_common.services.moderation import site_pictures
from twite_common.services.operations import media_sweep
from twite_common.services.operations.media_sweep import Lost
from twite_common.services.posts import media

FIRST, SECOND = "aa/1.webp", "aa/2.webp"


@pytest.fixture
def viewer(db, ann):
    accounts.set_role(db, account_id=ann.id, role="admin")
    return viewers.by_account(db, ann.id)


@pytest.fixture
def choose(db, viewer):
    def choose(picture=None, description="A weir"):
        site_pictures.choose(db, now=NOW, viewer=viewer, picture=picture, description=description)

    return choose


def forgotten(db):
    return [event.details()["names"] for event in outbox.pending(db) if event.kind == media.UNUSED]


def test_the_file_of_a_picture_is_kept_until_another_is_chosen(db, choose, viewer):
    choose(FIRST)
    assert picture_files.unused(db, [FIRST, SECOND]) == [SECOND]
    choose(description="The weir")
    assert (queries.current(db).picture, forgotten(db)) == (FIRST, [])

    choose(SECOND)
    assert forgotten(db) == [[FIRST]]
    site_pictures.remove(db, now=NOW, viewer=viewer)
    assert forgotten(db) == [[FIRST], [SECOND]]
    assert queries.current(db) is None


def test_there_must_be_one_to_be_described_or_removed(db, choose, viewer):
    with pytest.raises(Invalid, match="choose a picture"):
        choose()
    with pytest.raises(NotFound):
        site_pictures.remove(db, now=NOW, viewer=viewer)


def test_others_choose_none(db, bob):
    member = viewers.by_account(db, bob.id)
    with pytest.raises(NotAllowed):
        site_pictures.choose(db, now=NOW, viewer=member, picture=FIRST, description="")


def test_a_picture_whose_file_is_gone_stands_for_the_site_no_more(db, choose):
    choose(FIRST)
    for file in (SECOND, FIRST):
        before = queries.current(db)
        media_sweep.mend(db, Lost("site_picture", site_pictures.ONLY_ROW, (f"media/{file}",)), now=NOW)

    assert (before.picture, queries.current(db)) == (FIRST, None)
