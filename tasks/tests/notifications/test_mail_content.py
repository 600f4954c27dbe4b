"""What mails say, and how they become messages."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from support.moment import NOW
from twite_common import clock, outbox
from twite_common.queries import viewers
from twite_common.queries.notifications import mails as queries
from twite_common.services import one_time_links
from twite_common.services.accounts import accounts, preferences
from twite_common.services.accounts.preferences import PreferenceChanges
from twite_common.services.moderation import account_actions, appeals, reports
from twite_common.services.moderation.account_actions import Decision
from twite_common.services.moderation.reports import ReportDraft
from twite_common.services.notifications import mail_allowances, mails
from twite_common.services.operations import statistics
from twite_common.services.posts import favourites
from twite_common.tables import account_warning
from twite_tasks import event_handlers
from twite_tasks.notifications import mail_content, mime
from twite_tasks.notifications.mail_content import CONTENTS

LINKS = {
    "confirm": "confirm",
    "reset": "reset",
    "change_email": "confirm-email",
    "warning": "appeal",
    "login_link": "login/link",
}


@pytest.fixture
def write(database, context, ann):
    """Write down a mail to Ann, and return its message as it would be sent; None when there is nothing to tell."""

    def write(kind, now=NOW, **detail):
        with database.writing() as db:
            if kind in LINKS:
                detail["link_id"] = one_time_links.add(db, kind, now=now, account_id=ann.id, detail=ann.email)
            id = mails.add(db, kind, now=now, address=ann.email, account_id=ann.id, **detail)
        return message(database, context, id, now)

    return write


def message(database, context, mail_id, now):
    with database.reading() as db:
        mail = queries.get(db, mail_id)
        content = mail_content.write(db, context, mail, now=now)
        return mime.make(context.settings, mail, content, now=now) if content else None


def parts(made):
    return [part.get_content() for part in made.iter_parts()]


OF_SOMETHING = {
    "notifications",
    "digest",
    "weekly",
    "approval_needed",
    "appeal",
    # tests/notifications/test_follower_content.py
    "follow_by_mail",
    "posts_by_mail",
}
DETAILS: dict[str, dict[str, Any]] = {
    "webhook_parked": {"host": "hooks.example"},
    "new_login": {"from_address": "192.0.2.7", "browser": "Firefox on Linux", "at": NOW},
    "change_email_asked": {"new_address": "new@mail.example"},
    "email_changed": {"new_address": "new@mail.example"},
    "password_changed": {"at": NOW},
    "application_allowed": {"name": "Tusky"},
    "member_invited": {"name": "bob", "role": "looks_after"},
    "member_accepted": {"name": "bob", "role": "writes"},
    "membership_offered": {"name": "club", "role": "answers"},
    "membership_ended": {"name": "club"},
    "token_made": {"name": "weather bot"},
    "webhook_made": {"host": "hooks.example"},
    "feed_made": {},
    "username_changed": {"before": "ann", "after": "anna"},
    "recovery_code_used": {"left": 3, "at": NOW},
    "second_factor_asked": {"until": NOW},
    "account_deactivated": {"until": NOW},
    "second_factor_removed": {"by_staff": True},
    "passkey_added": {"name": "phone"},
    "passkey_removed": {"name": "phone", "factor_left": False},
    "warning": {"action": "silence", "text": "Please be kind."},
}


@pytest.mark.parametrize("kind", sorted(CONTENTS.keys() - OF_SOMETHING))
def test_every_letter_has_a_subject_and_says_the_same_in_text_and_html(write, kind):
    made = write(kind, **DETAILS.get(kind, {}))
    plain, html = parts(made)

    assert made["Subject"]
    assert len(made["Subject"]) <= 100
    assert made["To"] == "ann@mail.example"
    assert html.startswith("<!doctype html>")
    for address in re.findall(r"https://\S+", plain):
        assert address in html
    assert "{{" not in plain + html


def test_every_kind_of_mail_is_chosen_or_bounded():
    bounded = [mail_allowances.CHOSEN, mail_allowances.NOTICES, frozenset(mail_allowances.CAUSED_BY_ANYBODY)]

    assert sorted(kind for kinds in bounded for kind in kinds) == sorted(CONTENTS)


def test_a_change_of_address_says_what_to_do_when_asked_for_and_when_done(write, context):
    asked, _ = parts(write("change_email_asked", new_address="new@mail.example"))
    done, _ = parts(write("email_changed", new_address="new@mail.example"))

    assert "new@mail.example" in asked
    assert "https://twite.example/forgot" in asked
    assert "please contact the site's staff right away" in " ".join(done.split())


def test_a_mail_is_dated_when_it_is_sent(database, context, ann):
    later = NOW + 12 * clock.HOUR
    with database.writing() as db:
        id = mails.add(db, "password_changed", now=NOW, address=ann.email, account_id=ann.id, at=NOW)

    assert message(database, context, id, later)["Date"].datetime == clock.as_datetime(later).replace(microsecond=0)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"tokens_ended": True}, "All apps and scripts were logged out"),
        ({"tokens_ended": False}, "Apps and scripts stay logged in"),
        ({}, None),
    ],
)
def test_the_letter_about_a_new_password_says_what_became_of_the_apps(write, details, said):
    plain = parts(write("password_changed", at=NOW, **details))[0]

    assert ("apps" in plain.lower()) == (said is not None)
    assert said is None or said in " ".join(plain.split())


@pytest.mark.faults
def test_the_letter_about_a_new_log_in_promises_what_a_new_password_does(write):
    """As the form offers it: `web/tests/site/identity/test_account_settings.py` checks this."""
    plain = " ".join(parts(write("new_login", **DETAILS["new_login"]))[0].split())

    assert "change your password: that ends all other sessions and logs out all apps unless you untick that" in plain


@pytest.mark.parametrize("kind", LINKS)
def test_a_letter_with_a_link_holds_its_own_and_no_other(write, kind, context):
    plain, html = parts(write(kind, **DETAILS.get(kind, {})))

    (address,) = set(re.findall(rf"https://twite\.example/{LINKS[kind]}/\S+", plain))
    assert address in html


def test_the_same_mail_has_the_same_message_id_each_time(database, context, ann):
    with database.writing() as db:
        id = mails.add(db, "test", now=NOW, address=ann.email)

    first, second = (message(database, context, id, NOW + later) for later in (0, clock.DAY))
    assert first["Message-ID"] == second["Message-ID"] == f"<{id}@twite.example>"


def test_somebody_who_waits_is_told_of_until_they_are_let_in(write, database, make_account):
    dot = make_account("dot")
    with database.writing() as db:
        db.execute(accounts.CHANGE_CREDENTIALS.values(approved_at=None, reason="I like birds"), {"the_id": dot.id})
    waiting = write("approval_needed", new_account_id=dot.id)
    with database.writing() as db:
        accounts.approve(db, now=NOW, account_id=dot.id)

    assert "I like birds" in parts(waiting)[0]
    assert write("approval_needed", new_account_id=dot.id) is None


def test_an_appeal_is_told_of_until_it_is_decided(write, database, make_account, ann, bob):
    boss = make_account("boss", role="admin")
    with database.writing() as db:
        viewer = viewers.by_account(db, boss.id)
        account_actions.act(db, now=NOW, viewer=viewer, account_id=bob.id, decision=Decision(action="silence"))
        id = db.scalars(select(account_warning.c.id)).one()
        appeals.add(db, now=NOW, account_id=bob.id, warning_id=id, words="It <wasn't> me.")
    waiting = write("appeal", warning_id=id)
    with database.writing() as db:
        appeals.reject(db, now=NOW, viewer=viewer, warning_id=id)

    assert "@bob" in waiting["Subject"]
    assert "It <wasn't> me." in parts(waiting)[0]
    assert "https://twite.example/admin/appeals" in parts(waiting)[0]
    assert write("appeal", warning_id=id) is None
    assert write("appeal", warning_id=17) is None


def notified(database, context, person):
    """Act on what waits, and return the message about notifications that somebody gets."""
    with database.reading() as db:
        waiting = [event.id for event in outbox.pending(db)]
    for id in waiting:
        event_handlers.handle(context, id, now=NOW)
    with database.reading() as db:
        (mail,) = queries.latest(db, person.id, "notifications")
    return message(database, context, mail.id, NOW)


def test_a_mention_is_quoted_with_its_address_and_a_way_to_have_no_more_of_it(database, context, ann, bob, make_post):
    id = make_post(ann, "@bob <script>look</script> & see")
    made = notified(database, context, bob)
    plain, html = parts(made)

    assert "@bob <script>look</script> & see" in plain
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert f"https://twite.example/@ann/{id}" in plain
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert made["List-Unsubscribe"].strip("<>") in plain


def test_several_notifications_share_a_letter(database, context, ann, bob, make_post):
    mine = make_post(bob, "mine")
    make_post(ann, "@bob first, which is mailed at once")
    with database.writing() as db:
        changes = PreferenceChanges(mail_favourite="at_once")
        preferences.change_preferences(db, account_id=bob.id, changes=changes)
        favourites.favourite_post(db, now=NOW, account_id=ann.id, post_id=mine)
    make_post(ann, "@bob hello")
    made = notified(database, context, bob)

    assert made["Subject"].startswith("2 new notifications")
    assert "favourited your post" in parts(made)[0]


def test_a_content_warning_stands_for_the_text(database, context, ann, bob, make_post):
    make_post(ann, "@bob the murderer is the butler", spoiler_text="a film")
    plain, html = parts(notified(database, context, bob))

    assert "a film" in plain
    assert "butler" not in plain + html


def test_a_week_without_anything_is_no_letter(write, make_post, ann):
    assert write("weekly") is None


def test_the_days_figures_stand_in_the_administrators_letter(write, database, context, ann, make_post):
    make_post(ann)
    with database.writing() as db:
        statistics.compute(db, clock.as_date(NOW), now=NOW)
    made = write("statistics", now=NOW + clock.DAY)

    assert "Posts: 1" in parts(made)[0]
    assert f"{clock.as_date(NOW):%-d %B %Y}" in made["Subject"]


def test_the_days_statistics_say_how_many_reports_wait(database, write, ann, bob):
    with database.writing() as db:
        reports.file(db, now=NOW, account_id=bob.id, draft=ReportDraft(target_id=ann.id))
    made = write("statistics", now=NOW + clock.DAY)

    assert "Open reports: 1" in parts(made)[0]
