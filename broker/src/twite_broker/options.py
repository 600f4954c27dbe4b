"""Celery's settings, shared by senders and workers."""

from kombu.transport import TRANSPORT_ALIASES

from twite_broker import queues
from twite_common.settings import Settings

POLL_SECONDS = 0.1
TIMEOUT_SECONDS = 3
"""How long a sender waits for an answer of the broker, before it takes the connection for dead."""
ANSWER_SECONDS = 15
"""How long a worker waits when it asks RabbitMQ for something. Nothing looks after heartbeats meanwhile: it would wait
for ever for one that has fallen silent."""
HEALTH_CHECK_SECONDS = 10
"""A worker's connection to Redis that has been silent for about twice as long is made anew."""

TRANSPORT_ALIASES["twitefolder"] = "twite_broker.folder:Transport"


def celery_options(settings: Settings, *, queue: str = queues.PREFIX, only: tuple[str, ...] = ()) -> dict[str, object]:
    """Return what Celery is to be configured with for the broker that the settings name.

    Messages are hints, so no results, no retries and no acknowledgements that outlive a worker are asked for. For the
    embedded broker its folder is made, private to its owner. `queue` begins the names of the queues, of which a worker
    reads those in `only`, or all.
    """
    return {
        "broker_url": settings.broker or "twitefolder://localhost",
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 3,
        "broker_heartbeat": 30,
        "task_ignore_result": True,
        # A task only wakes those who do the work: a message is done with as soon as it is there.
        "task_acks_late": False,
        "worker_prefetch_multiplier": 100,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "broker_transport_options": _transport_options(settings),
        "task_publish_retry": False,
        "enable_utc": True,
        **queues.options(queue, only, quorum=is_rabbitmq(settings)),
    }


def is_rabbitmq(settings: Settings) -> bool:
    """Say whether the broker is RabbitMQ."""
    return settings.broker.startswith("amqp")


def sending_options(settings: Settings) -> dict[str, object]:
    """Return the options of a connection over which tasks are only sent: it says when a message didn't arrive."""
    if not is_rabbitmq(settings):
        return {}
    return {"confirm_publish": True, "read_timeout": TIMEOUT_SECONDS, "write_timeout": TIMEOUT_SECONDS}


def _transport_options(settings: Settings) -> dict[str, object]:
    if not settings.broker:
        return _folder(settings)
    options: dict[str, object] = {"visibility_timeout": 3600}
    if settings.broker.startswith("redis"):
        return options | {
            "health_check_interval": HEALTH_CHECK_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_keepalive": True,
        }
    return options | {"read_timeout": ANSWER_SECONDS, "write_timeout": ANSWER_SECONDS}


def _folder(settings: Settings) -> dict[str, object]:
    folder = settings.data.resolve() / "broker"
    for path in (folder, folder / "messages", folder / "control"):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "polling_interval": POLL_SECONDS,
    }
