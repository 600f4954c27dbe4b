"""What each kind of mail says. Links with tokens are made here, when the mail is sent, and stored nowhere."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from twite_common import clock, disk, domains, events, ids, text
from twite_common.database import Connection
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports, warnings
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.notifications import notifications
from twite_common.queries.notifications.mails import Item, Mail
from twite_common.queries.operations import liveness, statistics
from twite_common.services import one_time_links
from twite_common.services.notifications import notification_mails, unsubscribe
from twite_tasks.context import Context

MAX_SUBJECT_LENGTH = 78


class Quote(msgspec.Struct, frozen=True):
    """One thing that a mail shows: a line about it, what was written, and where it is."""

    heading: str
    text: str = ""
    url: str = ""


class MailContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says, before it is made into a message."""

    subject: str
    paragraphs: list[str]
    quotes: list[Quote] = []
    button: str = ""
    button_url: str = ""
    closing: list[str] = []
    unsubscribe_url: str = ""


class _Draft(msgspec.Struct, frozen=True):
    db: Connection
    context: Context
    mail: Mail
    now: int

    @property
    def site(self) -> str:
        return self.context.settings.site_name

    @property
    def base(self) -> str:
        return self.context.settings.base_url

    def link(self, path: str, purpose: str) -> str:
        """Return the address of the one-time link that a mail is about."""
        token = one_time_links.token(self.context.signer, self.mail.details()["link_id"], purpose)
        return f"{self.base}/{path}/{token}"

    def unsubscribe(self, kinds: list[str]) -> str:
        token = unsubscribe.token(self.context.signer, self.mail.account_id or 0, kinds)
        return f"{self.base}/unsubscribe/{token}"


def write(db: Connection, context: Context, mail: Mail, *, now: int) -> MailContent | None:
    """Return what a mail says; None when there is nothing left to tell."""
    return CONTENTS[mail.kind](_Draft(db, context, mail, now))


def _confirm(draft: _Draft) -> MailContent:
    if draft.mail.details().get("again"):
        return MailContent(
            subject=f"Please confirm that mail from {draft.site} reaches you",
            paragraphs=["Mail to this address was refused for a while. That you can read this shows that it arrives."],
            button="Confirm my address",
            button_url=draft.link("confirm", "confirm"),
        )
    return MailContent(
        subject=f"Please confirm your e-mail address for {draft.site}",
        paragraphs=[
            f"Welcome to {draft.site}! One step is left: please confirm that this is your e-mail address.",
        ],
        button="Confirm my address",
        button_url=draft.link("confirm", "confirm"),
        closing=["The link works for seven days. If you did not sign up, just do nothing."],
    )


def _change_email(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Please confirm your new e-mail address for {draft.site}",
        paragraphs=["You asked to use this address from now on. It counts as soon as you confirm it."],
        button="Use this address",
        button_url=draft.link("confirm-email", "change_email"),
        closing=["The link works for a day. If you did not ask for this, just do nothing."],
    )


def _change_email_asked(draft: _Draft) -> MailContent:
    new_address = domains.readable(draft.mail.details()["new_address"])
    return MailContent(
        subject=f"Your e-mail address for {draft.site} is to be changed",
        paragraphs=[
            f"Somebody, hopefully you, asked that your account uses the address {new_address} from now on. "
            "Nothing changes until the link in the mail to that address is opened."
        ],
        closing=[
            "If it was not you, somebody else knows your password. Please set a new one at once: "
            "that ends all other log-ins, and the link in that mail stops working."
        ],
        button="Set a new password",
        button_url=f"{draft.base}/forgot",
    )


def _reset(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"A new password for {draft.site}",
        paragraphs=["Somebody, hopefully you, asked to set a new password for your account."],
        button="Set a new password",
        button_url=draft.link("reset", "reset"),
        closing=["The link works for two hours, and once. If you did not ask for this, just do nothing."],
    )


def _already_registered(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"You have an account on {draft.site} already",
        paragraphs=[
            "Somebody, hopefully you, tried to sign up with this address. It has an account already, so none was made.",
            "You can log in with your name or this address. If you forgot your password, you can set a new one.",
        ],
        button="Log in",
        button_url=f"{draft.base}/login",
        closing=["If it was not you who tried, you need not do anything."],
    )


def _approval_needed(draft: _Draft) -> MailContent | None:
    waiting = [account for account in credentials.waiting(draft.db) if account.confirmed_at is not None]
    if not waiting:
        return None
    # The one that the mail was written for, unless somebody has let them in already; there may be more by now.
    new_account_id = draft.mail.details()["new_account_id"]
    applicant = next((account for account in waiting if account.account_id == new_account_id), waiting[-1])
    other_count = len(waiting) - 1
    return MailContent(
        subject=f"@{applicant.username} would like to join {draft.site}",
        paragraphs=[
            f"@{applicant.username} has signed up and waits for you to let them in.",
            *([f"So {'does' if other_count == 1 else 'do'} {other_count} more."] if other_count else []),
        ],
        quotes=[Quote("Why they would like to join", applicant.reason)] if applicant.reason else [],
        button="See who is waiting",
        button_url=f"{draft.base}/admin/waiting",
    )


def _approved(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Welcome to {draft.site}",
        paragraphs=["Your account was approved: you can log in now."],
        button="Log in",
        button_url=f"{draft.base}/login",
    )


APPS_AFTER_A_PASSWORD = {
    True: "All apps and scripts were signed out, too.",
    False: "Apps and scripts stay signed in: you find them in your settings, under “Applications”.",
}


def _password_changed(draft: _Draft) -> MailContent:
    # A mail that was written by a version before doesn't know.
    details = draft.mail.details()
    apps = APPS_AFTER_A_PASSWORD[details["tokens_ended"]] if "tokens_ended" in details else ""
    return MailContent(
        subject=f"Your password for {draft.site} was changed",
        paragraphs=[f"Your password was changed just now, and you were logged out everywhere else. {apps}".rstrip()],
        closing=["If it was not you, please set a new password at once: follow the link “Forgotten your password?”."],
        button="Go to the log-in page",
        button_url=f"{draft.base}/login",
    )


def _email_changed(draft: _Draft) -> MailContent:
    new_address = domains.readable(draft.mail.details()["new_address"])
    return MailContent(
        subject=f"Your e-mail address for {draft.site} was changed",
        paragraphs=[f"Your account uses the address {new_address} from now on. This is the last mail to this one."],
        closing=[f"If it was not you, please write at once to {_operator(draft)}: you can't log in any more."],
    )


def _operator(draft: _Draft) -> str:
    """Return who can help when somebody has lost their account."""
    return draft.context.settings.contact_email or "whoever runs the site"


def _new_login(draft: _Draft) -> MailContent:
    details = draft.mail.details()
    moment = clock.as_datetime(details["at"])
    return MailContent(
        subject=f"A new log-in to your account on {draft.site}",
        paragraphs=[
            f"Somebody logged in to your account with {details['browser']} from {details['from_address']}, "
            f"on {moment:%-d %B %Y} at {moment:%H:%M} UTC. We had not seen that place for your account lately.",
        ],
        closing=[
            "If it was you, all is well. If not, please change your password: that ends all other log-ins, "
            "and signs out all apps unless you untick that."
        ],
        button="See where I am logged in",
        button_url=f"{draft.base}/settings/account",
    )


def _notifications(draft: _Draft) -> MailContent | None:
    account_id = draft.mail.account_id or 0
    seen_before = draft.now - notification_mails.LOOKED_MS
    items = mail_queries.items(draft.db, draft.mail.id, account_id=account_id, now=draft.now, seen_before=seen_before)
    if not items:
        return None
    subject = _sentence(items[0]) if len(items) == 1 else f"{len(items)} new notifications on {draft.site}"
    return MailContent(
        subject=text.plain_excerpt(subject, MAX_SUBJECT_LENGTH),
        paragraphs=[],
        quotes=[_quote(draft, item) for item in items],
        button="See all notifications",
        button_url=f"{draft.base}/notifications",
        unsubscribe_url=draft.unsubscribe([item.kind for item in items]),
    )


def _weekly(draft: _Draft) -> MailContent | None:
    account_id = draft.mail.account_id or 0
    first_id = ids.first_at(draft.now - 7 * clock.DAY)
    popular = mail_queries.popular(draft.db, account_id, first_id=first_id, now=draft.now)
    unread = notifications.count_unread(draft.db, viewer_id=account_id, now=draft.now)
    if not popular and not unread:
        return None
    waiting = f"{unread} notification{'s' if unread != 1 else ''} wait{'' if unread != 1 else 's'} for you."
    return MailContent(
        subject=f"Your week on {draft.site}",
        paragraphs=[f"It has been a while. {waiting}" if unread else "It has been a while. This is what people liked:"],
        quotes=[
            Quote(f"@{post.username}", post.text, f"{draft.base}/@{post.username}/{post.post_id}") for post in popular
        ],
        button=f"Open {draft.site}",
        button_url=draft.base,
        unsubscribe_url=draft.unsubscribe(["weekly"]),
    )


def _statistics(draft: _Draft) -> MailContent:
    yesterday = clock.as_date(draft.now) - timedelta(days=1)
    alive = liveness.read(draft.db, now=draft.now)
    day = next(iter(statistics.daily(draft.db, yesterday, yesterday)), None)
    figures = []
    if day is not None:
        figures = [
            f"Active accounts: {day.active_accounts}",
            f"New accounts: {day.new_accounts}",
            f"Posts: {day.posts}, of which {day.replies} replies",
            f"Boosts: {day.boosts}",
            f"Favourites: {day.favourites}",
            f"New follows: {day.follows}",
            f"Mails sent: {day.mails}",
        ]
    return MailContent(
        subject=f"{draft.site} on {yesterday:%-d %B %Y}",
        paragraphs=["This is what happened yesterday, in UTC."],
        quotes=[
            Quote("The day", "\n".join(figures)),
            Quote("What needs attention", "\n".join(_attention(draft, alive.problems))),
            Quote("Background work, when this was written", "\n".join(liveness.described(alive, draft.now))),
        ],
        button="See the statistics",
        button_url=f"{draft.base}/about/statistics",
    )


WARNINGS = {
    "none": "This is a warning: nothing else was done to your account.",
    "disable": "You can't log in to your account any more; your posts stay as they are.",
    "sensitive": "Your posts' pictures and recordings are shown on demand only from now on.",
    "silence": "Your posts are no longer in the lists that everybody sees. Those who follow you go on seeing them.",
    "suspend": "Your account and your posts are hidden, and you can't log in any more.",
}


def _warning(draft: _Draft) -> MailContent:
    details = draft.mail.details()
    return MailContent(
        subject=f"About your account on {draft.site}",
        paragraphs=["Those who look after the site have looked at your account.", WARNINGS[details["action"]]],
        quotes=[Quote("What they wrote", details["text"])] if details["text"] else [],
        button="See it, or appeal",
        button_url=draft.link("appeal", "warning"),
        closing=["If you think that this is wrong, you can appeal once. The link works for 20 days."],
    )


def _appeal(draft: _Draft) -> MailContent | None:
    warning = warnings.get(draft.db, draft.mail.details()["warning_id"])
    owner = credentials.get(draft.db, warning.target_id) if warning is not None else None
    waiting = warnings.count_appealed(draft.db)
    if not waiting:
        return None
    if warning is None or owner is None or warning.appeal_state != "pending":
        return MailContent(
            subject=f"Appeals against decisions on {draft.site}",
            paragraphs=[f"Appeals that wait for a decision: {waiting}."],
            button="Decide about them",
            button_url=f"{draft.base}/admin/appeals",
        )
    return MailContent(
        subject=f"@{owner.username} appeals against a decision on {draft.site}",
        paragraphs=[f"@{owner.username} thinks that what was done about their account is wrong."],
        quotes=[Quote("What they wrote", warning.appeal or "")],
        button="Decide about it",
        button_url=f"{draft.base}/admin/appeals",
    )


def _appeal_approved(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Your appeal on {draft.site} was granted",
        paragraphs=["Those who look after the site agree with you. What was done about your account is taken back."],
        button=f"Open {draft.site}",
        button_url=draft.base,
    )


def _appeal_rejected(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Your appeal on {draft.site} was turned down",
        paragraphs=["Those who look after the site have read your appeal. What was done about your account stays."],
    )


def _test(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"A test mail from {draft.site}",
        paragraphs=["If you can read this, mail from your site arrives."],
    )


CONTENTS: dict[str, Callable[[_Draft], MailContent | None]] = {
    "confirm": _confirm,
    "change_email": _change_email,
    "change_email_asked": _change_email_asked,
    "reset": _reset,
    "already_registered": _already_registered,
    "approval_needed": _approval_needed,
    "approved": _approved,
    "password_changed": _password_changed,
    "email_changed": _email_changed,
    "new_login": _new_login,
    "notifications": _notifications,
    "digest": _notifications,
    "weekly": _weekly,
    "statistics": _statistics,
    "warning": _warning,
    "appeal": _appeal,
    "appeal_approved": _appeal_approved,
    "appeal_rejected": _appeal_rejected,
    "test": _test,
}


def _sentence(item: Item) -> str:
    name = item.from_display_name or f"@{item.from_username}"
    return {
        "mention": f"{name} mentioned you",
        "follow": f"{name} follows you now",
        "follow_request": f"{name} would like to follow you",
        "favourite": f"{name} likes your post",
        "boost": f"{name} boosted your post",
        "post": f"{name} has posted",
    }[item.kind]


def _quote(draft: _Draft, item: Item) -> Quote:
    if item.post_id is None:
        return Quote(_sentence(item), url=f"{draft.base}/@{item.from_username}")
    body = f"Content warning: {item.spoiler_text}" if item.spoiler_text else item.post_text or ""
    return Quote(_sentence(item), body, f"{draft.base}/@{item.post_username}/{item.post_id}")


def _attention(draft: _Draft, problems: list[str]) -> list[str]:
    parked_mails = mail_queries.count_parked(draft.db)
    parked_events = len(events.parked(draft.db))
    failed = credentials.count_mail_failures(draft.db)
    free = disk.free_percent(draft.context.settings.data)
    lines = [problem[0].upper() + problem[1:] for problem in problems]
    if parked_mails:
        lines.append(f"Mails that could not be sent: {parked_mails}")
    if failed:
        lines.append(f"Accounts whose address takes no mail: {failed} (twite mail failures)")
    if parked_events:
        lines.append(f"Tasks that failed for good: {parked_events} (twite events list)")
    waiting = reports.count_open(draft.db)
    if waiting:
        lines.append(f"Reports that nobody has settled: {waiting}")
    if free < disk.LITTLE_PERCENT:
        lines.append(f"The disk is nearly full: {free} % are free.")
    return lines or ["Nothing."]
