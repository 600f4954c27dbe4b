"""Commands about the outbox."""

import click

from twite.options import ID, data_option, database
from twite_common import clock

MAX_LIST_LENGTH = 1000


@click.group()
def events() -> None:
    """List pending tasks, and retry or discard failed ones."""


@events.command("list")
@data_option
def list_() -> None:
    """List the events in the outbox, one per line.

    Id, kind, attempts, state and last error, separated by tabs.
    """
    from twite_common import outbox

    with database() as site_database, site_database.reading() as db:
        pending_events = outbox.pending(db, limit=MAX_LIST_LENGTH + 1)
    for event in pending_events[:MAX_LIST_LENGTH]:
        state = "parked" if event.parked_at is not None else "waiting"
        click.echo("\t".join([str(event.id), event.kind, str(event.attempts), state, " ".join(event.error.split())]))
    if len(pending_events) > MAX_LIST_LENGTH:
        click.echo(f"These are the oldest {MAX_LIST_LENGTH}; there are more.", err=True)


@events.command()
@data_option
@click.argument("event_id", metavar="ID", type=ID)
def retry(event_id: int) -> None:
    """Retry an event right away."""
    from twite_common import outbox

    with database() as site_database, site_database.writing() as db:
        outbox.retry(db, event_id, now=clock.now())
    click.echo(f"Event {event_id} will be retried.")


@events.command()
@data_option
@click.argument("event_id", metavar="ID", type=ID)
def drop(event_id: int) -> None:
    """Discard an event."""
    from twite_common import outbox

    with database() as site_database, site_database.writing() as db:
        outbox.drop(db, event_id)
    click.echo(f"Discarded event {event_id}.")
