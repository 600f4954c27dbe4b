"""What the demonstration has besides people and posts: what staff write, lists, filters, reports and figures."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from twite.demo.cast import Cast
from twite_common import clock
from twite_common.content_rules import Conditions
from twite_common.database import Connection
from twite_common.drafts import Draft
from twite_common.queries.timelines.columns import Column
from twite_common.queries.viewers import Viewer
from twite_common.services.accounts import endorsements, notes
from twite_common.services.identity import confirmations, registrations
from twite_common.services.identity.registrations import SignUp
from twite_common.services.moderation import (
    account_actions,
    announcements,
    content_rules,
    reports,
    rules,
    site_pictures,
    site_texts,
    warning_presets,
)
from twite_common.services.moderation.account_actions import Decision
from twite_common.services.moderation.content_rules import RuleDraft
from twite_common.services.moderation.reports import ReportDraft
from twite_common.services.operations import statistics
from twite_common.services.posts import bookmark_folders, drafts, emojis, polls, posts, scheduled_posts
from twite_common.services.timelines import columns, filters, lists, recent_searches, tags, trends
from twite_common.services.timelines.filters import FilterChanges, KeywordDraft
from twite_common.services.timelines.lists import ListChanges

NO_PASSWORD = "!"  # noqa: S105 - the hash of none
DAYS = 42
"""Days of which figures are shown: since before the first account."""
ABOUT = (
    "Wrenford is a town of four thousand people, one river and two bakeries. This is where it talks.\n\n"
    "The site is run by Mira on a small computer in the library's cellar, and paid for by a jar on the bakery's "
    "counter. Nothing here is sold, and nothing is ranked."
)
PRIVACY = (
    "We keep what you write, and your e-mail address, so that you can log in. We keep no record of who reads what. "
    "When you delete something it is gone."
)
RULES = (
    ("Be kind.", "Argue about the bypass as if you would meet at the bakery tomorrow. You will."),
    ("No advertising.", "Telling us about your own shop, concert or kittens is fine."),
    ("Ask before you post pictures of people.", "Children above all."),
    ("Describe your pictures.", "Some of us listen to this site."),
)


def steps(cast: Cast, now: int) -> list[tuple[int, Callable[[Connection, int], object]]]:
    """Return what is done besides and when, in milliseconds."""
    day, hour = clock.DAY, clock.HOUR
    return [
        (now - 39 * day, partial(_furnish, cast)),
        (now - 3 * day, partial(_arrange, cast)),
        (now - 26 * hour, partial(_announce, cast)),
        (now - 11 * hour, partial(_disturb, cast)),
        (now - 2 * hour, _knock),
        (now - clock.MINUTE, partial(_plan, cast)),
        (now - clock.MINUTE, partial(_collect, cast)),
    ]


def look_back(db: Connection, *, now: int) -> None:
    """Find out what the clock's jobs would have: ended polls, trends, and the figures of the past days."""
    polls.end_those_over(db, now=now)
    tags.count_uses(db, since=now - DAYS * clock.DAY)
    trends.compute(db, now=now)
    today = clock.as_date(now)
    for day in clock.days(today - timedelta(days=DAYS), today):
        statistics.compute(db, day, now=now)
    statistics.keep_totals(db, now=now)


def _mira(cast: Cast) -> Viewer:
    """Return the administrator, as their requests have them."""
    return Viewer(
        account_id=cast.accounts["mira"],
        username="mira",
        role="admin",
        email="mira@demo.invalid",
        confirmed=True,
        approved=True,
        suspended=False,
        disabled=False,
        notifications_seen_at=None,
        filters_version=0,
        mail_failed=False,
    )


def _furnish(cast: Cast, db: Connection, now: int) -> None:
    """Write what an administrator writes before the others come."""
    viewer = _mira(cast)
    for words, hint in RULES:
        rules.add(db, now=now, viewer=viewer, words=words, hint=hint)
    site_texts.write(db, now=now, viewer=viewer, name="about", words=ABOUT)
    site_texts.write(db, now=now, viewer=viewer, name="privacy", words=PRIVACY)
    view = "The roofs of Wrenford in the evening, with the hills behind them"
    site_pictures.choose(db, now=now, viewer=viewer, picture=cast.place, description=view)
    for kind, (picture, still) in cast.emojis.items():
        emojis.add(
            db, now=now, viewer=viewer, shortcode=kind, picture=picture, still_picture=still, category="Wrenford"
        )
    advertising = Conditions(words=("only today", "win a bicycle"), max_age_days=30)
    draft = RuleDraft(name="Advertising by new accounts", action="hold", conditions=advertising)
    content_rules.add(db, now=now, viewer=viewer, draft=draft)
    reminder = "Please describe your pictures, so that everybody can take part. Thank you!"
    warning_presets.add(db, now=now, viewer=viewer, title="Pictures without description", words=reminder)


def _arrange(cast: Cast, db: Connection, now: int) -> None:
    """Have people put others on lists, filter, feature and note."""
    ids = cast.accounts
    for title, members in (
        ("Neighbours", ("harbour_bakery", "ada", "tomas", "yuki")),
        ("River watch", ("amal", "river_gauge", "library")),
    ):
        list_id = lists.add(db, now=now, account_id=ids["mira"], changes=ListChanges(title=title))
        members_ids = [ids[name] for name in members]
        lists.add_members(db, now=now, account_id=ids["mira"], list_id=list_id, member_ids=members_ids)
    spoilers = FilterChanges(
        title="Book club spoilers",
        contexts=("home", "public"),
        action="warn",
        keywords=(KeywordDraft(keyword="ferryman", whole_word=True), KeywordDraft(keyword="last chapter")),
    )
    filters.add(db, now=now, account_id=ids["mira"], changes=spoilers)
    tags.feature_tag(db, now=now, account_id=ids["mira"], name="Wrenford")
    tags.feature_tag(db, now=now, account_id=ids["tomas"], name="photography")
    for name in ("library", "amal"):
        endorsements.endorse(db, now=now, account_id=ids["mira"], endorsed_id=ids[name])
    comment = "Met at the repair café. Owes me nothing, I owe her a leek."
    notes.write(db, account_id=ids["mira"], about_id=ids["ada"], comment=comment)
    remark = Decision(action="none", text="The ride's pictures had no description at first. Please add one next time.")
    account_actions.act(db, now=now, viewer=_mira(cast), account_id=ids["wheels"], decision=remark)


def _announce(cast: Cast, db: Connection, now: int) -> None:
    words = "On Sunday night the site moves to a quieter computer. It may be away for ten minutes around eleven."
    id = announcements.announce(db, now=now, viewer=_mira(cast), words=words)
    for name, reaction in (("ada", "🔧"), ("tomas", "👍"), ("devika", "👍"), ("library", "loaf"), ("olek", "👍")):
        announcements.react(db, now=now, account_id=cast.accounts[name], announcement_id=id, name=reaction)


def _disturb(cast: Cast, db: Connection, now: int) -> None:
    """Have somebody sign up who only advertises, and somebody report it."""
    id = registrations.create(db, now=now, sign_up=_stranger("cheap_tubes"), confirmed=True, smtp_utf8=False)
    cast.accounts["cheap_tubes"] = id
    text = "@ada Inner tubes 80 % off!!! Only today!!! Follow and win a bicycle!!!"
    draft = Draft(text=text, visibility="unlisted", language="en")
    post_id = posts.publish(db, cast.settings, now=now, author_id=id, draft=draft)
    report = ReportDraft(
        target_id=id, post_ids=(post_id,), category="spam", comment="The third one this week. No bicycle either."
    )
    reports.file(db, now=now + clock.MINUTE, account_id=cast.accounts["ada"], draft=report)


def _knock(db: Connection, now: int) -> None:
    """Have somebody sign up who waits to be let in."""
    id = registrations.create(db, now=now, sign_up=_stranger("ferry_nils"), smtp_utf8=False)
    confirmations.confirm(db, now=now, account_id=id)


def _stranger(name: str) -> SignUp:
    """Return the sign-up of somebody who can't log in, because no password has that hash."""
    reason = "I run the ferry below the weir and would like to say when it is running."
    return SignUp(username=name, email=f"{name}@demo.invalid", password_hash=NO_PASSWORD, reason=reason)


def _plan(cast: Cast, db: Connection, now: int) -> None:
    """Have posts wait for their time, and drafts for their end."""
    for texts, days in (
        (("Reminder: the allotment's water is turned off on Monday. Empty your hoses. #allotment",), 1),
        (
            (
                "Christmas market this weekend. I'll be at the tea urn, as ever, with Bishop in spirit.",
                "Who can lend a second urn, and a cable that reaches the fountain?",
            ),
            9,
        ),
    ):
        scheduled_posts.schedule_thread(
            db,
            cast.settings,
            now=now,
            account_id=cast.accounts["mira"],
            drafts=[Draft(text=text, language="en") for text in texts],
            due_at=now + days * clock.DAY,
        )
    for name, texts in (
        ("mira", ("What I learned from a year of growing leeks, in three posts.", "First: they are slower than you.")),
        ("wheels", ("Sunday's ride: 34 km, flat, with a stop for cake. Meet at the weir at",)),
    ):
        parts = [Draft(text=text, language="en") for text in texts]
        drafts.add(db, cast.settings, now=now, account_id=cast.accounts[name], parts=parts)


def _collect(cast: Cast, db: Connection, now: int) -> None:
    """Have people sort what they keep, look for things, and pin columns."""
    for name, folders in (
        ("mira", {"For the library": ("maps", "bookclub"), "Weather": ("fog",)}),
        ("wheels", {"Repair café": ("repair", "repair-1"), "Rides": ("fog",)}),
    ):
        account_id = cast.accounts[name]
        for folder, keys in folders.items():
            folder_id = bookmark_folders.add(db, now=now, account_id=account_id, name=folder)
            for key in keys:
                bookmark_folders.put(db, now=now, account_id=account_id, post_id=cast.posts[key], folder_id=folder_id)
        for number, query in enumerate(("repair from:ada", "has:image river", "bookclub")):
            recent_searches.remember(db, now=now + number, account_id=account_id, query=query)
        pinned = [Column("notifications"), Column("tag", tag="Wrenford"), Column("tag", tag="river")]
        columns.arrange(db, account_id=account_id, columns=pinned)
