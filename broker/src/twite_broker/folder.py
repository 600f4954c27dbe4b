"""A folder as the broker: kombu's filesystem transport, but readers never see half a message.

kombu writes a message into its final file, so that a reader can find an empty one. Here it is written beside and
renamed; a file that is broken all the same is dropped with a line in the log, since the outbox makes up for it.
"""

import json
import logging
import os
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem

log = logging.getLogger(__name__)

LIST_EVERY_SECONDS = 0.05


class Channel(filesystem.Channel):
    """Reads and writes messages as files named by time and queue.

    The folder is listed for all queues together and not more often than every so many seconds: with thousands of
    messages, listing it for each of them would take longer than what they ask for.
    """

    def __init__(self, *args: Any, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call] # kombu has no types
        self._listed: dict[str, deque[str]] = {}
        self._listed_at = float("-inf")

    def _put(self, queue: str, payload: Any, **_options: object) -> None:  # type: ignore[override] # kombu disagrees with itself
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020}-{uuid.uuid4().hex}.{queue}.msg"
        draft = folder / f"draft-{name}.draft"
        draft.write_text(json.dumps(payload), encoding="utf-8")
        draft.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - kombu's signature
        folder = Path(self.data_folder_in)
        if not self._listed.get(queue) and time.monotonic() - self._listed_at >= LIST_EVERY_SECONDS:
            self._list(folder)
        waiting = self._listed.get(queue) or deque()
        while waiting:
            name = waiting.popleft()
            claimed_file = folder / f"{name}.taken"
            try:
                (folder / name).rename(claimed_file)
            except FileNotFoundError:
                continue
            content = claimed_file.read_bytes()
            claimed_file.unlink()
            try:
                return json.loads(content)
            except ValueError:
                log.warning("broker_message_broken %s", {"file": name})
        raise Empty

    def _list(self, folder: Path) -> None:
        """Note the names of all messages by queue, the oldest first."""
        self._listed = {}
        for name in sorted(os.listdir(folder)):  # noqa: PTH208 - ten times quicker than with paths
            queue = name.partition(".")[2].removesuffix(".msg")
            if name.endswith(".msg"):
                self._listed.setdefault(queue, deque()).append(name)
        self._listed_at = time.monotonic()


class Transport(filesystem.Transport):
    """What Celery's broker address names."""

    Channel = Channel
