"""Commands about the outbox."""

import click

from twite.options import ID, data_option, database
from twite_common import clock

MAX_LIST_LENGTH = 1000


@click.group()
def events() -> None:
    """See what is to be done by tasks, and settle what failed."""


@events.command("list")
@data_option
def list_() -> None:
    """List what stands in the outbox, one event a line.

    Id, kind, tries, state and last error, with tabs between.
    """
    from twite_common import events as outbox

    with database() as site_database, site_database.reading() as db:
        pending_events = outbox.pending(db, limit=MAX_LIST_LENGTH + 1)
    for event in pending_events[:MAX_LIST_LENGTH]:
        state = "parked" if event.parked_at is not None else "waiting"
        click.echo("\t".join([str(event.id), event.kind, str(event.attempts), state, " ".join(event.error.split())]))
    if len(pending_events) > MAX_LIST_LENGTH:
        click.echo(f"There are more: these are the oldest {MAX_LIST_LENGTH}.", err=True)


@events.command()
@data_option
@click.argument("event_id", metavar="ID", type=ID)
def retry(event_id: int) -> None:
    """Have an event acted on again, at once."""
    from twite_common import events as outbox

    with database() as site_database, site_database.writing() as db:
        outbox.retry(db, event_id, now=clock.now())
    click.echo(f"Event {event_id} is tried again.")


@events.command()
@data_option
@click.argument("event_id", metavar="ID", type=ID)
def drop(event_id: int) -> None:
    """Remove an event without acting on it."""
    from twite_common import events as outbox

    with database() as site_database, site_database.writing() as db:
        outbox.drop(db, event_id)
    click.echo(f"Dropped event {event_id}.")
