"""The next piece of each kind of work. Each function does one piece and returns whether there was any."""

import threading
from collections.abc import Callable

from twite_common import clock
from twite_common.queries.identity import archives as archive_queries
from twite_common.queries.identity import imports as import_queries
from twite_common.queries.notifications import push as push_queries
from twite_common.queries.notifications import webhooks as webhook_queries
from twite_common.services.accounts import field_verification
from twite_common.services.notifications import mails
from twite_common.services.posts import cards, media_processing
from twite_tasks import event_handlers, periodic_jobs
from twite_tasks.accounts import field_verification as fields
from twite_tasks.context import Context
from twite_tasks.identity.archives import making
from twite_tasks.identity.imports import working as import_work
from twite_tasks.notifications import mail_sender, webhook_sender
from twite_tasks.notifications import push as pushes
from twite_tasks.posts import cards as card_tasks
from twite_tasks.posts import media as recordings


def handle_next_event(context: Context) -> bool:
    """Act on the event whose turn it is."""
    return event_handlers.handle_next(context, now=clock.now())


def send_next_mail(context: Context) -> bool:
    """Send the mail whose turn it is."""
    with context.database.reading() as db:
        mail_ids = mails.next_ids(db, context.settings, now=clock.now())
    for mail_id in mail_ids:
        mail_sender.send(context, mail_id)
    return bool(mail_ids)


def send_next_push(context: Context) -> bool:
    """Push the message whose turn it is."""
    with context.database.reading() as db:
        message_ids = push_queries.due(db, now=clock.now())
    for message_id in message_ids:
        pushes.send(context, message_id)
    return bool(message_ids)


def send_next_delivery(context: Context) -> bool:
    """Tell a webhook what it is to be told, if it is its turn."""
    with context.database.reading() as db:
        delivery_ids = webhook_queries.due(db, now=clock.now())
    for delivery_id in delivery_ids:
        webhook_sender.send(context, delivery_id)
    return bool(delivery_ids)


def look_at_next_page(context: Context) -> bool:
    """Fetch a page for its card, and look at one whether it names a profile: those whose turn it is."""
    with context.database.reading() as db:
        card_ids = cards.due(db, now=clock.now())
        check_ids = field_verification.due(db, now=clock.now())
    for card_id in card_ids:
        card_tasks.fetch(context, card_id)
    for check_id in check_ids:
        fields.verify(context, check_id)
    return bool(card_ids or check_ids)


def process_next_upload(context: Context, goes_on: Callable[[], bool]) -> bool:
    """Prepare the upload whose turn it is, unless `goes_on` says meanwhile that this process has to stop."""
    with context.database.reading() as db:
        media_ids = media_processing.waiting(db)
    for media_id in media_ids:
        recordings.process(context, media_id, goes_on=goes_on)
    return bool(media_ids)


def make_next_archive(context: Context, goes_on: Callable[[], bool]) -> bool:
    """Make the archive whose turn it is, unless `goes_on` says meanwhile that this process has to stop."""
    with context.database.reading() as db:
        archive_ids = archive_queries.waiting(db)
    for archive_id in archive_ids:
        making.make(context, archive_id, goes_on=goes_on)
    return bool(archive_ids)


def work_at_next_import(context: Context, goes_on: Callable[[], bool]) -> bool:
    """Work at the import whose turn it is, unless `goes_on` says meanwhile that this process has to stop."""
    with context.database.reading() as db:
        import_ids = import_queries.waiting(db, now=clock.now())
    for import_id in import_ids:
        import_work.work(context, import_id, goes_on=goes_on)
    return bool(import_ids)


class AskedJobs:
    """Periodic jobs that were asked for and not begun yet, each once."""

    def __init__(self, context: Context) -> None:
        self._equipment = context
        self._lock = threading.Lock()
        # What became due while no worker was there is not left to wait for the clock's next tick.
        self._asked = dict.fromkeys(periodic_jobs.JOBS)

    def ask_for(self, name: str) -> None:
        """Have a job run soon, if it is due."""
        with self._lock:
            self._asked[name] = None

    def run_next(self) -> bool:
        """Run the job that was asked for first."""
        with self._lock:
            name = next(iter(self._asked), None)
            if name is None:
                return False
            del self._asked[name]
        periodic_jobs.run(self._equipment, name, now=clock.now())
        return True
