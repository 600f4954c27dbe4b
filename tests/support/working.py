"""What a worker does, done by the test itself: no process, and no waiting for it."""

from support.site_under_test import Site
from twite_tasks import context, work


def do_what_is_due(site: Site) -> None:
    """Act on events, send mails and tell webhooks, until nothing is left to do now."""
    equipment = context.make(site.settings)
    kinds = (work.handle_next_event, work.send_next_mail, work.send_next_delivery)
    try:
        while any(do_next(equipment) for do_next in kinds):
            pass
    finally:
        equipment.database.close()
