"""Reporting accounts and posts on the site, and settling that."""

import re

import pytest

from twite_common.queries.moderation import reports
from twite_common.queries.paging import Page
from twite_common.services.accounts import accounts


@pytest.fixture
def as_moderator(database, logged_in, cho):
    with database.writing() as db:
        accounts.set_role(db, account_id=cho.id, role="moderator")
    return logged_in(cho)


@pytest.fixture
def report(database):
    """The only report that there is."""

    def report(resolved=None):
        with database.reading() as db:
            [found] = reports.several(db, Page(), resolved=resolved)
        return found

    return report


def test_a_post_is_reported_with_its_button(as_ann, ann, bob, make_post, report):
    post_id = make_post(bob, "Something rude")
    as_ann.open(f"/posts/{post_id}/menu")
    as_ann.open(as_ann.page.find("a", href=re.compile(r"/report\?"))["href"])
    shown = as_ann.text
    as_ann.submit(f"/accounts/{bob.id}/report", {"category": "spam", "comment": "It <b>is</b>."})

    assert "Something rude" in shown
    assert (as_ann.path, "will review your report" in as_ann.text) == ("/@bob", True)
    made = report()
    assert (made.account_id, made.target_id, made.posts()) == (ann.id, bob.id, [post_id])
    assert (made.category, made.comment) == ("spam", "It <b>is</b>.")


def test_an_account_is_reported_from_its_page_but_not_ones_own(as_ann, bob, report):
    as_ann.open("/@ann")
    own = as_ann.page.select("a[href$='/report']")
    as_ann.open("/@bob")
    as_ann.open(as_ann.page.select_one("a[href$='/report']")["href"])
    as_ann.submit(f"/accounts/{bob.id}/report")

    assert own == []
    assert report().posts() == []


def test_a_report_with_something_wrong_is_shown_again(as_ann, bob, make_post):
    post_id = make_post(bob)
    as_ann.open(f"/accounts/{bob.id}/report?post_id={post_id}")
    response = as_ann.submit(f"/accounts/{bob.id}/report", {"comment": "x" * 1001})

    assert (response.status_code, as_ann.value("comment"), as_ann.value("post_id")) == (422, "x" * 1001, str(post_id))


def test_strangers_are_sent_to_log_in_and_nobody_reports_who_is_not_there(stranger, as_ann, bob):
    stranger.open(f"/accounts/{bob.id}/report")

    assert stranger.path == "/login"
    assert as_ann.open("/accounts/1/report").status_code == 404
    assert as_ann.open(f"/accounts/{bob.id}/report?post_id=x").status_code == 404


def test_a_moderator_is_told_and_settles_it(as_ann, as_moderator, bob, cho, make_post, report):
    post_id = make_post(bob, "@ann something rude", visibility="mentioned")
    as_ann.open(f"/accounts/{bob.id}/report?post_id={post_id}")
    as_ann.submit(f"/accounts/{bob.id}/report", {"comment": "Help."})
    id = report().id
    as_moderator.open("/notifications")
    as_moderator.open(as_moderator.page.find("a", string="View report")["href"])
    shown = as_moderator.text
    as_moderator.submit(f"/admin/reports/{id}/assign")
    as_moderator.submit(f"/admin/reports/{id}/resolve")
    settled = report(resolved=True)
    as_moderator.submit(f"/admin/reports/{id}/reopen")
    as_moderator.submit(f"/admin/reports/{id}/unassign")

    assert "something rude" in shown
    assert "Help." in shown
    assert (settled.assigned_id, settled.resolved_by_id) == (cho.id, cho.id)
    assert (report().assigned_id, report(resolved=False).resolved_at) == (None, None)


def test_reports_are_listed_by_whether_they_are_settled(as_ann, as_moderator, bob, report):
    as_ann.open(f"/accounts/{bob.id}/report")
    as_ann.submit(f"/accounts/{bob.id}/report", {"comment": "Look here."})
    as_moderator.open("/admin/reports")
    waiting = as_moderator.text
    as_moderator.open(f"/admin/reports/{report().id}")
    as_moderator.submit(f"/admin/reports/{report().id}/resolve")
    as_moderator.open("/admin/reports?settled=1")

    assert "Look here." in waiting
    assert "resolved by @cho" in as_moderator.text
    assert "No reports." in (as_moderator.open("/admin/reports") and as_moderator.text)


def test_doing_something_about_an_account_settles_the_report_that_led_there(as_ann, as_moderator, bob, report):
    as_ann.open(f"/accounts/{bob.id}/report")
    as_ann.submit(f"/accounts/{bob.id}/report")
    as_moderator.open(f"/admin/reports/{report().id}")
    as_moderator.open(as_moderator.page.find("a", string="Take action on @bob")["href"])
    as_moderator.submit(f"/admin/accounts/{bob.id}/act", {"action": "none", "text": "Be kind."})

    assert report().resolved_at is not None
