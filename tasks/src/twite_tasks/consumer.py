"""Celery's consumer, with other steps after it has connected to RabbitMQ."""

from contextlib import suppress
from typing import Any

from celery import bootsteps
from celery.worker import consumer

from twite_broker import queues

DELAYED_DELIVERY = "celery.worker.consumer.delayed_delivery:DelayedDelivery"


class RemoveClassicQueues(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Removes the queues that earlier versions had, unless one of their workers still reads them.

    Nothing is lost with what is in them: the database knows what there is to do.
    """

    requires = (consumer.Tasks,)

    def include_if(self, parent: Any) -> bool:
        """Say whether the broker is RabbitMQ."""
        return bool(parent.app.connection_for_read().transport.driver_type == "amqp")

    def start(self, parent: Any) -> None:
        """Remove them; one that isn't there is no error."""
        connection = parent.connection
        for name in queues.classic_names(parent.app.conf.task_default_queue):
            # RabbitMQ closes the channel where it refuses.
            with suppress(*connection.channel_errors), connection.channel() as channel:
                channel.queue_delete(name, if_unused=True)


class Consumer(consumer.Consumer):  # type: ignore[misc] # Celery has no types
    """Takes messages from the broker; see `celery.worker.consumer.Consumer`."""

    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc] # Celery has no types
        """The steps after connecting.

        For tasks that are to start later Celery would have 28 more queues. Twite keeps those in its database.
        """

        default_steps = (
            *(step for step in consumer.Consumer.Blueprint.default_steps if step != DELAYED_DELIVERY),
            RemoveClassicQueues,
        )
