"""Forms with files: nothing stays of what is refused, but for the files of a post, which its form keeps."""

import msgspec
import pytest
from sqlalchemy import func, select

from support.pictures import PICTURE, TEXT
from twite_common import clock, tables
from twite_common.services.posts import media, posts

pytestmark = pytest.mark.faults

LONG = {"text": "x" * 501}


def attached(*chosen):
    return {f"files[{number}]": one for number, one in enumerate(chosen)}


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ({"text": "x"}, [PICTURE] * 50),
        ({"text": "x", "descriptions[0]": "x" * 1501}, [PICTURE]),
    ],
    ids=["50 pictures", "long description"],
)
def test_a_post_that_is_refused_was_not_even_looked_at(as_ann, files, looked_at, values, chosen):
    as_ann.open("/compose")
    answer = as_ann.submit("/posts", values, attached(*chosen))

    assert answer.status_code == 422
    assert (files(), looked_at) == ([], [])


@pytest.mark.parametrize(
    "values", [LONG, {"text": "x", "options[0]": "only one"}, {"text": "x"}], ids=["text", "poll", "not described"]
)
def test_a_post_that_is_refused_keeps_its_files_in_the_form(as_ann, files, values):
    as_ann.open("/compose")
    answer = as_ann.submit("/posts", values, attached(PICTURE))

    assert (answer.status_code, len(files())) == (422, 1)
    assert as_ann.value("media[0][id]")


@pytest.mark.parametrize(
    "chosen",
    [
        [PICTURE, PICTURE, TEXT],
        pytest.param([PICTURE, ("a.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4")], marks=pytest.mark.needs("ffmpeg")),
    ],
    ids=["text", "no video"],
)
def test_nothing_stays_of_a_post_with_a_file_that_is_refused(as_ann, files, chosen):
    as_ann.open("/compose")
    answer = as_ann.submit("/posts", {"text": "x"}, attached(*chosen))

    assert (answer.status_code, files()) == (422, [])


@pytest.mark.parametrize("error", [msgspec.ValidationError("any"), KeyError("any")])
def test_a_file_that_was_uploaded_before_publishing_fails_is_cleaned_up_as_unused(
    as_ann, files, monkeypatch, database, error
):
    def fail(*_args, **_options):
        assert files()
        raise error

    as_ann.open("/compose")
    monkeypatch.setattr(posts, "publish_thread", fail)
    answer = as_ann.submit("/posts", {"text": "x", "descriptions[0]": "A picture"}, attached(PICTURE))

    assert answer.status_code >= 400
    with database.writing() as db:
        media.drop_left(db, now=clock.now() + 2 * clock.DAY)
        assert db.scalar(select(func.count()).select_from(tables.media)) == 0


@pytest.mark.parametrize("values", [{"bio": "x" * 501}, {"fields[0][name]": "x" * 300}], ids=["bio", "field"])
def test_a_picture_beside_something_wrong_is_not_looked_at(as_ann, files, looked_at, values):
    as_ann.open("/settings/profile")
    answer = as_ann.submit("/settings/profile", values, {"avatar": PICTURE, "header": PICTURE})

    assert answer.status_code == 422
    assert (files(), looked_at) == ([], [])


def test_a_picture_beside_one_that_is_none_does_not_stay(as_ann, files):
    as_ann.open("/settings/profile")
    answer = as_ann.submit("/settings/profile", {}, {"avatar": PICTURE, "header": TEXT})

    assert (answer.status_code, files()) == (422, [])


@pytest.mark.parametrize("shortcode", ["", "a b", "taken"])
def test_the_picture_of_an_emoji_that_can_not_be_is_not_looked_at(as_admin, files, looked_at, shortcode):
    for name in ("taken", shortcode):
        as_admin.open("/admin/emojis")
        answer = as_admin.submit("/admin/emojis", {"shortcode": name}, {"picture": PICTURE})

    assert answer.status_code == 422
    assert (len(files()), len(looked_at)) == (1, 1)


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, limit_uploads=5)


def test_files_count_for_the_limit_on_uploads_whatever_form_brings_them(as_ann, files, looked_at):
    statuses = []
    for _ in range(3):
        as_ann.open("/settings/profile")
        statuses.append(as_ann.submit("/settings/profile", {}, {"avatar": PICTURE, "header": PICTURE}).status_code)
    before = len(looked_at)
    as_ann.open("/compose")
    statuses.append(as_ann.submit("/posts", {"text": "x"}, attached(PICTURE)).status_code)
    as_ann.open("/compose")
    statuses.append(as_ann.submit("/posts", {"text": "a post without files"}).status_code)

    assert statuses == [200, 200, 429, 429, 200]
    assert (before, len(looked_at)) == (4, 4)
