"""What each kind of event does. Handlers only write to the database; what goes out becomes a row to be sent.

Those that handle files aren't in a transaction: the files may be in an object storage, or on somebody else's server.
"""

import logging
from collections.abc import Callable
from functools import partial

from twite_common import outbox
from twite_common.database import Connection
from twite_common.media import storage, stored_files
from twite_common.outbox import Event
from twite_common.services.accounts import account_deletion
from twite_common.services.moderation import content_rules
from twite_common.services.moderation import domain_lists as domain_list_services
from twite_common.services.notifications import mail_bounces, mail_health, notification_mails, push, webhooks
from twite_common.services.operations import media_sweep
from twite_common.services.posts import content_rules as found_by_rules
from twite_common.services.posts import emojis, media, post_deletion, post_expiry, scheduled_posts
from twite_common.services.timelines import timelines
from twite_common.settings import Settings
from twite_tasks.context import Context
from twite_tasks.moderation import domain_lists
from twite_tasks.notifications import bounce_mailbox, domain_check

log = logging.getLogger(__name__)

Handler = Callable[[Connection, Settings, Event, int], None]
FileHandler = Callable[[Context, Event, int], Callable[[Connection], None]]
"""Returns what is to be written with the event's end. It may be called again for the same event."""


def handle_next(context: Context, *, now: int) -> bool:
    """Act on the event whose turn it is; say whether there was one."""
    with context.database.reading() as db:
        # Those who only look don't keep others from writing.
        if not outbox.waiting(db):
            return False
    return handle(context, None, now=now)


def handle(context: Context, event_id: int | None, *, now: int) -> bool:
    """Take an event, or the one whose turn it is, out of the outbox and do what it asks for, in one transaction.

    Events about files are held meanwhile instead, with no transaction open.

    Says whether there was one. A failure is recorded on the event in a transaction of its own, after that one was
    rolled back; the event is tried again when it is due.
    """
    try:
        with context.database.writing() as db:
            if event_id is None:
                event_id = outbox.next_id(db)
            event = None if event_id is None else outbox.take(db, event_id)
            if event is not None and event.kind in FILE_HANDLERS:
                outbox.hold(db, event, now=now)
            elif event is not None:
                HANDLERS[event.kind](db, context.settings, event, now)
        if event is not None and event.kind in FILE_HANDLERS:
            _handle_files(context, event, now)
    except Exception as error:
        if event_id is None:
            raise
        log.exception("event_failed %s", {"event_id": event_id})
        with context.database.writing() as db:
            outbox.fail(db, event_id, f"{type(error).__name__}: {error}", now=now)
    return event_id is not None


def _handle_files(context: Context, event: Event, now: int) -> None:
    end = FILE_HANDLERS[event.kind](context, event, now)
    with context.database.writing() as db:
        if outbox.take(db, event.id) is not None:
            end(db)


def plan_mails(db: Connection, settings: Settings, event: Event, now: int) -> None:
    """Decide which mails tell of new notifications."""
    for notification_id in event.details()["notification_ids"]:
        notification_mails.plan(db, settings, now=now, notification_id=notification_id)


def plan_pushes(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Decide which devices are told of new notifications."""
    push.plan(db, event.details()["notification_ids"], now=now)


def plan_deliveries(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Decide which webhooks are told of new notifications."""
    webhooks.plan(db, event.details()["notification_ids"], now=now)


def plan_post_deliveries(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Decide which webhooks are told what became of their owner's posts."""
    details = event.details()
    webhooks.plan_for_posts(db, details["event"], details["post_ids"], now=now, account_id=event.account_id or 0)


def deliver_post(db: Connection, settings: Settings, event: Event, now: int) -> None:
    """Put a post into the timelines of the next of many followers."""
    details = event.details()
    post_id, after_id = details["post_id"], details["after_id"]
    timelines.deliver_chunk(db, settings, now=now, post_id=post_id, after_id=after_id, author_id=event.account_id)


def publish_scheduled(db: Connection, settings: Settings, event: Event, now: int) -> None:
    """Publish a post whose time has come."""
    scheduled_posts.publish_due(db, settings, now=now, scheduled_id=event.details()["scheduled_id"])


def delete_over(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Delete a post that has ended by itself."""
    post_deletion.delete_over(db, now=now, post_id=event.details()["post_id"])


def remove_files(context: Context, event: Event, _now: int) -> Callable[[Connection], None]:
    """Remove files that nothing uses by now."""
    details = event.details()
    stored_files.remove_unused(context.database, storage.media(context.settings), details["names"])
    stored_files.remove_uploads(storage.uploads(context.settings), details.get("uploads", []))
    stored_files.remove_archives(storage.archives(context.settings), details.get("archives", []))
    return nothing_more


def nothing_more(_db: Connection) -> None:
    """Write nothing with the end of an event."""


def sweep_media(context: Context, event: Event, now: int) -> Callable[[Connection], None]:
    """Remove the next files without rows, and name rows without files in the log: these are left to the operator."""
    place = media_sweep.Place(**event.details())
    step = media_sweep.look(context.database, context.settings, place, now=now)
    media_sweep.remove_strays(context.database, context.settings, step.strays)
    if step.strays:
        log.warning("files_without_rows_removed %s", {"files": step.strays})
    for row in step.lost:
        log.warning("row_without_files %s", {"kind": row.kind, "id": row.id, "files": row.files})
    return partial(media_sweep.go_on, place=step.next, now=now)


def try_rule(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Try a rule for content on the next of the earlier posts."""
    content_rules.go_on(db, now=now, account_id=event.account_id, **event.details())


def report_found(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Report posts that rules for content have found."""
    if event.account_id is not None:
        content_rules.report_found(db, now=now, author_id=event.account_id, **event.details())


def delete_account(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Remove the next of what a deleted account leaves."""
    if event.account_id is not None:
        account_deletion.go_on(db, now=now, account_id=event.account_id)


def spread_emoji(db: Connection, _settings: Settings, event: Event, now: int) -> None:
    """Write anew the next of what names an emoji that has changed."""
    details = event.details()
    emojis.spread(db, now=now, shortcode=details["shortcode"], before_id=details["before_id"])


HANDLERS: dict[str, Handler] = {
    "notifications.created": plan_mails,
    "post.deliver": deliver_post,
    account_deletion.EVENT: delete_account,
    content_rules.TRY: try_rule,
    emojis.EVENT: spread_emoji,
    post_expiry.EVENT: delete_over,
    found_by_rules.REPORT: report_found,
    push.EVENT: plan_pushes,
    scheduled_posts.EVENT: publish_scheduled,
    webhooks.EVENT: plan_deliveries,
    webhooks.POST_EVENT: plan_post_deliveries,
}
FILE_HANDLERS: dict[str, FileHandler] = {
    domain_list_services.EVENT: domain_lists.fetch,
    mail_bounces.READ: bounce_mailbox.read,
    mail_health.EVENT: domain_check.check,
    media.UNUSED: remove_files,
    media_sweep.EVENT: sweep_media,
}
