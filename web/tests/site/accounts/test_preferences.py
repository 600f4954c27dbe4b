"""How people post, and which mail they get when."""

import pytest

from twite_common.drafts import Draft
from twite_common.queries.accounts import credentials
from twite_common.services.posts import posts

KINDS = ["mention", "follow", "follow_request", "favourite", "boost", "post"]


@pytest.fixture
def preferences(database, ann):
    def preferences():
        with database.reading() as db:
            return credentials.preferences_of(db, ann.id)

    return preferences


@pytest.fixture
def change(as_ann):
    def change(path, **values):
        as_ann.open(path)
        return as_ann.submit(path, values)

    return change


def test_how_one_posts_is_saved_and_shown_again(as_ann, change, preferences):
    change("/settings/preferences", visibility="followers", language="de", sensitive="1")
    found = preferences()

    assert (found.visibility, found.language, found.sensitive) == ("followers", "de", True)
    assert (as_ann.value("visibility"), as_ann.value("language"), as_ann.value("sensitive")) == ("followers", "de", "1")
    assert "Your changes have been saved." in as_ann.text


def test_no_language_is_the_sites_own(as_ann, change, preferences):
    change("/settings/preferences", language="de")
    change("/settings/preferences", language="")

    assert preferences().language is None


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("/settings/preferences", "visibility", "everybody"),
        ("/settings/preferences", "language", "<b>"),
        ("/settings/preferences", "language", "d\0e"),
        ("/settings/mail", "mail_mention", "hourly"),
        ("/settings/preferences", "time_zone", "Europe/Nowhere"),
        ("/settings/preferences", "time_zone", "../../etc/passwd"),
    ],
)
def test_a_choice_that_is_not_offered_changes_nothing(change, preferences, path, field, value):
    before = preferences()
    response = change(path, **{field: value})

    assert response.status_code == 422
    assert preferences() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("choice", ["never", "at_once", "daily"])
def test_mail_about_each_kind_comes_never_at_once_or_daily(as_ann, change, preferences, kind, choice):
    change("/settings/mail", **{f"mail_{kind}": choice})

    assert getattr(preferences(), f"mail_{kind}") == choice
    assert as_ann.value(f"mail_{kind}") == choice


def test_mail_about_logins_and_weekly_digests_can_be_turned_off(change, preferences):
    change("/settings/mail", mail_login=None, mail_weekly=None)

    assert (preferences().mail_login, preferences().mail_weekly) == (False, False)


def test_quiet_hours_are_two_times_in_ones_own_time_zone(as_ann, change, preferences):
    change("/settings/preferences", time_zone="Europe/Berlin")
    change("/settings/mail", quiet_from="22:00", quiet_to="07:30")
    found = preferences()

    assert (found.quiet_from, found.quiet_to, found.time_zone) == (22 * 60, 7 * 60 + 30, "Europe/Berlin")
    assert (as_ann.value("quiet_from"), as_ann.value("quiet_to")) == ("22:00", "07:30")


def test_quiet_hours_end_by_emptying_both(change, preferences):
    change("/settings/mail", quiet_from="22:00", quiet_to="07:30")
    change("/settings/mail", quiet_from="", quiet_to="")

    assert (preferences().quiet_from, preferences().quiet_to) == (None, None)


@pytest.mark.parametrize(
    ("start", "end"),
    [("22:00", ""), ("", "07:00"), ("25:00", "07:00"), ("22:00", "x"), ("22:00", "-1:00"), ("१:00", "")],
)
def test_quiet_hours_that_are_not_two_times_are_refused_and_stay_typed(as_ann, change, preferences, start, end):
    before = preferences()
    response = change("/settings/mail", quiet_from=start, quiet_to=end)

    assert response.status_code == 422
    assert "two times, such as" in as_ann.page.find(id="quiet_from-problem").get_text()
    assert (as_ann.value("quiet_from"), as_ann.value("quiet_to")) == (start, end)
    assert preferences() == before


def test_times_are_those_of_ones_own_clocks(as_ann, stranger, ann, database, settings, change):
    at = 1_700_000_000_000  # 14 November 2023, 22:13 UTC
    with database.writing() as db:
        post_id = posts.publish(db, settings, now=at, author_id=ann.id, draft=Draft(text="Late"))

    def written(browser):
        browser.open(f"/@ann/{post_id}")
        return browser.page.select_one(".post-facts time").text

    assert written(stranger) == written(as_ann) == "14 November 2023, 22:13 UTC"
    change("/settings/preferences", time_zone="Asia/Kolkata")
    assert written(as_ann) == "15 November 2023, 03:43"
    assert written(stranger) == "14 November 2023, 22:13 UTC"
