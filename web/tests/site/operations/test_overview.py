"""The first page of the administration: what waits, what a new site lacks, and that there is nothing to do."""

import pytest
from sqlalchemy import insert, select, update

from twite_common import clock, outbox
from twite_common.queries.operations import checklist as checklist_queries
from twite_common.queries.operations.checklist import Checklist
from twite_common.services.operations import checklist, heartbeats
from twite_common.tables import checklist_mark, event, mail, rule
from twite_web.site.operations import overview


def items(browser):
    """What the list of the first hour says is done."""
    return {
        entry.find("p").get_text(" ", strip=True).removesuffix(" done").removesuffix(" to do"): "done" in entry["class"]
        for entry in browser.page.select(".checklist > li")
    }


def tiles(browser):
    """What the tiles say: number, state, level and address, by title."""
    return {
        tile.select_one(".overview-title").get_text(strip=True): (
            tile.strong.text,
            tile.select_one(".overview-state").text,
            tile["data-level"],
            tile["href"],
        )
        for tile in browser.page.select(".overview-tile")
    }


def test_most_days_there_is_nothing_to_do(as_admin):
    as_admin.open("/admin")
    shown = tiles(as_admin)

    assert "No open reports, nobody waits, and everything works." in as_admin.text
    assert {level for _, _, level, _ in shown.values()} == {"calm"}
    assert shown["Reports"] == ("0", "none is open", "calm", "/admin/reports")
    assert shown["Queue"] == ("0", "nothing waits", "calm", "/admin#machine")
    assert len(as_admin.page.select("figure.chart")) == 4


def test_what_waits_is_named_with_the_way_there(database, as_admin, as_ann, bob):
    as_ann.open(f"/accounts/{bob.id}/report")
    as_ann.submit(f"/accounts/{bob.id}/report")
    with database.writing() as db:
        outbox.add(db, "post.deliver", now=clock.now(), post_id=1)
        db.execute(update(event).values(parked_at=clock.now()))
    as_admin.open("/admin")
    waiting = {title: tile for title, tile in tiles(as_admin).items() if tile[2] != "calm"}

    assert waiting == {
        "Reports": ("1", "waiting for a decision", "attention", "/admin/reports"),
        "Tasks": ("1", "have failed", "attention", "/admin/events"),
    }


def test_what_is_wrong_is_said_with_what_to_do(database, as_admin):
    with database.writing() as db:
        for seconds in (100, 50, 0):
            heartbeats.record(db, "web here 1", "web", now=clock.now() - seconds * clock.SECOND)
    as_admin.open("/admin")
    [problem] = as_admin.page.select(".problems li")

    assert "no worker is running" in problem.text
    assert "systemctl start twite-worker" in problem.text
    assert "everything works" not in as_admin.text


def test_moderators_are_told_what_is_theirs(as_role):
    browser = as_role("moderator")
    browser.open("/admin")

    assert "No open reports, and nobody waits." in browser.text
    assert items(browser) == {}
    assert list(tiles(browser)) == ["Reports", "Held posts", "Pending accounts", "Accounts"]


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


def test_the_list_is_folded_once_most_of_it_is_done(as_admin, monkeypatch):
    found = {}
    for done in (5, 6):
        given = Checklist({name: number < done for number, name in enumerate(overview.ITEMS)}, dismissed=False)
        monkeypatch.setattr(checklist_queries, "checklist", lambda *_, given=given, **__: given)
        as_admin.open("/admin")
        [details] = as_admin.page.select("#checklist")
        found[details.select_one("summary > span").text] = details.has_attr("open")

    assert found == {"5 of 10 done": True, "6 of 10 done": False}


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
