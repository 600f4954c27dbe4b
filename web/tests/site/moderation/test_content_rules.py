"""Rules for content, held posts and lists of domains, as staff and authors see them."""

from support.moment import NOW
from twite_common import outbox
from twite_common.services.moderation import content_rules, domain_lists

PATH = "/admin/content-rules"


def try_rules(database):
    """Do what the task does."""
    with database.writing() as db:
        for id in outbox.waiting(db, limit=10):
            event = outbox.take(db, id)
            if event.kind == content_rules.TRY:
                content_rules.go_on(db, now=NOW, account_id=event.account_id, **event.details())


def add(as_admin, database, **values):
    as_admin.open(f"{PATH}/new")
    answer = as_admin.submit(PATH, {"name": "Tea", **values})
    if answer.status_code == 422:
        return
    as_admin.submit(f"{as_admin.path}/try")
    try_rules(database)
    as_admin.open(as_admin.path)
    as_admin.submit(f"{as_admin.path}/switch")


def post(browser, text):
    browser.open("/compose")
    return browser.submit("/posts", {"text": text})


def test_a_rule_is_written_tried_and_switched_on(as_admin, as_bob, database):
    post(as_bob, "Cheap tea <here>")
    as_admin.open(f"{PATH}/new")
    as_admin.submit(PATH, {"name": "Tea", "words": "cheap tea", "action": "hold", "explanation": "We look at tea."})
    path = as_admin.path
    assert "Not tried yet" in as_admin.text
    as_admin.submit(f"{path}/try")
    assert "It will be tried on earlier posts" in as_admin.text
    try_rules(database)
    as_admin.open(path)
    assert "it would have found 1 of 1 posts" in as_admin.text
    assert "Cheap tea <here>" in as_admin.text
    as_admin.submit(f"{path}/switch")
    as_admin.open(PATH)
    assert "Tea on" in as_admin.text

    post(as_bob, "cheap tea, anybody?")
    assert as_bob.path == "/held"
    assert "waits for the staff" in as_bob.text
    assert "We look at tea." in as_bob.text
    as_admin.open("/admin/held")
    assert "cheap tea, anybody?" in as_admin.text
    held_id = as_admin.page.find("input", {"name": "ids"})["value"]
    as_admin.submit("/admin/held/reject", {"ids": held_id, "note": "Not here."})
    as_admin.open("/admin/held?rejected=1")
    assert "Told: Not here." in as_admin.text
    as_admin.submit(f"/admin/held/{held_id}/restore")
    as_admin.submit("/admin/held/release", {"ids": held_id})
    assert "have been published" in as_admin.text
    as_bob.open("/@bob")
    assert "cheap tea, anybody?" in as_bob.text
    as_bob.open("/notifications")
    assert "Not here." in as_bob.text
    as_admin.open("/admin/audit")
    for line in ("tried the rule for content “Tea”", "enabled the rule", "rejected the held post of @bob"):
        assert line in as_admin.text


def test_what_no_rule_can_be_is_shown_again_with_what_was_typed(as_admin):
    as_admin.open(f"{PATH}/new")
    answer = as_admin.submit(PATH, {"name": "Tea", "pattern": "(a", "words": "milk"})
    assert answer.status_code == 422
    assert "This pattern can't be read: missing )" in as_admin.text
    assert as_admin.value("pattern") == "(a"


def test_a_refused_post_is_shown_again_and_a_held_one_can_be_given_up(as_admin, as_bob, database):
    add(as_admin, database, words="tea", action="refuse", explanation="No tea.")
    answer = post(as_bob, "green tea")
    assert answer.status_code == 422
    assert "This site doesn't accept this post. No tea." in as_bob.text
    assert as_bob.value("text") == "green tea"

    add(as_admin, database, words="milk", action="hold")
    post(as_bob, "milk")
    as_bob.submit(next(action for action in as_bob.actions() if action.endswith("/withdraw")))
    assert "Nothing is held" in as_bob.text


def test_a_message_that_is_held_says_so(as_admin, as_bob, database):
    add(as_admin, database, words="tea", action="hold")
    as_bob.open("/messages/new?to=ann")
    action = next(one for one in as_bob.actions() if one.startswith("/messages"))
    as_bob.submit(action, {"text": "tea?"})
    assert "waits for the staff" in as_bob.text
    as_bob.open("/held")
    assert "tea?" in as_bob.text


def test_a_list_of_domains_is_looked_at_and_taken_over(as_admin, database):
    as_admin.open("/admin/domain-lists")
    as_admin.submit("/admin/domain-lists", {"name": "Bad", "url": "https://lists.example/bad.txt"})
    path = as_admin.path
    assert "It hasn't been fetched yet." in as_admin.text
    list_id = int(path.rpartition("/")[2])
    domain_lists.keep(database, now=NOW, list_id=list_id, names=["bad.example", "worse.example"])
    as_admin.open(path)
    assert "2 domains come, and 0 go." in as_admin.text
    as_admin.submit(f"{path}/take")
    assert "2 domains count" in as_admin.text
    as_admin.submit(f"{path}/automatic", {"automatic": "1"})
    as_admin.submit(f"{path}/fetch")
    as_admin.open(f"{PATH}/new")
    assert "Links to domains of a list" in as_admin.text
    as_admin.open("/admin/domain-lists")
    as_admin.submit(f"{path}/remove")
    assert "There are no lists yet." in as_admin.text


def test_only_staff_see_them(as_role, as_bob):
    moderator = as_role("moderator")
    for path in (PATH, "/admin/domain-lists"):
        assert moderator.open(path).status_code == 403
    assert moderator.open("/admin/held").status_code == 200
    assert as_bob.open("/admin/held").status_code == 403
