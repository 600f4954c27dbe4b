"""Rules for content: what they find, what follows, how they are tried, and what staff do with what is held."""

import itertools
import time

import pytest
from sqlalchemy import insert, select

from support.moment import NOW
from twite_common import clock, ids, outbox
from twite_common import content_rules as texts
from twite_common.content_rules import Conditions
from twite_common.drafts import Draft, MediaChange, PollDraft
from twite_common.errors import Invalid, NotAllowed, NotFound
from twite_common.queries import viewers
from twite_common.queries.moderation import reports as report_queries
from twite_common.queries.paging import Page
from twite_common.queries.posts import content_rules as queries
from twite_common.queries.posts import held_posts as held_queries
from twite_common.queries.posts import posts as post_queries
from twite_common.services.accounts import account_deletion, accounts, follows
from twite_common.services.moderation import content_rules, held_posts
from twite_common.services.moderation.content_rules import RuleDraft
from twite_common.services.posts import content_rules as judging
from twite_common.services.posts import held_posts as holding
from twite_common.services.posts import media as uploads
from twite_common.services.posts import post_deletion, post_edits, posts, scheduled_posts
from twite_common.services.posts.held_posts import HeldForReview
from twite_common.tables import account_warning, audit_entry, domain_list, event, listed_domain, media, notification

LATER = NOW + clock.HOUR


@pytest.fixture
def admin(db, cho):
    accounts.set_role(db, account_id=cho.id, role="admin")
    return viewers.by_account(db, cho.id)


def run(db, kind):
    """Do what events of a kind ask for, as the task does."""
    while True:
        row = db.execute(select(event.c.id).where(event.c.kind == kind).order_by(event.c.id)).first()
        if row is None:
            return
        found = outbox.take(db, row.id)
        if kind == content_rules.TRY:
            content_rules.go_on(db, now=LATER, account_id=found.account_id, **found.details())
        else:
            content_rules.report_found(db, now=LATER, author_id=found.account_id, **found.details())


@pytest.fixture
def add(db, admin):
    def add(action, *, active=True, explanation="", **conditions):
        draft = RuleDraft(name="Tea", action=action, conditions=Conditions(**conditions), explanation=explanation)
        id = content_rules.add(db, now=NOW, viewer=admin, draft=draft)
        if active:
            content_rules.try_out(db, now=NOW, viewer=admin, rule_id=id)
            run(db, content_rules.TRY)
            content_rules.switch(db, now=NOW, viewer=admin, rule_id=id, active=True)
        return id

    return add


def waiting(db):
    return held_queries.waiting(db, Page(limit=10))


@pytest.mark.parametrize(
    ("conditions", "found", "left"),
    [
        ({"words": ("cheap tea",)}, "Buy CHEAP TEA now", "cheap teapots"),
        ({"pattern": r"t+e[ae]\d"}, "TTEA5", "tea"),
        ({"any_link": True}, "see https://x.example/a", "see x"),
        ({"domains": ("tea.example",)}, "https://www.shop.tea.example/1", "https://greentea.example"),
        ({"domains": ("tea.example",)}, "https://a_b.tea.example/", "https://a_b.greentea.example/"),
        ({"domains": ("tea.example",)}, r"https://tea.example\@x.example/", r"https://x.example\@tea.example/"),
        ({"domains": ("tea.example",)}, "https://t%65a%2Eexample/", "https://x.example/t%65a.example"),
        ({"domains": ("tea.example",)}, "https://x@tea.example:1/", "https://tea.example@x.example"),
        ({"any_link": True}, "https://a_b.example/", "a_b.example"),
        ({"any_link": True}, "https://[::1]:80/", "[::1]"),
        ({"any_link": True}, "https://a%00%ff.example/", "a%00%ff.example"),
        ({"words": ("cheap tea",)}, "che\u00adap t\u200bea", "che ap tea"),
        ({"pattern": r"t+e[ae]\d"}, "t\u2060ea5", "t-ea5"),
        ({"domains": ("bücher.example",)}, "https://BÜCHER.example/", "https://example/"),
    ],
)
def test_what_a_rule_finds(add, make_post, ann, conditions, found, left):
    add("refuse", explanation="No tea.", **conditions)
    make_post(ann, left)

    with pytest.raises(Invalid, match=r"doesn't accept this post\. No tea\."):
        make_post(ann, found)


def test_content_warnings_and_polls_are_looked_at_too(add, make_post, ann):
    add("refuse", words=("tea",))
    for changes in ({"spoiler_text": "tea"}, {"poll": PollDraft(options=("tea", "milk"), expires_in_seconds=600)}):
        with pytest.raises(Invalid):
            make_post(ann, "Hello", **changes)


def test_lists_of_domains_count_as_they_were_taken_over(db, add, make_post, ann):
    list_id = ids.new(NOW)
    db.execute(insert(domain_list), {"id": list_id, "name": "Bad", "url": "https://l.example", "due_at": NOW})
    rows = [("bad.example", True), ("new.example", False)]
    db.execute(
        insert(listed_domain),
        [{"list_id": list_id, "domain": name, "taken": taken, "seen_at": NOW} for name, taken in rows],
    )
    add("refuse", list_ids=(list_id,))
    make_post(ann, "https://new.example")
    with pytest.raises(Invalid):
        make_post(ann, "https://very.bad.example/x")


def test_an_evil_pattern_takes_no_time(add, make_post, ann):
    add("refuse", pattern="(a+)+$")
    began = time.process_time()
    make_post(ann, "a" * 499 + "!")
    assert time.process_time() - began < 1


def test_narrowing_conditions_all_have_to_hold(db, add, make_post, ann, bob):
    add("refuse", any_link=True, max_age_days=3, names_strangers=True)
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    make_post(ann, "@bob https://x.example")
    make_post(ann, "@cho hello")
    make_post(ann, "@cho https://x.example", now=NOW + 4 * clock.DAY)
    with pytest.raises(Invalid):
        make_post(ann, "@cho https://x.example")


def test_how_many_posts_in_how_many_minutes(add, make_post, ann):
    add("refuse", max_posts=2, minutes=10)
    make_post(ann)
    make_post(ann)
    make_post(ann, now=NOW + 11 * clock.MINUTE)
    make_post(ann, now=NOW + 12 * clock.MINUTE)
    with pytest.raises(Invalid):
        make_post(ann, now=NOW + 13 * clock.MINUTE)


def test_a_thread_counts_as_its_posts(db, settings, add, ann):
    add("refuse", max_posts=2, minutes=10)
    with pytest.raises(Invalid):
        posts.publish_thread(db, settings, now=NOW, author_id=ann.id, drafts=[Draft(text=str(n)) for n in range(3)])


def test_staff_are_exempt_and_so_are_messages_among_those_who_follow(db, add, make_post, ann, bob, cho):
    add("refuse", words=("tea",))
    make_post(cho, "tea")
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    make_post(ann, "@bob tea", visibility="mentioned")
    with pytest.raises(Invalid):
        make_post(ann, "@cho tea", visibility="mentioned")


def test_a_limited_post_is_kept_from_public_lists(db, settings, add, make_post, ann):
    add("limit", words=("tea",))
    id = make_post(ann, "tea")
    assert post_queries.get(db, id, viewer_id=None).visibility == "unlisted"

    plain = make_post(ann, "milk")
    post_edits.edit(db, settings, now=LATER, author_id=ann.id, post_id=plain, draft=Draft(text="tea"))
    assert post_queries.get(db, plain, viewer_id=None).visibility == "unlisted"


@pytest.mark.parametrize("action", ["hold", "refuse"])
def test_an_edit_that_would_be_kept_back_leaves_the_post_as_it_was(db, settings, add, make_post, ann, action):
    id = make_post(ann, "milk")
    add(action, words=("tea",), explanation="No tea.")
    with pytest.raises(Invalid, match=r"stays as it was. No tea\."):
        post_edits.edit(db, settings, now=LATER, author_id=ann.id, post_id=id, draft=Draft(text="tea"))
    assert post_queries.get(db, id, viewer_id=ann.id).text == "milk"


@pytest.mark.once
def test_no_address_has_a_name_that_no_database_takes():
    assert texts.says(["https://a%00.example/"]).linked_domains == {"a\ufffd.example"}


def test_an_edit_brings_no_upload_whose_description_is_kept_back(db, settings, add, add_picture, make_post, ann):
    id = make_post(ann, "milk")
    picture = add_picture(ann)
    uploads.change(db, MediaChange(media_id=picture, description="tea"), now=NOW, account_id=ann.id)
    add("refuse", words=("tea",))
    with pytest.raises(Invalid, match="stays as it was"):
        post_edits.edit(
            db, settings, now=LATER, author_id=ann.id, post_id=id, draft=Draft(text="milk", media_ids=(picture,))
        )


def test_a_report_is_filed_once_it_is_published(db, add, make_post, ann, cho):
    add("report", words=("tea",))
    id = make_post(ann, "@cho tea", visibility="mentioned")
    run(db, judging.REPORT)

    [report] = report_queries.load(db, report_queries.open_about(db, ann.id)).values()
    assert (report.target_id, report.posts(), report.account_id) == (ann.id, [id], cho.id)
    assert "“Tea”" in report.comment
    assert "report" in db.scalars(select(notification.c.kind).where(notification.c.account_id == cho.id)).all()


def test_of_a_thread_only_those_posts_are_reported_in_which_something_was_found(db, settings, add, ann):
    add("report", words=("tea",))
    drafts = [Draft(text=text, visibility="followers") for text in ("At home", "with tea", "and my sister")]
    thread = posts.publish_thread(db, settings, now=NOW, author_id=ann.id, drafts=drafts)
    run(db, judging.REPORT)
    [report] = report_queries.load(db, report_queries.open_about(db, ann.id)).values()

    assert report.posts() == [thread[1]]


def test_a_held_post_is_no_post_until_it_is_released(db, settings, admin, add, add_picture, ann):
    add("hold", words=("tea",), explanation="We look at tea.")
    picture = add_picture(ann)
    drafts = [Draft(text="tea", media_ids=(picture,)), Draft(text="more")]

    def publish():
        posts.publish_thread(db, settings, now=NOW, author_id=ann.id, drafts=drafts, idempotency_name="k")

    for _ in range(2):
        with pytest.raises(HeldForReview, match="We look at tea"):
            posts.publish_thread(db, settings, now=NOW, author_id=ann.id, drafts=[Draft(text="tea")])
    with pytest.raises(HeldForReview):
        publish()
    thread, single = waiting(db)
    assert (single.reason, len(thread.decoded())) == ("Tea", 2)
    with pytest.raises(Invalid, match="Media not found"):
        posts.publish(db, settings, now=NOW, author_id=ann.id, draft=Draft(text="x", media_ids=(picture,)))

    outcome = held_posts.release(db, settings, now=LATER, viewer=admin, held_ids=[thread.id, single.id])

    assert (outcome.done, outcome.failures, waiting(db)) == (2, (), [])
    post_id = db.scalar(select(media.c.post_id).where(media.c.id == picture))
    assert ids.created_at(post_id) >= LATER
    assert post_queries.get(db, post_id, viewer_id=None).text == "tea"


def test_what_cannot_be_published_any_more_stays_held(db, settings, admin, add, make_post, ann, bob):
    add("hold", words=("tea",))
    first = make_post(bob, "Hello")
    with pytest.raises(HeldForReview):
        make_post(ann, "tea", in_reply_to_id=first)
    post_deletion.delete_own(db, now=NOW, author_id=bob.id, post_id=first)
    [held] = waiting(db)
    outcome = held_posts.release(db, settings, now=LATER, viewer=admin, held_ids=[held.id])

    assert outcome.done == 0
    assert "@ann" in outcome.failures[0]
    assert [one.id for one in waiting(db)] == [held.id]


def test_a_rejection_is_told_and_can_be_taken_back_for_a_month(db, admin, add, add_picture, make_post, ann):
    add("hold", words=("tea",))
    picture = add_picture(ann)
    with pytest.raises(HeldForReview):
        make_post(ann, "tea", media_ids=(picture,))
    [held] = waiting(db)

    assert held_posts.reject(db, now=LATER, viewer=admin, held_ids=[held.id], note="Not here.") == 1
    warned = db.execute(select(account_warning.c.target_id, account_warning.c.text)).one()
    assert warned == (ann.id, "Your post that was held for review isn't published: “tea”\n\nNot here.")
    assert waiting(db) == []
    held_posts.restore(db, now=LATER, viewer=admin, held_id=held.id)
    assert [one.id for one in waiting(db)] == [held.id]
    with pytest.raises(NotFound):
        held_posts.restore(db, now=LATER, viewer=admin, held_id=held.id)

    held_posts.reject(db, now=LATER, viewer=admin, held_ids=[held.id], note="")
    held_posts.forget_old(db, now=LATER + held_posts.KEPT_MS + 1)
    assert held_queries.rejected(db, limit=5) == []
    assert db.scalar(select(media.c.held_post_id).where(media.c.id == picture)) is None
    actions = db.scalars(select(audit_entry.c.action).where(audit_entry.c.target_kind == "held_post"))
    assert actions.all() == ["reject", "reopen", "reject"]


def test_what_was_scheduled_and_would_be_refused_is_held(db, settings, add, ann):
    due_at = NOW + clock.HOUR
    scheduled_posts.schedule(db, settings, now=NOW, account_id=ann.id, draft=Draft(text="tea"), due_at=due_at)
    add("refuse", words=("tea",))
    [scheduled_id] = db.scalars(scheduled_posts.DUE, {"now": due_at})
    scheduled_posts.publish_due(db, settings, now=due_at, scheduled_id=scheduled_id)

    [held] = waiting(db)
    assert held.decoded()[0].text == "tea"
    holding.withdraw(db, now=LATER, account_id=ann.id, held_id=held.id)
    assert waiting(db) == []
    with pytest.raises(NotFound):
        holding.withdraw(db, now=LATER, account_id=ann.id, held_id=held.id)


def test_a_trial_shows_what_a_rule_would_have_found(db, admin, add, make_post, ann, bob, cho, monkeypatch):
    monkeypatch.setattr(content_rules, "AT_ONCE", 2)
    make_post(ann, "tea", now=NOW - 31 * clock.DAY)
    found = [make_post(ann, "tea", now=NOW - 2000), make_post(bob, "more tea", now=NOW - 1000)]
    make_post(ann, "milk", now=NOW - 900)
    make_post(cho, "tea", now=NOW - 800)
    make_post(ann, "@bob tea", now=NOW - 700, visibility="mentioned")
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=ann.id)
    id = add("hold", active=False, words=("tea",))
    with pytest.raises(Invalid, match="try the rule first"):
        content_rules.switch(db, now=NOW, viewer=admin, rule_id=id, active=True)

    content_rules.try_out(db, now=NOW, viewer=admin, rule_id=id)
    run(db, content_rules.TRY)

    trial = content_rules.trial_of(queries.get(db, id))
    assert (trial.done, trial.whole, trial.seen, trial.found) == (True, True, 3, 2)
    assert trial.examples == tuple(reversed(found))
    assert trial.authors == {ann.id: 1, bob.id: 1}


def test_a_trial_asks_how_often_and_to_whom(db, admin, add, make_post, ann, bob, cho):
    make_post(cho, "Hello", now=NOW - 6000)
    follows.follow_account(db, now=NOW, follower_id=bob.id, followee_id=cho.id)
    for number in range(3):
        make_post(ann, f"@bob {number}", now=NOW - 5000 + number)
    make_post(bob, "@bob only myself", now=NOW - 10)
    often = add("hold", active=False, max_posts=2, minutes=5)
    strangers = add("hold", active=False, names_strangers=True)
    young = add("hold", active=False, names_strangers=True, max_age_days=1)
    for id in (often, strangers, young):
        content_rules.try_out(db, now=NOW, viewer=admin, rule_id=id)
    run(db, content_rules.TRY)

    trials = [content_rules.trial_of(queries.get(db, id)).found for id in (often, strangers, young)]
    assert trials == [1, 3, 3]


def test_a_changed_rule_is_off_until_it_was_tried_again(db, admin, add, make_post, ann):
    id = add("refuse", words=("tea",))
    draft = RuleDraft(name="Milk", action="refuse", conditions=Conditions(words=("milk",)))
    content_rules.change(db, now=LATER, viewer=admin, rule_id=id, draft=draft)
    make_post(ann, "milk and tea")
    rule = queries.get(db, id)
    assert (rule.active, rule.trial) == (False, None)

    content_rules.remove(db, now=LATER, viewer=admin, rule_id=id)
    with pytest.raises(NotFound):
        content_rules.found(db, id)
    actions = db.scalars(select(audit_entry.c.action).where(audit_entry.c.target_kind == "content_rule"))
    assert actions.all() == ["create", "try", "enable", "update", "delete"]


def test_whoever_changes_a_rule_meanwhile_has_its_trial_forgotten(db, admin, add, monkeypatch):
    id = add("hold", active=False, words=("tea",))
    content_rules.try_out(db, now=NOW, viewer=admin, rule_id=id)
    draft = RuleDraft(name="Milk", action="hold", conditions=Conditions(words=("milk",)))

    def change_meanwhile(rule):
        content_rules.change(db, now=next(later), viewer=admin, rule_id=id, draft=draft)
        return trial_of(rule)

    trial_of, later = content_rules.trial_of, itertools.count(LATER)
    with monkeypatch.context() as patched:
        patched.setattr(content_rules, "trial_of", change_meanwhile)
        run(db, content_rules.TRY)
    assert queries.get(db, id).trial is None

    content_rules.try_out(db, now=LATER, viewer=admin, rule_id=id)
    run(db, content_rules.TRY)
    monkeypatch.setattr(content_rules, "trial_of", change_meanwhile)
    with pytest.raises(Invalid):
        content_rules.switch(db, now=LATER, viewer=admin, rule_id=id, active=True)
    assert not queries.get(db, id).active


def test_nothing_is_reported_of_who_is_gone_meanwhile(db, add, make_post, ann):
    add("report", words=("tea",))
    make_post(ann, "More tea")
    account_deletion.delete_account(db, now=LATER, account_id=ann.id)
    run(db, judging.REPORT)

    assert report_queries.open_about(db, ann.id) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"pattern": "(a"}, "pattern"),
        ({"pattern": "(?=a)b"}, "pattern"),
        ({"pattern": "a*"}, "pattern"),
        ({"pattern": "(((a{99}){99}){99}){9}"}, "pattern"),
        ({}, ""),
        ({"words": (" ", ""), "domains": (" ",), "list_ids": (404,)}, ""),
        ({"domains": ("no domain",)}, "domains"),
        ({"max_posts": 3}, "minutes"),
        ({"max_age_days": 0, "any_link": True}, "max_age_days"),
        ({"words": ("x" * 101,)}, "words"),
    ],
)
def test_what_no_rule_can_be_is_refused_beside_its_field(db, admin, given, field):
    with pytest.raises(Invalid) as error:
        draft = RuleDraft(name="x", action="hold", conditions=Conditions(**given))
        content_rules.add(db, now=NOW, viewer=admin, draft=draft)
    assert field in error.value.details


def test_only_those_who_may_manage_rules_and_reports(db, settings, ann, bob):
    accounts.set_role(db, account_id=ann.id, role="moderator")
    moderator, nobody = viewers.by_account(db, ann.id), viewers.by_account(db, bob.id)
    with pytest.raises(NotAllowed):
        content_rules.try_out(db, now=NOW, viewer=moderator, rule_id=1)
    with pytest.raises(NotAllowed):
        held_posts.release(db, settings, now=NOW, viewer=nobody, held_ids=[1])
    assert held_posts.release(db, settings, now=NOW, viewer=moderator, held_ids=[1]).done == 0


def test_what_is_held_stays_although_an_error_says_so(database):
    at, mark = NOW, ids.new(NOW)
    row = {"id": mark, "name": "Tea", "url": "https://l.example", "due_at": at}
    with pytest.raises(HeldForReview), database.writing() as db:
        db.execute(insert(domain_list), row)
        raise HeldForReview
    with database.reading() as db:
        assert db.scalars(select(domain_list.c.id)).all() == [mark]
