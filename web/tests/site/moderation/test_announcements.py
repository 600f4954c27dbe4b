"""Announcements on the site."""

import pytest


def test_an_announcement_is_on_the_first_page_until_it_is_put_away(as_admin, as_bob):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We <move> on Monday"})
    as_bob.open("/")
    before = as_bob.text
    as_bob.submit(next(action for action in as_bob.actions() if action.startswith("/announcements/")))

    assert "We <move> on Monday" in before
    assert as_bob.path == "/"
    assert "Monday" not in as_bob.text


def test_a_deleted_announcement_is_gone(as_admin, as_bob):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We move on Monday"})
    as_admin.submit(next(action for action in as_admin.actions() if action.endswith("/delete")))
    as_bob.open("/")

    assert "Monday" not in as_bob.text


def test_an_announcement_is_changed(as_admin, as_bob, bob):
    as_admin.open("/admin/announcements")
    times = {"starts": "2026-05-01T18:00", "ends": "2099-05-02T18:00", "all_day": "1"}
    as_admin.submit("/admin/announcements", {"text": "We move on Monday", **times})
    link = next(a["href"] for a in as_admin.page.find_all("a") if a.get_text().startswith("Edit"))
    as_admin.open(link)
    shown = {name: as_admin.value(name) for name in ("text", *times)}
    as_admin.submit(link, {"text": "@bob moves on Tuesday", "all_day": None})
    as_bob.open("/")

    assert shown == {"text": "We move on Monday", **times}
    assert as_admin.path == "/admin/announcements"
    assert "moves on Tuesday" in as_bob.text
    assert as_bob.page.find("a", class_="mention")["href"].endswith("/@bob")


def test_a_change_that_can_not_be_is_shown_again(as_admin):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We move on Monday"})
    link = next(a["href"] for a in as_admin.page.find_all("a") if a.get_text().startswith("Edit"))
    as_admin.open(link)

    assert as_admin.submit(link, {"starts": "2026-05-01T18:00", "ends": "2026-05-01T17:00"}).status_code == 422
    assert as_admin.value("starts") == "2026-05-01T18:00"
    assert as_admin.page.find(id="ends-problem") is not None
    assert as_admin.open("/admin/announcements/17").status_code == 404


@pytest.mark.parametrize(
    "values", [{"text": ""}, {"text": "x", "ends": "2020-01-01T10:00"}, {"text": "x", "starts": "y"}]
)
def test_what_can_not_be_announced_is_shown_again(as_admin, values):
    as_admin.open("/admin/announcements")

    assert as_admin.submit("/admin/announcements", values).status_code == 422


def test_members_announce_nothing(as_bob):
    as_bob.open("/settings")
    sent = {"form_token": as_bob.value("form_token"), "text": "mine"}

    assert as_bob.open("/admin/announcements").status_code == 403
    assert as_bob.client.post("/admin/announcements", data=sent).status_code == 403


def test_people_react_and_take_it_back(as_admin, as_bob):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We move on Monday"})
    as_bob.open("/")
    react = next(action for action in as_bob.actions() if action.endswith("/react"))
    as_bob.submit(react, {"name": "🎉"})
    own = [" ".join(one.get_text().split()) for one in as_bob.page.select(".reaction.own")]
    as_admin.open("/")
    others = (
        as_admin.page.select(".reaction.own"),
        as_admin.page.select_one(".reactions .reaction").get_text(" ").split(),
    )
    as_bob.submit(next(action for action in as_bob.actions() if action.endswith("/unreact")))

    assert own == ["🎉 1"]
    assert others == ([], ["🎉", "1"])
    assert not as_bob.page.select(".reaction.own")


def test_what_is_no_emoji_is_refused(as_admin, as_bob):
    as_admin.open("/admin/announcements")
    as_admin.submit("/admin/announcements", {"text": "We move on Monday"})
    as_bob.open("/")
    as_bob.submit(next(action for action in as_bob.actions() if action.endswith("/react")), {"name": "hooray"})

    assert as_bob.response.status_code == 422
