"""The hub: one in each web process. It learns of new rows and sends them to this process's listeners.

Whatever touches the database is done in the thread pool; who listens is known to the event loop alone, which hands a
copy of what is needed to the threads.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from twite_broker import news
from twite_common import change_feed, clock
from twite_common.change_feed import Watch
from twite_common.errors import TwiteError, Unavailable, level
from twite_common.queries.timelines import stream_events
from twite_common.queries.timelines.stream_events import Reader, StreamEvent
from twite_web.core import Core
from twite_web.streaming.channels import Channel, Subscription
from twite_web.streaming.connection_limits import Places
from twite_web.streaming.frame_limits import Unfinished
from twite_web.streaming.messages import Message
from twite_web.streaming.serializers import Listening, Told, prepare

log = logging.getLogger(__name__)

MAX_QUEUE_LENGTH = 200
"""Messages that may wait for one connection; whoever reads more slowly is cut off and may come again."""
LOOK_SECONDS = 2.0
"""How soon it is noticed that a token was revoked or its account suspended."""
AT_ONCE = 500
AGAIN_SECONDS = 1.0
"""How soon the database is asked again when it couldn't be reached."""


class Listener:
    """One connection: whom it is for, what waits for it, and whether it must end.

    It lasts as long as the token or the session that it was opened with.
    """

    def __init__(self, account_id: int, *, token_id: int | None = None, session_id: int | None = None) -> None:
        self.account_id = account_id
        self.token_id = token_id
        self.session_id = session_id
        self.subscriptions: dict[tuple[str, ...], Subscription] = {}
        self.ended = asyncio.Event()
        self._queue: asyncio.Queue[tuple[Message, tuple[str, ...]]] = asyncio.Queue(MAX_QUEUE_LENGTH)

    def put(self, message: Message, named: tuple[str, ...]) -> None:
        """Have a message wait to be sent; when too many do already, the connection ends."""
        try:
            self._queue.put_nowait((message, named))
        except asyncio.QueueFull:
            self.ended.set()

    async def get(self) -> tuple[Message, tuple[str, ...]]:
        """Wait for the next message, and return it with what the application calls its stream."""
        return await self._queue.get()


class Hub:
    """Who listens in this process. While nobody does, nothing is looked at."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.places = Places(core.settings)
        self.unfinished = Unfinished()
        self._listeners: set[Listener] = set()
        self._channels: dict[Channel, dict[Listener, tuple[tuple[str, ...], ...]]] = {}
        self._joining = asyncio.Lock()
        self._news = asyncio.Event()
        self._told = Told()
        self._watch: Watch | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, listener: Listener) -> None:
        """Take a connection in; from now on it misses nothing that it subscribes to."""
        async with self._joining:
            if not self._tasks:
                await self._start()
            self._listeners.add(listener)

    async def leave(self, listener: Listener) -> None:
        """Forget a connection."""
        for subscription in list(listener.subscriptions.values()):
            self.unsubscribe(listener, subscription.named)
        async with self._joining:
            self._listeners.discard(listener)
            if not self._listeners:
                self._stop()

    def subscribe(self, listener: Listener, subscription: Subscription) -> None:
        """Tell a connection of what happens in a stream; asking twice changes nothing."""
        if subscription.named in listener.subscriptions:
            return
        listener.subscriptions[subscription.named] = subscription
        for channel in subscription.channels:
            names = self._channels.setdefault(channel, {})
            names[listener] = (*names.get(listener, ()), subscription.named)

    def unsubscribe(self, listener: Listener, named: tuple[str, ...]) -> None:
        """Tell a connection no longer of a stream."""
        subscription = listener.subscriptions.pop(named, None)
        for channel in subscription.channels if subscription else ():
            names = self._channels[channel]
            left = tuple(name for name in names.pop(listener) if name != named)
            if left:
                names[listener] = left
            elif not names:
                del self._channels[channel]

    async def close(self) -> None:
        """End every connection, because this process ends."""
        for listener in self._listeners:
            listener.ended.set()
        self._stop()
        if self._watch is not None:
            await asyncio.to_thread(self._watch.wait)

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()

        def notice() -> None:
            loop.call_soon_threadsafe(self._news.set)

        self._core.database.streamed = _unless_closed(notice)
        changes = news.changes(self._core.settings) or change_feed.of_database(self._core.database.url)
        self._watch = Watch(changes, _unless_closed(notice))
        self._watch.start()
        reader = await asyncio.to_thread(self._begin)
        self._tasks = [
            asyncio.create_task(self._tell_news(reader)),
            asyncio.create_task(self._end_those_without_a_right()),
        ]

    def _begin(self) -> Reader:
        reader = Reader()
        with self._core.database.reading() as db:
            reader.start(db, now=clock.now())
        return reader

    def _stop(self) -> None:
        self._core.database.streamed = None
        if self._watch is not None:
            self._watch.stop()
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _tell_news(self, reader: Reader) -> None:
        """Wait for news and pass it on, for as long as somebody listens."""
        untold: deque[StreamEvent] = deque()
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                more = await asyncio.to_thread(self._read, reader, untold)
                # Who listens is asked once the news is read: whoever subscribed before something was written is told.
                pause = await self._tell_all(untold) if untold else None
                if more and pause is None:
                    pause = 0
            except TwiteError as error:
                log.log(level(error), "streams_not_read %s", {"error": str(error)})
                pause = AGAIN_SECONDS
            except Exception:
                log.exception("streams_failed")
                pause = AGAIN_SECONDS
            if pause is not None:
                await asyncio.sleep(pause)
                self._news.set()

    def _read(self, reader: Reader, untold: deque[StreamEvent]) -> bool:
        """Add what is new to what isn't told yet; say whether there may be more."""
        with self._core.database.reading() as db:
            events = reader.read(db, now=clock.now(), limit=AT_ONCE)
        untold.extend(events)
        return len(events) == AT_ONCE

    async def _tell_all(self, untold: deque[StreamEvent]) -> float | None:
        """Tell those who listen now; return after how many seconds to try again, where the database was away."""
        messages, pause = await asyncio.to_thread(self._prepare, untold, self._listening())
        for message in messages:
            self._tell(message)
        return pause

    def _prepare(self, untold: deque[StreamEvent], listening: Listening) -> tuple[list[Message], float | None]:
        """Return the messages of events, which are taken away, and the pause before those that are left."""
        now = clock.now()
        messages: list[Message] = []
        while untold:
            event = untold[0]
            try:
                # Each in a transaction of its own: what fails with one doesn't take the others with it.
                with self._core.database.reading() as db:
                    messages += prepare(self._core, db, event, listening, self._told, now=now)
            except Unavailable as error:
                log.log(level(error), "streams_not_read %s", {"error": str(error)})
                return messages, AGAIN_SECONDS
            except Exception:
                log.exception("stream_event_failed %s", {"kind": event.kind, "number": event.number})
            untold.popleft()
        return messages, None

    def _listening(self) -> Listening:
        return Listening(frozenset(listener.account_id for listener in self._listeners), frozenset(self._channels))

    def _tell(self, message: Message) -> None:
        for channel in message.channels:
            for listener, names in self._channels.get(channel, {}).items():
                if message.only is None or listener.account_id in message.only:
                    for named in names:
                        listener.put(message, named)

    async def _end_those_without_a_right(self) -> None:
        """End connections whose token or session is over, or whose account was suspended."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            tokens = {listener.token_id for listener in self._listeners if listener.token_id is not None}
            sessions = {listener.session_id for listener in self._listeners if listener.session_id is not None}
            try:
                working, lasting = await asyncio.to_thread(self._still_good, tokens, sessions)
            except TwiteError:
                continue
            ended_tokens, ended_sessions = tokens - working, sessions - lasting
            for listener in self._listeners:
                if listener.token_id in ended_tokens or listener.session_id in ended_sessions:
                    listener.ended.set()

    def _still_good(self, token_ids: Collection[int], session_ids: Collection[int]) -> tuple[set[int], set[int]]:
        now = clock.now()
        with self._core.database.reading() as db:
            working = stream_events.working(db, token_ids, now=now) if token_ids else set()
            return working, stream_events.lasting(db, session_ids, now=now) if session_ids else set()


def _unless_closed(notice: Callable[[], Any]) -> Callable[[], None]:
    """Return a function that does nothing once the event loop is closed, as it is when a process ends."""

    def call() -> None:
        try:
            notice()
        except RuntimeError:
            log.debug("streams_closed")

    return call
