"""Looking for accounts by what they are, and the way from a report to an action."""

import pytest

from twite_common import clock
from twite_common.queries.moderation import reports
from twite_common.queries.paging import Page
from twite_common.services.accounts import accounts


@pytest.fixture
def people(database, make_account):
    """A moderator, somebody suspended, and somebody else."""
    made = {name: make_account(name, role="moderator" if name == "mod" else "") for name in ("mod", "sam", "pat")}
    with database.writing() as db:
        accounts.suspend(db, now=clock.now(), account_id=made["sam"].id)
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=moderator", {"mod"}),
        ("status=suspended", {"sam"}),
        ("status=active&q=pa", {"pat"}),
        ("status=active&q=PAT@mail", {"pat"}),
        ("network=192.0.2.0/24", {"ann"}),
        ("network=nonsense", set()),
        ("role=nobody&q=pat", {"pat"}),
    ],
)
def test_accounts_are_found_by_what_they_are(as_admin, people, query, found):
    as_admin.open(f"/admin/accounts?{query}")
    shown = {handle.text.removeprefix("@") for handle in as_admin.page.select(".records .handle")}

    assert shown == found


def test_a_filtered_list_goes_on_with_its_filter(as_admin, make_account):
    for n in range(52):
        make_account(f"many{n:02}")
    as_admin.open("/admin/accounts?status=active&q=many")
    first = as_admin.text
    as_admin.open(as_admin.page.find("a", rel="next")["href"])

    assert "@many51" in first
    assert "@many01" not in first
    assert "@many01" in as_admin.text
    assert as_admin.page.find("a", rel="next") is None


def test_a_report_is_settled_on_its_own_page_where_the_posts_stand_in_context(
    database, as_admin, as_ann, ann, bob, make_post
):
    asked = make_post(ann, "What do you think?")
    answer = make_post(bob, "Something rude", in_reply_to_id=asked)
    as_ann.open(f"/accounts/{bob.id}/report?post_id={answer}")
    as_ann.submit(f"/accounts/{bob.id}/report")
    with database.reading() as db:
        [report] = reports.several(db, Page())
    path = f"/admin/reports/{report.id}"
    as_admin.open(path)
    shown = as_admin.text
    as_admin.submit(f"/admin/accounts/{bob.id}/act", {"action": "silence", "text": "Please be kind."})

    assert "What do you think?" in shown
    assert "Something rude" in shown
    assert as_admin.path == path
    assert "kept out of public timelines" in as_admin.text
    with database.reading() as db:
        assert reports.get(db, report.id).resolved_at is not None


def test_a_row_says_who_it_is_when_they_were_here_and_what_was_done(as_admin, as_bob, people):
    as_admin.open("/admin/accounts")
    rows = {row.select_one(".handle").text: row for row in as_admin.page.select(".records > li")}

    assert rows["@sam"].select_one(".mark").text == "suspended"
    assert "never seen" in rows["@sam"].text
    assert "seen now" in rows["@ann"].text
    assert rows["@ann"].img["src"]
    assert rows["@pat"].select_one("details button").get_text(" ", strip=True) == "Suspend @pat"
    assert rows["@ann"].select_one("details button") is None
