"""The content of mails that sum up: notifications, the week, and the site's statistics."""

from datetime import timedelta

from twite_common import clock, disk, formats, ids, outbox, text
from twite_common.queries.accounts import credentials
from twite_common.queries.moderation import reports
from twite_common.queries.notifications import mails as mail_queries
from twite_common.queries.notifications import notifications
from twite_common.queries.notifications.mails import Item
from twite_common.queries.operations import liveness, statistics
from twite_common.services.notifications import notification_mails
from twite_common.translations import gettext as _
from twite_common.translations import marked, ngettext
from twite_tasks.notifications.mail_draft import Draft, MailContent, Quote

MAX_SUBJECT_LENGTH = 78


def notifications_content(draft: Draft) -> MailContent | None:
    """Return what a mail about notifications says; None where all were seen or are gone."""
    account_id = draft.mail.account_id or 0
    seen_before = draft.now - notification_mails.LOOKED_MS
    items = mail_queries.items(draft.db, draft.mail.id, account_id=account_id, now=draft.now, seen_before=seen_before)
    if not items:
        return None
    subject = (
        _sentence(items[0])
        if len(items) == 1
        else ngettext(
            "%(count)s new notification on %(site)s",
            "%(count)s new notifications on %(site)s",
            len(items),
            site=draft.site,
        )
    )
    return MailContent(
        subject=text.plain_excerpt(subject, MAX_SUBJECT_LENGTH),
        paragraphs=[],
        quotes=[_quote(draft, item) for item in items],
        button=_("See all notifications"),
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
    since = _("It has been a while. This is what people liked:")
    if unread:
        since = ngettext(
            "It has been a while. %(count)s notification is waiting for you.",
            "It has been a while. %(count)s notifications are waiting for you.",
            unread,
        )
    return MailContent(
        subject=_("Your week on %(site)s", site=draft.site),
        paragraphs=[since],
        quotes=[
            Quote(f"@{post.username}", post.text, f"{draft.base}/@{post.username}/{post.post_id}") for post in popular
        ],
        button=_("Open %(site)s", site=draft.site),
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
            _("Active accounts: %(count)s", count=day.active_accounts),
            _("New accounts: %(count)s", count=day.new_accounts),
            _("Posts: %(count)s, of which %(replies)s replies", count=day.posts, replies=day.replies),
            _("Boosts: %(count)s", count=day.boosts),
            _("Favourites: %(count)s", count=day.favourites),
            _("New follows: %(count)s", count=day.follows),
            _("E-mails sent: %(count)s", count=day.mails),
        ]
    return MailContent(
        subject=_("%(site)s on %(day)s", site=draft.site, day=formats.day(yesterday)),
        paragraphs=[_("This is what happened yesterday (UTC).")],
        quotes=[
            Quote(_("Figures"), "\n".join(figures)),
            Quote(_("Needs attention"), "\n".join(_attention(draft, alive.problems))),
            Quote(_("Background work at the time of writing"), "\n".join(liveness.described(alive, draft.now))),
        ],
        button=_("View statistics"),
        button_url=f"{draft.base}/about/statistics",
    )


SENTENCES = {
    "mention": marked("%(name)s mentioned you"),
    "follow": marked("%(name)s followed you"),
    "follow_request": marked("%(name)s would like to follow you"),
    "favourite": marked("%(name)s favourited your post"),
    "boost": marked("%(name)s boosted your post"),
    "post": marked("%(name)s posted"),
}


def _sentence(item: Item) -> str:
    name = item.from_display_name or f"@{item.from_username}"
    return _(SENTENCES[item.kind], name=name)


def _quote(draft: Draft, item: Item) -> Quote:
    if item.post_id is None:
        return Quote(_sentence(item), url=f"{draft.base}/@{item.from_username}")
    body = item.post_text or ""
    if item.spoiler_text:
        body = _("Content warning: %(warning)s", warning=item.spoiler_text)
    return Quote(_sentence(item), body, f"{draft.base}/@{item.post_username}/{item.post_id}")


def _attention(draft: Draft, problems: list[str]) -> list[str]:
    parked_mails = mail_queries.count_parked(draft.db)
    parked_events = len(outbox.parked(draft.db))
    refusing_accounts = credentials.count_mail_failures(draft.db)
    free_percent = disk.free_percent(draft.context.settings.data)
    lines = [problem[0].upper() + problem[1:] for problem in problems]
    if parked_mails:
        lines.append(_("E-mails that could not be sent: %(count)s", count=parked_mails))
    if refusing_accounts:
        lines.append(_("Accounts whose address refuses mail: %(count)s (twite mail failures)", count=refusing_accounts))
    if parked_events:
        lines.append(_("Permanently failed tasks: %(count)s (twite events list)", count=parked_events))
    open_reports = reports.count_open(draft.db)
    if open_reports:
        lines.append(_("Open reports: %(count)s", count=open_reports))
    if free_percent < disk.LITTLE_PERCENT:
        lines.append(_("The disk is nearly full: %(percent)s %% free.", percent=free_percent))
    return lines or [_("Nothing.")]
