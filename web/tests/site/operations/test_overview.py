"""The first page of the administration: what waits, what a new site lacks, and that there is nothing to do."""

import pytest
from sqlalchemy import insert, select, update

from twite_common import clock, outbox
from twite_common.services.operations import checklist
from twite_common.tables import checklist_mark, event, mail, rule


def items(browser):
    """What the list of the first hour says is done."""
    return {
        entry.find("p").get_text(" ", strip=True).removesuffix(" done").removesuffix(" to do"): "done" in entry["class"]
        for entry in browser.page.select(".checklist > li")
    }


def test_most_days_there_is_nothing_to_do(as_admin):
    as_admin.open("/admin")

    assert "Nothing to do" in as_admin.text
    assert as_admin.page.select(".attention") == []
    assert len(as_admin.page.select("figure.chart")) == 4


def test_what_waits_is_named_with_the_way_there(database, as_admin, as_ann, bob):
    as_ann.open(f"/accounts/{bob.id}/report")
    as_ann.submit(f"/accounts/{bob.id}/report")
    with database.writing() as db:
        outbox.add(db, "post.deliver", now=clock.now(), post_id=1)
        db.execute(update(event).values(parked_at=clock.now()))
    as_admin.open("/admin")
    waiting = {link["href"]: link.text for link in as_admin.page.select(".attention a")}

    assert waiting == {"/admin/reports": "1 report is open", "/admin/events": "1 task has failed"}


def test_moderators_are_told_what_is_theirs(as_role):
    browser = as_role("moderator")
    browser.open("/admin")

    assert "Nothing to do" in browser.text
    assert items(browser) == {}
    assert "Disk:" not in browser.text


def test_a_new_site_is_told_what_it_lacks(database, as_admin, make_account):
    as_admin.open("/admin")
    before = items(as_admin)
    with database.writing() as db:
        db.execute(insert(rule).values(id=1, text="Be kind.", position=1))
        checklist.mark_backup(db, now=clock.now())
        db.execute(insert(mail).values(id=1, kind="test", address="x@mail.example", state="sent", due_at=0))
    make_account("dot", role="moderator")
    as_admin.open("/admin")
    changed = {name for name, done in items(as_admin).items() if done and not before[name]}

    assert not any(before.values())
    assert changed == {"Rules", "A backup from the last month", "Mail that arrives", "Somebody else who helps"}


def test_an_old_backup_is_none(database, as_admin):
    with database.writing() as db:
        checklist.mark_backup(db, now=clock.now() - 40 * clock.DAY)
    as_admin.open("/admin")

    assert not items(as_admin)["A backup from the last month"]


def test_what_shows_nowhere_is_marked_by_hand(as_admin):
    as_admin.open("/admin")
    as_admin.submit("/admin/checklist/registration")

    assert items(as_admin)["Who may sign up"]


def test_the_list_is_dismissed_for_good(as_admin):
    as_admin.open("/admin")
    as_admin.submit("/admin/checklist/dismissed")

    assert items(as_admin) == {}


@pytest.mark.parametrize(("role", "name", "status"), [("moderator", "dismissed", 403), ("admin", "backup", 404)])
def test_others_mark_nothing_and_nobody_marks_what_is_known(database, as_role, role, name, status):
    browser = as_role(role)
    browser.open("/settings")
    response = browser.client.post(f"/admin/checklist/{name}", data={"form_token": browser.value("form_token")})

    assert response.status_code == status
    with database.reading() as db:
        assert db.execute(select(checklist_mark)).all() == []


def test_all_failed_tasks_are_tried_again_at_once(database, as_admin):
    with database.writing() as db:
        for _ in range(3):
            outbox.add(db, "post.deliver", now=clock.now(), post_id=1)
        db.execute(update(event).values(parked_at=clock.now(), attempts=8))
    as_admin.open("/admin/events")
    as_admin.submit("/admin/events/retry")
    with database.reading() as db:
        assert [found.parked_at for found in outbox.pending(db)] == [None] * 3
