"""Celery's settings, the same for whoever sends tasks and whoever works on them."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES

from twite_common.settings import Settings

QUEUE = "twite"
POLL_SECONDS = 0.1

TRANSPORT_ALIASES["twitefolder"] = "twite_broker.folder:Transport"


def celery_options(settings: Settings, *, queue: str = QUEUE) -> dict[str, Any]:
    """Return what Celery is to be configured with for the broker that the settings name.

    Messages are hints, so no results, no retries and no acknowledgements that outlive a worker are asked for. For the
    embedded broker its folder is made, private to its owner.
    """
    options: dict[str, Any] = {
        "broker_url": settings.broker or "twitefolder://localhost",
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 3,
        "broker_heartbeat": 30,
        "task_default_queue": queue,
        "task_ignore_result": True,
        "task_acks_late": True,
        "worker_prefetch_multiplier": 1,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "broker_transport_options": {"visibility_timeout": 3600},
        "task_publish_retry": False,
        "enable_utc": True,
    }
    if not settings.broker:
        options["broker_transport_options"] = _folder(settings)
    return options


def _folder(settings: Settings) -> dict[str, Any]:
    folder = settings.data.resolve() / "broker"
    for made in (folder, folder / "messages", folder / "control"):
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "polling_interval": POLL_SECONDS,
    }
