"""Which queue each task's messages go to, shared by senders and workers.

Each kind of work has a queue of its own, and a worker has threads for each: so none can stop another. In RabbitMQ they
are quorum queues, which go on while most of a cluster's nodes do; a classic one is on one node alone.
"""

from typing import Any

PREFIX = "twite"
"""What the queues' names begin with. Alone it is the name of the only queue that earlier versions had."""

QUEUES: dict[str, tuple[str, ...]] = {
    "mail": ("mails.send",),
    "events": ("events.handle",),
    "media": ("media.process",),
    "archives": ("archives.make",),
    "imports": ("imports.work",),
    "pushes": ("push.send",),
    "webhooks": ("webhooks.send",),
    "pages": ("cards.fetch", "fields.verify"),
    "jobs": ("jobs.run",),
}
"""Kinds of work, and the tasks that ask for each."""

MAX_LENGTH = 10_000
"""Messages that wait in a quorum queue; the oldest leave. A few are enough for any number of rows."""


def queue_name(prefix: str, kind: str, *, quorum: bool) -> str:
    """Return the name of the queue for a kind of work; what a queue is can't be changed under its name."""
    return f"{prefix}.quorum.{kind}" if quorum else f"{prefix}.{kind}"


def classic_names(prefix: str) -> list[str]:
    """Return the names of the queues that earlier versions had in RabbitMQ."""
    return [*(queue_name(prefix, kind, quorum=False) for kind in QUEUES), prefix]


def options(prefix: str, only: tuple[str, ...] = (), *, quorum: bool = False) -> dict[str, object]:
    """Return Celery's settings that route tasks; a worker reads the queues named in `only`, or all.

    Whoever reads all reads the only queue of earlier versions too, unless that would be a classic one in RabbitMQ.
    """
    read = [_queue(queue_name(prefix, kind, quorum=quorum), quorum) for kind in only or QUEUES]
    earlier = [] if only or quorum else [_queue(prefix, quorum)]
    return {
        "task_default_queue": prefix,
        "task_queues": read + earlier,
        "task_routes": {
            task: _route(queue_name(prefix, kind, quorum=quorum), quorum)
            for kind, tasks in QUEUES.items()
            for task in tasks
        },
    }


def _queue(name: str, quorum: bool) -> Any:
    # Imported here: the commands that only want the names are quick.
    from kombu.entity import Exchange, Queue

    of_kind = {"max_length": MAX_LENGTH, "queue_arguments": {"x-queue-type": "quorum"}} if quorum else {}
    return Queue(name, Exchange(name, type="direct"), routing_key=name, **of_kind)  # type: ignore[no-untyped-call] # kombu has no types


def _route(name: str, quorum: bool) -> dict[str, object]:
    # The queue itself, not only its name: whoever reads few queues may send to any.
    return {"queue": _queue(name, quorum)}
