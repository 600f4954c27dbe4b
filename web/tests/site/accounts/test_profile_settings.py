"""The profile's form: texts, fields, pictures and switches."""

import io

import msgspec
import pytest
from PIL import Image

from twite_common import outbox
from twite_common.media import pictures
from twite_common.queries.accounts import accounts
from twite_common.services.accounts import profiles
from twite_common.services.accounts.profiles import ProfileChanges
from twite_common.services.posts import media


def picture(colour="red", format="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, format)
    return ("picture.png", file.getvalue(), "image/png")


@pytest.fixture
def profile(database, ann):
    def profile():
        with database.reading() as db:
            return accounts.get(db, ann.id)

    return profile


@pytest.fixture
def change(as_ann):
    def change(values=None, files=None):
        as_ann.open("/settings/profile")
        return as_ann.submit("/settings/profile", values, files)

    return change


def test_texts_and_switches_are_saved_and_shown_again(as_ann, change, profile):
    change(
        {
            "display_name": "  Ann of\tHere ",
            "bio": "One\r\ntwo",
            "fields[0][name]": "Pronouns",
            "fields[0][value]": "she",
            "locked": "1",
            "discoverable": "1",
            "attribution_domains": "Blog.example\r\nsite.example other.example",
        }
    )
    found = profile()

    assert (found.display_name, found.bio) == ("Ann of Here", "One\ntwo")
    assert accounts.fields_of(found) == [accounts.Field("Pronouns", "she")]
    assert (found.locked, found.discoverable, found.bot, found.indexable) == (True, True, False, False)
    assert as_ann.value("bio") == "One\ntwo"
    assert as_ann.value("attribution_domains") == "blog.example\nsite.example\nother.example"
    assert as_ann.value("fields[0][value]") == "she"
    assert as_ann.value("locked") == "1"
    assert "Your changes have been saved." in as_ann.text


def test_search_engines_elsewhere_are_a_choice_of_their_own(change, profile, open_browser, ann, make_post):
    def asked_to_show_nothing():
        pages = [open_browser().open(path).text for path in ("/@ann", f"/@ann/{post_id}")]
        return ['<meta name="robots" content="noindex">' in page for page in pages]

    post_id = make_post(ann)
    change({"indexable": "1"})
    assert (profile().indexable, profile().noindex, asked_to_show_nothing()) == (True, True, [True, True])
    change({"crawlable": "1", "indexable": None})
    assert (profile().indexable, profile().noindex, asked_to_show_nothing()) == (False, False, [False, False])


def test_a_switch_that_is_turned_off_is_off(change, profile):
    change({"locked": "1"})
    change({"locked": None})

    assert profile().locked is False


def test_saving_without_changing_anything_changes_nothing(change, profile):
    change({"bio": "\n\nIndented <b>&amp;</b>", "fields[3][name]": "Last"})
    before = profile()
    change()
    after = profile()

    assert before.bio == "Indented <b>&amp;</b>"
    assert (after.bio, after.fields, after.display_name) == (before.bio, before.fields, before.display_name)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("display_name", "x" * 41, "The name can have at most 40 characters."),
        ("display_name", "nul\0", "invalid characters"),
        ("bio", "x" * 501, "The bio can have at most 500 characters."),
        ("bio", "bell\a", "invalid characters"),
        ("fields[0][name]", "x" * 256, "The name of a field can have at most 255 characters."),
        ("fields[1][value]", "x" * 256, "The value of a field can have at most 255 characters."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(as_ann, change, profile, field, value, sentence):
    before = profile()
    response = change({field: value, "locked": "1"})

    assert response.status_code == 422
    assert sentence in as_ann.text
    assert as_ann.value(field) == value
    assert as_ann.value("locked") == "1"
    assert profile() == before


class TestThePreview:
    @pytest.fixture
    def preview(self, as_ann):
        def preview(values):
            as_ann.open("/settings/profile")
            response = as_ann.submit("/settings/profile/preview", values)
            return response.status_code, " ".join(as_ann.page.find(class_="profile-preview").get_text(" ").split())

        return preview

    def test_shows_what_was_typed_and_changes_nothing(self, as_ann, preview, profile):
        before = profile()
        typed = {"display_name": "Ann <3", "bio": "Hello #birds", "fields[0][name]": "Web", "fields[0][value]": "x"}
        status, shown = preview({**typed, "bot": "1"})

        assert status == 200
        assert "Ann <3 @ann Bot Hello # birds Web x" in shown
        assert as_ann.page.select_one(".profile-preview a[href$='/tags/birds']")
        assert (as_ann.value("display_name"), as_ann.value("bot")) == ("Ann <3", "1")
        assert profile() == before

    def test_says_what_could_not_be_saved(self, as_ann, preview):
        status, shown = preview({"display_name": "x" * 41})

        assert status == 422
        assert "The name can have at most 40 characters." in as_ann.text
        assert shown.startswith("Preview ann @ann")

    def test_is_of_what_is_saved_at_first(self, as_ann, change):
        change({"display_name": "Ann of Here"})

        assert as_ann.page.select_one(".profile-preview .name").get_text() == "Ann of Here"

    def test_comes_alone_for_a_script(self, as_ann):
        as_ann.open("/settings/profile")
        sent = {"form_token": as_ann.value("form_token"), "bio": "Hello"}
        response = as_ann.client.post("/settings/profile/preview", data=sent, headers={"Twite-Part": "1"})

        assert "profile-preview" in response.text
        assert "<html" not in response.text


def test_a_verified_link_is_marked(database, ann, as_ann, stranger):
    field = accounts.Field("Web", "https://ann.example/", 1_700_000_000_000)
    with database.writing() as db:
        values = {"fields": msgspec.json.encode([field]).decode(), "version": 2}
        db.execute(profiles.CHANGE.values(**values), {"the_id": ann.id})
    for browser, path in ((stranger, "/@ann"), (as_ann, "/settings/profile")):
        browser.open(path)
        assert "Verified" in browser.page.find(class_="verified").get_text()
        assert "14 November 2023" in browser.page.find(class_="verified-mark")["title"]


def test_five_fields_are_too_many(as_ann, profile):
    as_ann.open("/settings/profile")
    fields = {f"fields[{n}][name]": "x" for n in range(5)}
    sent = {"form_token": as_ann.value("form_token"), **fields}
    response = as_ann.client.post("/settings/profile", data=sent)

    assert response.status_code == 422
    assert "A profile can have at most 4 fields." in response.text
    assert profile().fields == "[]"


def test_a_picture_and_a_header_may_both_be_as_large_as_pictures_may_be(change, profile):
    def padded(colour):
        name, content, kind = picture(colour)
        return name, content + bytes(pictures.MAX_BYTES - len(content)), kind

    change(files={"avatar": padded("red"), "header": padded("blue")})

    assert profile().avatar
    assert profile().header


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
def test_a_picture_may_be_what_phones_make(as_ann, change, profile, format):
    change(files={"avatar": picture(format=format)})

    assert profile().avatar
    accepted = {one["accept"] for one in as_ann.page.find_all("input", type="file")}
    assert accepted == {"image/jpeg,image/png,image/gif,image/webp,image/avif,image/heic,image/heif,.avif,.heic,.heif"}


def test_a_picture_and_a_header_are_stored_and_shown(settings, as_ann, change, profile):
    change(files={"avatar": picture(), "header": picture("blue")})
    found = profile()

    assert found.avatar != found.header
    with Image.open(settings.data / "media" / found.avatar) as stored:
        assert stored.size == (400, 400)
    assert as_ann.page.find("img", src=f"{settings.base_url}/media/{found.avatar}")
    assert as_ann.page.find("img", src=f"{settings.base_url}/media/{found.header}")


def test_a_picture_stays_where_none_is_chosen(change, profile):
    change(files={"avatar": picture()})
    before = profile().avatar
    change({"bio": "Hello"}, files={"avatar": ("", b"", "application/octet-stream")})

    assert profile().avatar == before
    assert profile().bio == "Hello"


def test_a_picture_that_is_replaced_or_removed_is_to_go_from_the_folder(database, change, profile):
    change(files={"avatar": picture()})
    first = profile().avatar
    change(files={"avatar": picture("green")})
    second = profile().avatar
    change({"remove_avatar": "1"})
    with database.reading() as db:
        unused = [event.details()["names"] for event in outbox.pending(db) if event.kind == media.UNUSED]

    assert profile().avatar is None
    assert unused == [[first], [second]]


def test_a_picture_that_somebody_else_has_too_stays_in_the_folder(database, settings, bob, change, profile):
    change(files={"avatar": picture()})
    name = profile().avatar
    with database.writing() as db:
        profiles.change_profile(db, now=1, account_id=bob.id, changes=ProfileChanges(header=name))
    change({"remove_avatar": "1"})

    assert profile().avatar is None
    assert (settings.data / "media" / name).exists()


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[1][:60]]
)
def test_what_is_no_picture_is_refused_and_the_rest_stays_typed(as_ann, change, profile, content):
    response = change({"bio": "Typed"}, files={"avatar": ("picture.png", content, "image/png")})

    assert response.status_code == 422
    assert "can't be used as a picture" in as_ann.text
    assert as_ann.value("bio") == "Typed"
    assert profile().avatar is None


def test_a_body_that_is_too_large_is_refused(as_ann, change, profile):
    response = change(files={"avatar": ("picture.png", b"x" * 40_000_000, "image/png")})

    assert response.status_code == 413
    assert profile().avatar is None


def test_unlocking_lets_everybody_in_who_asked(database, change, profile, cho):
    from twite_common import clock
    from twite_common.services.accounts import follows

    change({"locked": "1"})
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=cho.id, followee_id=profile().id)
    waiting = profile().followers_count
    change({"locked": None})

    assert (waiting, profile().followers_count) == (0, 1)
