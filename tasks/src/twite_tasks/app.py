"""The Celery application: its thin tasks, each with an id or a name in and nothing out."""

from celery import Celery, Task

from twite_broker.options import QUEUE, celery_options
from twite_common import clock, events
from twite_common.services import cards, field_verification, mails, media, push
from twite_tasks import cards as cards_module
from twite_tasks import fields, handlers, jobs, pushes, recordings, sender
from twite_tasks.equipment import Equipment
from twite_tasks.liveness import ClockSightings


def make(equipment: Equipment, *, queue: str = QUEUE) -> Celery:
    """Return the application with its tasks; their names are contracts with messages already sent."""
    app = Celery("twite", set_as_current=False)
    app.conf.update(celery_options(equipment.settings, queue=queue))
    clock_sightings = ClockSightings(equipment.database)

    def handle(event_id: int) -> None:
        handlers.handle(equipment, event_id, now=clock.now())

    def send(mail_id: int) -> None:
        sender.send(equipment, mail_id)

    def run(task: Task, name: str) -> None:
        clock_sightings.note(task.request)
        jobs.run(equipment, name, now=clock.now())

    def process(media_id: int) -> None:
        recordings.process(equipment, media_id)

    def send_push(message_id: int) -> None:
        pushes.send(equipment, message_id)

    def verify_field(check_id: int) -> None:
        fields.verify(equipment, check_id)

    def fetch_card(card_id: int) -> None:
        cards_module.fetch(equipment, card_id)

    app.task(fetch_card, name=cards.TASK)
    app.task(verify_field, name=field_verification.TASK)
    app.task(send_push, name=push.TASK)
    app.task(process, name=media.TASK)
    app.task(handle, name=events.TASK)
    app.task(send, name=mails.TASK)
    app.task(run, name=jobs.TASK, bind=True)
    return app
