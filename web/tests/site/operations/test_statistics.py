"""Statistics as pages, charts and CSV: the site's, one's own, and a year in review."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from twite_common import clock
from twite_common.drafts import Draft
from twite_common.services.accounts import follows, preferences, profiles
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.operations import statistics
from twite_common.services.posts import boosts, favourites, posts
from twite_common.tables import account_daily_statistics, daily_statistics


@pytest.fixture
def today():
    return clock.as_date(clock.now())


@pytest.fixture
def count(database):
    """Have the periodic job count today."""

    def count():
        with database.writing() as db:
            statistics.compute(db, clock.as_date(clock.now()), now=clock.now())

    return count


@pytest.fixture
def favourite(database):
    def favourite(post_id, *people):
        with database.writing() as db:
            for person in people:
                favourites.favourite_post(db, now=clock.now(), account_id=person.id, post_id=post_id)

    return favourite


def figures(browser):
    """Return the charts of the open page: their title and what sums them up."""
    return {one.h3.text: one.figcaption.strong.text for one in browser.page.find_all("figure")}


def rows(browser, chart):
    table = browser.page.find(id=f"chart-{chart}").table
    return [[cell.text for cell in row.find_all(["th", "td"])] for row in table.tbody.find_all("tr")]


def heading(browser, text):
    return next((one for one in browser.page.find_all("h2") if one.text == text), None)


def test_the_site_shows_its_figures_as_charts_with_tables(open_browser, count, ann, bob, make_post, favourite):
    post = make_post(ann, "One")
    make_post(bob, "Two", in_reply_to_id=post)
    favourite(post, bob)
    count()
    browser = open_browser()
    browser.open("/about/statistics?days=7")

    assert figures(browser) == {
        "Posts": "2",
        "Replies": "1",
        "People": "2",
        "Active people a day": "2",
        "New people": "2",
        "Favourites": "1",
        "Boosts": "0",
        "Media": "0",
        "Follows": "0",
        "E-mails": "0",
    } | {"Active people a day": figures(browser)["Active people a day"]}
    assert [value for _day, value in rows(browser, "posts")] == ["0"] * 6 + ["2"]
    assert [value for _day, value in rows(browser, "accounts")][-1] == "2"
    [drawing] = browser.page.select("#chart-posts svg[role=img] .chart-bars")
    assert drawing["d"] == "M61 100V0h8V100z"
    assert browser.page.select_one("#chart-posts svg")["aria-label"].startswith("Posts, from ")


@pytest.mark.parametrize(
    ("days", "columns", "kind"),
    [("7", 7, "Day"), ("30", 30, "Day"), ("x", 30, "Day"), ("0", 1, "Day"), ("90", 13, "Week"), ("365", 52, "Week")],
)
def test_a_period_has_columns_of_days_or_weeks(open_browser, count, days, columns, kind):
    count()
    browser = open_browser()
    browser.open(f"/about/statistics?days={days}")

    assert len(rows(browser, "posts")) == columns
    assert browser.page.find(id="chart-posts").thead.th.text == kind


def test_all_time_begins_with_the_site_and_has_months(open_browser, database, count, today):
    count()
    browser = open_browser()
    browser.open("/about/statistics?days=all")
    at_first = rows(browser, "posts")
    began = today - timedelta(days=800)
    with database.writing() as db:
        db.execute(insert(daily_statistics).values(day=began, posts=5, accounts=3, media=0, computed_at=0))
    browser.open("/about/statistics?days=all")
    found = rows(browser, "posts")

    assert len(at_first) == 1
    assert browser.page.find(id="chart-posts").thead.th.text == "Month"
    assert len(found) == (today.year - began.year) * 12 + today.month - began.month + 1
    assert found[0][1] == "5"


def test_people_of_days_that_nobody_has_filled_in_follow_from_those_who_came_later(open_browser, database, today):
    days = [(0, 10, 2), (1, None, 3), (2, None, 1), (3, 4, 0)]
    with database.writing() as db:
        for ago, accounts, new in days:
            row = {"day": today - timedelta(days=ago), "accounts": accounts, "new_accounts": new, "computed_at": 0}
            db.execute(insert(daily_statistics).values(row))
    browser = open_browser()
    browser.open("/about/statistics?days=4")

    assert [value for _day, value in rows(browser, "accounts")] == ["4", "5", "8", "10"]


def test_the_sites_figures_are_to_be_had_as_csv_and_as_a_chart(client, count, ann, make_post, today):
    make_post(ann, "One")
    count()
    whole = client.get("/about/statistics.csv?days=7")
    head, line = whole.text.splitlines()
    one = client.get("/about/statistics.csv?days=all&figure=posts")
    chart = client.get("/about/statistics/posts.svg?days=7")

    assert head.startswith("Date,Posts,Replies,People,")
    assert line.startswith(f"{today},1,0,1,")
    assert one.text.splitlines() == ["Date,Posts", f"{today},1"]
    assert (chart.status_code, chart.headers["content-type"]) == (200, "image/svg+xml")
    assert "Accept-Language" in chart.headers["vary"]
    assert "<title>Posts, from " in chart.text
    assert "unsafe" not in chart.headers["content-security-policy"]
    for path in ("/about/statistics/nothing.svg", "/about/statistics/posts", "/about/statistics.csv?figure=x"):
        assert client.get(path).status_code == 404


def test_ones_own_are_for_those_who_are_logged_in(client):
    for path in ("/statistics", "/statistics.csv", "/statistics/2026"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login"), path


def test_one_sees_what_one_wrote_and_received(as_ann, count, database, ann, bob, make_post, favourite, settings):
    post = make_post(ann, "Hello")
    make_post(bob, "Hi", in_reply_to_id=post)
    make_post(ann, "How are you?", in_reply_to_id=post)
    favourite(post, bob)
    with database.writing() as db:
        boosts.boost_post(db, settings, now=clock.now(), account_id=bob.id, post_id=post)
        follows.follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)
    count()
    as_ann.open("/statistics")

    assert figures(as_ann) | {"Best hours": "", "Best weekdays": ""} == {
        "Posts": "2",
        "Replies written": "1",
        "Replies received": "1",
        "Favourites received": "1",
        "Boosts received": "1",
        "New followers": "1",
        "Followers": "1",
        "Best hours": "",
        "Best weekdays": "",
    }
    assert [one["id"] for one in as_ann.page.select("article.post")] == [f"post-{post}"]
    assert as_ann.response.headers["cache-control"] == "private, no-store"


def test_somebody_new_is_told_that_there_is_nothing_yet(as_ann):
    for days in ("7", "all"):
        as_ann.open(f"/statistics?days={days}")
        assert "Nothing that you wrote in this time" in as_ann.page.text
        assert heading(as_ann, "When your posts do best") is None


def test_hours_and_weekdays_are_those_of_ones_own_time_zone(as_ann, database, ann, bob, settings, favourite):
    day = clock.start_of(clock.as_date(clock.now())) - 3 * clock.DAY
    with database.writing() as db:
        preferences.change_preferences(db, account_id=ann.id, changes=PreferenceChanges(time_zone="Asia/Kolkata"))
        post = posts.publish(
            db, settings, now=day + 22 * clock.HOUR, author_id=ann.id, draft=Draft(text="Late in London")
        )
    favourite(post, bob)
    as_ann.open("/statistics?days=7")
    there = datetime.fromtimestamp(day / 1000, UTC) + timedelta(days=1)

    assert figures(as_ann)["Best hours"] == "03:00"
    assert figures(as_ann)["Best weekdays"] == f"{there:%A}"
    assert ["03:00", "1"] in rows(as_ann, "hours")
    assert "Asia/Kolkata" in as_ann.page.text


def test_a_post_from_whose_page_somebody_followed_is_credited_and_they_are_not_named(
    as_ann, logged_in, ann, bob, make_post
):
    post = make_post(ann, "Look at this heron")
    as_bob = logged_in(bob)
    as_bob.open(f"/@ann/{post}")
    as_bob.submit(f"/accounts/{ann.id}/follow")
    as_bob.open(f"/@ann/{post}")
    as_ann.open("/statistics")
    table = as_ann.page.select_one("table.shares")

    assert f"/accounts/{ann.id}/follow" not in as_bob.actions()
    assert [cell.text.strip() for cell in table.tbody.find_all(["th", "td"])] == ["Look at this heron", "1"]
    assert "bob" not in table.text
    assert as_ann.client.get("/statistics.csv?table=followers_by_post").text.splitlines() == [
        "Address,New followers",
        f"http://twite.example/@ann/{post},1",
    ]


@pytest.mark.parametrize("state", ["blocking", "own", "requested"])
def test_a_posts_page_has_no_button_to_follow_where_that_means_nothing(
    logged_in, database, ann, bob, make_post, api, state
):
    post = make_post(ann, "Look")
    if state == "blocking":
        api(bob).post(f"/api/v1/accounts/{ann.id}/block")
    if state == "requested":
        with database.writing() as db:
            changes = profiles.ProfileChanges(locked=True)
            profiles.change_profile(db, now=clock.now(), account_id=ann.id, changes=changes)
            follows.follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)
    browser = logged_in(ann if state == "own" else bob)
    browser.open(f"/@ann/{post}")

    assert f"/accounts/{ann.id}/follow" not in browser.actions()


def test_ones_own_tables_are_to_be_had_as_csv(as_ann, count, ann, bob, make_post, favourite, today):
    post = make_post(ann, "Hello")
    favourite(post, bob)
    count()

    def table(name):
        return as_ann.client.get("/statistics.csv", params={"days": 7, "table": name}).text.splitlines()

    assert table("") == [
        "Date,Posts,Replies written,Replies received,Favourites received,Boosts received,New followers,Followers",
        f"{today},1,0,0,1,0,0,0",
    ]
    assert table("favourites") == ["Date,Favourites received", f"{today},1"]
    assert (table("hours")[0], len(table("hours"))) == ("Hour,Reactions per post", 25)
    assert (table("weekdays")[0], len(table("weekdays"))) == ("Weekday,Reactions per post", 8)
    assert table("best_posts")[1].startswith(f"http://twite.example/@ann/{post},")
    assert table("best_posts")[1].endswith(",1,0,0")
    assert as_ann.client.get("/statistics.csv?table=x").status_code == 404


def test_the_heads_of_tables_are_in_the_readers_language(as_ann, stranger):
    def head(browser, path):
        return browser.client.get(path, headers={"Accept-Language": "de"}).text.splitlines()[0]

    assert head(as_ann, "/statistics.csv?table=hours") == "Uhrzeit,Reaktionen pro Beitrag"
    assert head(stranger, "/about/statistics.csv?figure=posts") == "\ufeffDatum,Beiträge"


def test_days_are_those_of_ones_own_time_zone(as_ann, database, ann, settings, today):
    day = clock.start_of(today) - 3 * clock.DAY
    with database.writing() as db:
        preferences.change_preferences(db, account_id=ann.id, changes=PreferenceChanges(time_zone="Asia/Kolkata"))
        for at in (day + 18 * clock.HOUR, day + 19 * clock.HOUR):
            posts.publish(db, settings, now=at, author_id=ann.id, draft=Draft(text="Late"))
        statistics.compute(db, clock.as_date(day), now=clock.now())
    lines = as_ann.client.get("/statistics.csv?days=7&table=posts").text.splitlines()

    assert lines[1:] == [f"{today - timedelta(days=2)},1", f"{today - timedelta(days=3)},1"]
    assert "Asia/Kolkata" in as_ann.open("/statistics").text


def test_followers_go_down_again_and_end_with_how_many_there_are(as_ann, database, ann, bob, today):
    with database.writing() as db:
        follows.follow_account(db, now=clock.now(), follower_id=bob.id, followee_id=ann.id)
        known = {3: (7, 0), 2: (None, 4), 1: (3, 0), 0: (None, 0)}
        for ago, (followers, new) in known.items():
            row = {"day": today - timedelta(days=ago), "followers": followers, "new_followers": new}
            db.execute(insert(account_daily_statistics).values(account_id=ann.id, **row))
    as_ann.open("/statistics?days=4")

    assert [value for _day, value in rows(as_ann, "followers")] == ["7", "3", "3", "1"]


@pytest.fixture
def year(today, database, ann, bob, settings, make_post, favourite):
    """This year of Ann's, of which the first and the best post are returned."""
    first, best = make_post(ann, "The first #wrens"), make_post(ann, "The best #wrens #heath")
    answer = make_post(bob, "@ann yes", in_reply_to_id=best)
    make_post(ann, "@bob quite", in_reply_to_id=answer)
    favourite(best, bob)
    with database.writing() as db:
        statistics.compute(db, today, now=clock.now())
    return first, best


def test_a_year_in_review(as_ann, database, year, ann, today):
    first, best = year
    with database.writing() as db:
        # Streaks are told from the days that were counted; these may lie in the year before.
        for ago in (1, 2, 5, 6):
            row = {"account_id": ann.id, "day": today - timedelta(days=ago), "posts": 2}
            db.execute(insert(account_daily_statistics).values(row))
    as_ann.open(f"/statistics/{today.year}")
    tiles = {one.dt.text: one.dd.text for one in as_ann.page.select(".tiles > div")}
    posts = [one["id"] for one in as_ann.page.select("article.post")]
    people = [one.text for one in as_ann.page.select(".list > li")]

    assert (tiles["Replies received"], tiles["Favourites received"]) == ("1", "1")
    assert [one.get_text(" ", strip=True) for one in as_ann.page.select(".shares tbody th")] == ["#wrens", "#heath"]
    assert posts == [f"post-{best}", f"post-{first}"]
    assert len(people) == 1
    assert "@bob" in people[0]
    assert "1 reply from you" in people[0]
    if today.timetuple().tm_yday > 6:
        assert tiles["Longest streak"] == "3 days"
        assert tiles["Posts"] == "11"


def test_there_is_no_year_before_the_account_or_after_this_one(as_ann, today):
    statuses = {
        year: as_ann.client.get(f"/statistics/{year}").status_code
        for year in (today.year, today.year - 1, today.year + 1, f"0{today.year}", "x", "²")
    }
    as_ann.open(f"/statistics/{today.year}")

    assert statuses.pop(today.year) == 200
    assert set(statuses.values()) == {404}
    assert "You posted nothing in this year." in as_ann.page.text
