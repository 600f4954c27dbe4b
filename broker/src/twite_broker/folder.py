"""A folder as the broker: kombu's filesystem transport, but no reader ever meets half a message.

kombu writes a message into its final file, so that a reader can find an empty one. Here it is written beside and
renamed; a file that is broken all the same is dropped with a line in the log, since the outbox makes up for it.
"""

import json
import logging
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Reads and writes messages as files named by time and queue."""

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override] # kombu disagrees with itself
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020}-{uuid.uuid4().hex}.{queue}.msg"
        draft = folder / f"draft-{name}.draft"
        draft.write_text(json.dumps(payload), encoding="utf-8")
        draft.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - kombu's signature
        folder = Path(self.data_folder_in)
        ending = f"{queue}.msg"
        for name in sorted(path.name for path in folder.iterdir() if path.name.partition(".")[2] == ending):
            taken = folder / f"{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue
            content = taken.read_bytes()
            taken.unlink()
            try:
                return json.loads(content)
            except ValueError:
                log.warning("broker_message_broken %s", {"file": name})
        raise Empty


class Transport(filesystem.Transport):
    """What Celery's broker address names."""

    Channel = Channel
