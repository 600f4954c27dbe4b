"""Which queue each task's messages go to, shared by senders and workers.

Each kind of work has a queue of its own, and a worker has threads for each: so none can stop another.
"""

from typing import Any

PREFIX = "twite"
"""What the queues' names begin with. Alone it is the name of the only queue that earlier versions had."""

QUEUES: dict[str, tuple[str, ...]] = {
    "mail": ("mails.send",),
    "events": ("events.handle",),
    "media": ("media.process",),
    "pushes": ("push.send",),
    "pages": ("cards.fetch", "fields.verify"),
    "jobs": ("jobs.run",),
}
"""Kinds of work, and the tasks that ask for each."""


def options(prefix: str, only: tuple[str, ...] = ()) -> dict[str, object]:
    """Return Celery's settings that route tasks; a worker reads the queues named in `only`, or all.

    Whoever reads all reads that of earlier versions too: during an upgrade it still gets messages.
    """
    read = only or tuple(QUEUES)
    return {
        "task_default_queue": prefix,
        "task_queues": [_queue(f"{prefix}.{name}") for name in read] + ([] if only else [_queue(prefix)]),
        "task_routes": {task: _route(f"{prefix}.{name}") for name, tasks in QUEUES.items() for task in tasks},
    }


def _queue(name: str) -> Any:
    # Imported here: the commands that only want the names are quick.
    from kombu.entity import Exchange, Queue

    return Queue(name, Exchange(name, type="direct"), routing_key=name)  # type: ignore[no-untyped-call] # kombu has no types


def _route(name: str) -> dict[str, object]:
    # The queue itself, not only its name: whoever reads few queues may send to any.
    return {"queue": _queue(name)}
