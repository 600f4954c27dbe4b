import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import reports as queries
from twite_common.queries.paging import Page
from twite_common.services.accounts import accounts
from twite_common.services.moderation import reports
from twite_common.services.moderation.reports import ReportDraft
from twite_common.tables import audit_entry, notification, rule


@pytest.fixture
def file(db, bob, cho):
    """Have Cho report Bob."""

    def file(**draft):
        return reports.file(db, now=NOW, account_id=cho.id, draft=ReportDraft(**{"target_id": bob.id, **draft}))

    return file


@pytest.fixture
def moderator(db, ann):
    accounts.set_role(db, account_id=ann.id, role="moderator")
    return viewers.by_account(db, ann.id)


def test_those_who_settle_reports_are_told(db, ann, bob, cho, moderator, file):
    id = file()

    told = db.execute(select(notification.c.account_id, notification.c.from_account_id, notification.c.report_id))
    assert told.all() == [(ann.id, cho.id, id)]


def test_a_report_names_posts_of_the_account_that_the_reporter_can_see(db, ann, bob, cho, file, make_post):
    seen, hidden = make_post(bob), make_post(bob, visibility="followers")
    named = make_post(bob, "@cho", visibility="mentioned")
    id = file(post_ids=(named, seen, hidden, make_post(ann), 1, seen))

    assert queries.get(db, id).posts() == [named, seen]


def test_known_rules_make_it_a_violation(db, file):
    db.execute(insert(rule), {"id": 7, "position": 1, "text": "Be kind."})
    id = file(rule_ids=(7, 8), category="spam")

    found = queries.get(db, id)
    assert (found.category, found.rules()) == ("violation", [7])


@pytest.mark.parametrize("draft", [{"category": "boring"}, {"comment": "x" * 1001}, {"comment": "\0"}])
def test_what_a_report_cannot_say_is_refused(file, draft):
    with pytest.raises(Invalid):
        file(**draft)


def test_an_account_that_is_not_there_cannot_be_reported(file):
    with pytest.raises(NotFound):
        file(target_id=1)


def test_a_report_is_taken_on_settled_and_opened_again_and_each_is_recorded(db, ann, moderator, file):
    id = file()
    step = {"now": NOW, "viewer": moderator, "report_id": id}
    reports.assign(db, **step, to_oneself=True)
    reports.settle(db, **step, resolved=True)
    settled = queries.get(db, id)
    reports.settle(db, **step, resolved=False)
    reports.assign(db, **step, to_oneself=False)
    reports.change(db, **step, category="spam")

    assert (settled.assigned_id, settled.resolved_by_id, settled.resolved_at) == (ann.id, ann.id, NOW)
    opened = queries.get(db, id)
    assert (opened.assigned_id, opened.resolved_by_id, opened.resolved_at, opened.category) == (
        None,
        None,
        None,
        "spam",
    )
    actions = db.scalars(select(audit_entry.c.action).order_by(audit_entry.c.id)).all()
    assert actions == ["assign", "resolve", "reopen", "unassign", "update"]


def test_nobody_else_settles_reports(db, bob, file):
    id, viewer = file(), viewers.by_account(db, bob.id)
    for refused in (
        lambda: reports.settle(db, now=NOW, viewer=viewer, report_id=id, resolved=True),
        lambda: reports.assign(db, now=NOW, viewer=viewer, report_id=id, to_oneself=True),
        lambda: reports.change(db, now=NOW, viewer=viewer, report_id=id, category="spam"),
        lambda: reports.posts_of(db, [queries.get(db, id)], viewer=viewer, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_reports_are_found_by_state_and_by_whom_they_are_by_and_about(db, ann, bob, cho, moderator, file):
    settled, waiting = file(), file()
    reports.settle(db, now=NOW, viewer=moderator, report_id=settled, resolved=True)

    def found(**wanted):
        return [one.id for one in queries.several(db, Page(), **wanted)]

    assert found() == [waiting]
    assert found(resolved=True) == [settled]
    assert found(resolved=None) == [waiting, settled]
    assert found(account_id=cho.id) == found(target_id=bob.id) == [waiting]
    assert found(account_id=bob.id) == found(target_id=cho.id) == []


def test_what_was_reported_is_shown_to_those_who_settle_it_whomever_it_was_for(db, bob, moderator, file, make_post):
    named = make_post(bob, "@cho come", visibility="mentioned")
    report = queries.get(db, file(post_ids=(named,)))
    accounts.suspend(db, now=NOW, account_id=bob.id)

    assert set(reports.posts_of(db, [report], viewer=moderator, now=NOW)) == {named}
