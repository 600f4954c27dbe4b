"""The content of mails that sum up: notifications, the week, and the site's statistics."""

from datetime import timedelta

from twite_common import clock, disk, ids, outbox, text
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.notifications import notifications
from twite_common.queries.notifications.mails import Item
from twite_common.queries.operations import liveness, statistics
from twite_common.services.notifications import notification_mails
from twite_tasks.notifications.mail_draft import Draft, MailContent, Quote

MAX_SUBJECT_LENGTH = 78


def notifications_content(draft: Draft) -> MailContent | None:
    """Return what a mail about notifications says; None where all were seen or are gone."""
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


def weekly(draft: Draft) -> MailContent | None:
    """Return what somebody missed in a week; None where that is nothing."""
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


def statistics_content(draft: Draft) -> MailContent:
    """Return yesterday's statistics and what needs attention, for administrators."""
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


def _quote(draft: Draft, item: Item) -> Quote:
    if item.post_id is None:
        return Quote(_sentence(item), url=f"{draft.base}/@{item.from_username}")
    body = f"Content warning: {item.spoiler_text}" if item.spoiler_text else item.post_text or ""
    return Quote(_sentence(item), body, f"{draft.base}/@{item.post_username}/{item.post_id}")


def _attention(draft: Draft, problems: list[str]) -> list[str]:
    parked_mails = mail_queries.count_parked(draft.db)
    parked_events = len(outbox.parked(draft.db))
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
