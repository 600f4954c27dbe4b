"""Redis, where the settings name one, tells web processes that there is something new for their listeners."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from typing import Any

from twite_common.settings import Settings

log = logging.getLogger(__name__)

CHANNEL = "twite_streams"
TIMEOUT_SECONDS = 3.0
WAKE_SECONDS = 0.25
"""How soon a listener that is to stop does."""
LOOK_SECONDS = 5.0
"""A message may be lost: how often there is a look without one."""
AWAY_LOOK_SECONDS = 1.0
"""The same while Redis can't be reached."""


def publisher(settings: Settings) -> Callable[[], None] | None:
    """Return what tells all web processes of news; None where the settings name no Redis."""
    if not settings.redis:
        return None
    clients: list[Any] = []

    def publish() -> None:
        if not clients:
            clients.append(_client(settings))
        clients[0].publish(CHANNEL, b"")

    return publish


def changes(settings: Settings) -> Callable[[Event], Iterator[None]] | None:
    """Return what yields whenever there may be news, until it is to stop; None where the settings name no Redis."""
    return partial(_changes, settings) if settings.redis else None


def _changes(settings: Settings, stopped: Event) -> Iterator[None]:
    import redis

    away = False
    client = _client(settings)
    while not stopped.is_set():
        try:
            for _ in _messages(client, stopped):
                if away:
                    log.warning("redis_up")
                away = False
                yield
        except redis.RedisError as error:
            if not away:
                log.warning("redis_down %s", {"error": type(error).__name__})
            away = True
            # Nobody tells anybody: whoever listens still hears, a little later.
            yield
            stopped.wait(AWAY_LOOK_SECONDS)
    client.close()


def _messages(client: Any, stopped: Event) -> Iterator[None]:
    with client.pubsub() as subscription:
        subscription.subscribe(CHANNEL)
        looked = float("-inf")
        while not stopped.is_set():
            told = subscription.get_message(timeout=WAKE_SECONDS) is not None
            if told or time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                yield


def _client(settings: Settings) -> Any:
    # Imported here: the commands that tell nobody are quick.
    import redis

    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_keepalive=True,
        health_check_interval=LOOK_SECONDS,
    )
