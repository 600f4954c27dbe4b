"""The content of each kind of mail. Links with tokens are created when the mail is sent, and never stored."""

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
    """A quotation in a mail: a heading, the quoted text, and its URL."""

    heading: str
    text: str = ""
    url: str = ""


class MailContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says, before it is rendered as a MIME message."""

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
        """Return the URL of the mail's one-time link."""
        token = one_time_links.token(self.context.signer, self.mail.details()["link_id"], purpose)
        return f"{self.base}/{path}/{token}"

    def unsubscribe(self, kinds: list[str]) -> str:
        token = unsubscribe.token(self.context.signer, self.mail.account_id or 0, kinds)
        return f"{self.base}/unsubscribe/{token}"


def write(db: Connection, context: Context, mail: Mail, *, now: int) -> MailContent | None:
    """Return a mail's content; None when there is nothing left to report."""
    return CONTENTS[mail.kind](_Draft(db, context, mail, now))


def _confirm(draft: _Draft) -> MailContent:
    if draft.mail.details().get("again"):
        return MailContent(
            subject=f"Please confirm that mail from {draft.site} reaches you",
            paragraphs=["Mail to this address was refused for a while. Please confirm that it now arrives."],
            button="Confirm my address",
            button_url=draft.link("confirm", "confirm"),
        )
    return MailContent(
        subject=f"Please confirm your e-mail address for {draft.site}",
        paragraphs=[
            f"Welcome to {draft.site}! One last step: please confirm that this is your e-mail address.",
        ],
        button="Confirm my address",
        button_url=draft.link("confirm", "confirm"),
        closing=["The link works for seven days. If you didn't sign up, you can ignore this e-mail."],
    )


def _change_email(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Please confirm your new e-mail address for {draft.site}",
        paragraphs=["You asked to change to this address. Please confirm it to make the change."],
        button="Use this address",
        button_url=draft.link("confirm-email", "change_email"),
        closing=["The link works for a day. If you didn't ask for this, you can ignore this e-mail."],
    )


def _change_email_asked(draft: _Draft) -> MailContent:
    new_address = domains.readable(draft.mail.details()["new_address"])
    return MailContent(
        subject=f"Request to change your e-mail address for {draft.site}",
        paragraphs=[
            f"Someone, hopefully you, asked to change your account's e-mail address to {new_address}. "
            "Nothing changes until the link in the e-mail to that address is opened."
        ],
        closing=[
            "If it wasn't you, someone else knows your password. Please set a new one right away: "
            "that ends all other sessions, and the link in that e-mail stops working."
        ],
        button="Set a new password",
        button_url=f"{draft.base}/forgot",
    )


def _reset(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Set a new password for {draft.site}",
        paragraphs=["Someone, hopefully you, asked to set a new password for your account."],
        button="Set a new password",
        button_url=draft.link("reset", "reset"),
        closing=["The link works once, within two hours. If you didn't ask for this, you can ignore this e-mail."],
    )


def _already_registered(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"You already have an account on {draft.site}",
        paragraphs=[
            "Someone, hopefully you, tried to sign up with this address, which already has an account.",
            "You can log in with your username or this address. If you forgot your password, you can set a new one.",
        ],
        button="Log in",
        button_url=f"{draft.base}/login",
        closing=["If it wasn't you, you don't need to do anything."],
    )


def _approval_needed(draft: _Draft) -> MailContent | None:
    waiting = [account for account in credentials.waiting(draft.db) if account.confirmed_at is not None]
    if not waiting:
        return None
    # The account that the mail was queued for, unless it has been approved already; there may be more by now.
    new_account_id = draft.mail.details()["new_account_id"]
    applicant = next((account for account in waiting if account.account_id == new_account_id), waiting[-1])
    other_count = len(waiting) - 1
    return MailContent(
        subject=f"@{applicant.username} would like to join {draft.site}",
        paragraphs=[
            f"@{applicant.username} has signed up and is waiting for approval.",
            *([f"So {'is' if other_count == 1 else 'are'} {other_count} more."] if other_count else []),
        ],
        quotes=[Quote("Why they would like to join", applicant.reason)] if applicant.reason else [],
        button="Review pending accounts",
        button_url=f"{draft.base}/admin/waiting",
    )


def _approved(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Welcome to {draft.site}",
        paragraphs=["Your account has been approved. You can log in now."],
        button="Log in",
        button_url=f"{draft.base}/login",
    )


APPS_AFTER_A_PASSWORD = {
    True: "All apps and scripts were logged out, too.",
    False: "Apps and scripts stay logged in: you can find them in your settings, under “Apps”.",
}


def _password_changed(draft: _Draft) -> MailContent:
    # Mails queued by earlier versions lack this detail.
    details = draft.mail.details()
    apps = APPS_AFTER_A_PASSWORD[details["tokens_ended"]] if "tokens_ended" in details else ""
    return MailContent(
        subject=f"Your password for {draft.site} was changed",
        paragraphs=[
            f"Your password has just been changed, and you have been logged out everywhere else. {apps}".rstrip()
        ],
        closing=["If it wasn't you, please set a new password right away: follow the link “Forgot your password?”."],
        button="Go to the login page",
        button_url=f"{draft.base}/login",
    )


def _email_changed(draft: _Draft) -> MailContent:
    new_address = domains.readable(draft.mail.details()["new_address"])
    return MailContent(
        subject=f"Your e-mail address for {draft.site} was changed",
        paragraphs=[f"Your account now uses the address {new_address}. This is the last e-mail to this address."],
        closing=[f"If it wasn't you, please contact {_operator(draft)} right away: you can no longer log in."],
    )


def _operator(draft: _Draft) -> str:
    """Return whom to contact after losing an account."""
    return draft.context.settings.contact_email or "the site's staff"


def _new_login(draft: _Draft) -> MailContent:
    details = draft.mail.details()
    logged_in_at = clock.as_datetime(details["at"])
    return MailContent(
        subject=f"New login to your account on {draft.site}",
        paragraphs=[
            f"Someone logged in to your account with {details['browser']} from {details['from_address']} "
            f"on {logged_in_at:%-d %B %Y} at {logged_in_at:%H:%M} UTC. This address is new for your account.",
        ],
        closing=[
            "If it wasn't you, please change your password: that ends all other sessions "
            "and logs out all apps unless you untick that."
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
    unread_sentence = (
        f"{unread} notification{'s' if unread != 1 else ''} {'are' if unread != 1 else 'is'} waiting for you."
    )
    return MailContent(
        subject=f"Your week on {draft.site}",
        paragraphs=[
            f"It has been a while. {unread_sentence}" if unread else "It has been a while. This is what people liked:"
        ],
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
            f"E-mails sent: {day.mails}",
        ]
    return MailContent(
        subject=f"{draft.site} on {yesterday:%-d %B %Y}",
        paragraphs=["This is what happened yesterday (UTC)."],
        quotes=[
            Quote("Figures", "\n".join(figures)),
            Quote("Needs attention", "\n".join(_attention(draft, alive.problems))),
            Quote("Background work at the time of writing", "\n".join(liveness.described(alive, draft.now))),
        ],
        button="View statistics",
        button_url=f"{draft.base}/about/statistics",
    )


WARNINGS = {
    "none": "This is a warning. Nothing else was done to your account.",
    "disable": "You can no longer log in to your account. Your posts stay as they are.",
    "sensitive": "The media in your posts are now hidden behind a warning.",
    "silence": "Your posts no longer appear in public timelines. Your followers still see them.",
    "suspend": "Your account and your posts are hidden, and you can no longer log in.",
}


def _warning(draft: _Draft) -> MailContent:
    details = draft.mail.details()
    return MailContent(
        subject=f"About your account on {draft.site}",
        paragraphs=["The site's staff have reviewed your account.", WARNINGS[details["action"]]],
        quotes=[Quote("What they wrote", details["text"])] if details["text"] else [],
        button="Read it or appeal",
        button_url=draft.link("appeal", "warning"),
        closing=["If you think this is wrong, you can appeal once. The link works for 20 days."],
    )


def _appeal(draft: _Draft) -> MailContent | None:
    warning = warnings.get(draft.db, draft.mail.details()["warning_id"])
    owner = credentials.get(draft.db, warning.target_id) if warning is not None else None
    pending_count = warnings.count_appealed(draft.db)
    if not pending_count:
        return None
    if warning is None or owner is None or warning.appeal_state != "pending":
        return MailContent(
            subject=f"Pending appeals on {draft.site}",
            paragraphs=[f"Appeals pending a decision: {pending_count}."],
            button="Review appeals",
            button_url=f"{draft.base}/admin/appeals",
        )
    return MailContent(
        subject=f"@{owner.username} appealed a decision on {draft.site}",
        paragraphs=[f"@{owner.username} has appealed the action against their account."],
        quotes=[Quote("What they wrote", warning.appeal or "")],
        button="Review appeal",
        button_url=f"{draft.base}/admin/appeals",
    )


def _appeal_approved(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Your appeal on {draft.site} was approved",
        paragraphs=["The site's staff agree with you and have undone the action against your account."],
        button=f"Open {draft.site}",
        button_url=draft.base,
    )


def _appeal_rejected(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Your appeal on {draft.site} was rejected",
        paragraphs=["The site's staff have read your appeal. The action against your account stands."],
    )


def _test(draft: _Draft) -> MailContent:
    return MailContent(
        subject=f"Test e-mail from {draft.site}",
        paragraphs=["If you can read this, mail from your site works."],
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
        "follow": f"{name} followed you",
        "follow_request": f"{name} would like to follow you",
        "favourite": f"{name} favourited your post",
        "boost": f"{name} boosted your post",
        "post": f"{name} posted",
    }[item.kind]


def _quote(draft: _Draft, item: Item) -> Quote:
    if item.post_id is None:
        return Quote(_sentence(item), url=f"{draft.base}/@{item.from_username}")
    body = f"Content warning: {item.spoiler_text}" if item.spoiler_text else item.post_text or ""
    return Quote(_sentence(item), body, f"{draft.base}/@{item.post_username}/{item.post_id}")


def _attention(draft: _Draft, problems: list[str]) -> list[str]:
    parked_mails = mail_queries.count_parked(draft.db)
    parked_events = len(events.parked(draft.db))
    refusing_accounts = credentials.count_mail_failures(draft.db)
    free_percent = disk.free_percent(draft.context.settings.data)
    lines = [problem[0].upper() + problem[1:] for problem in problems]
    if parked_mails:
        lines.append(f"E-mails that could not be sent: {parked_mails}")
    if refusing_accounts:
        lines.append(f"Accounts whose address refuses mail: {refusing_accounts} (twite mail failures)")
    if parked_events:
        lines.append(f"Permanently failed tasks: {parked_events} (twite events list)")
    open_reports = reports.count_open(draft.db)
    if open_reports:
        lines.append(f"Open reports: {open_reports}")
    if free_percent < disk.LITTLE_PERCENT:
        lines.append(f"The disk is nearly full: {free_percent} % free.")
    return lines or ["Nothing."]
