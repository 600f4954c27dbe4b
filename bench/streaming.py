"""Measures streaming: `make bench-streaming`.

Starts the whole embedded system on one processor, opens WebSockets from the other, each for another account, and
publishes posts. One line a stream says how long a post took, from the moment its author sent it until each of the
listeners had it. Half of the connections listen to their home timeline, half to the public one.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import memory
from websockets.asyncio.client import ClientConnection, connect

import run
from twite_common import clock, settings
from twite_common.database import connect as connect_database
from twite_common.services.accounts import follows
from twite_common.services.identity import registrations, tokens
from twite_common.services.identity.registrations import SignUp

STREAMS = ("user", "public")
OPENED_AT_ONCE = 50
WITHIN_MS = 500


def main() -> int:
    """Run the measurement; fails when a post reaches the listeners too late."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listeners", type=int, default=1000, help="open WebSockets")
    parser.add_argument("--posts", type=int, default=30, help="posts to be published")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two posts")
    parser.add_argument("--database", default="", help="a PostgreSQL address; without it SQLite is measured")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(run.CLIENT_PROCESSOR)})
    with tempfile.TemporaryDirectory(prefix="twite-bench-") as folder:
        with run.twite(Path(folder), options.database) as (base, process), memory.Watch(process.pid) as watch:
            made = _tokens(options.listeners + 1, Path(folder), options.database)
            memory.wait_until_idle(process.pid)
            took = asyncio.run(_measured(base, made[0], made[1:], options))
        print(f"{options.listeners} WebSockets on one web process, {options.posts} posts, ms from sending each")
        print(f"{'stream':10}{'heard':>9}{'p50':>8}{'p99':>8}{'longest':>9}")
        for stream, times in took.items():
            p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
            print(f"{stream:10}{len(times):9}{p50:8.0f}{p99:8.0f}{max(times):9.0f}")
        print(f"peak memory of all of Twite's processes: {watch.peak_mib():.0f} MiB (proportional set size)")
    late = max(statistics.quantiles(times, n=100)[98] for times in took.values())
    return 0 if late <= WITHIN_MS else 1


def _tokens(number: int, folder: Path, database: str) -> list[str]:
    """Make accounts, the others following the first, and return a token for each."""
    opened = connect_database(settings.load(folder / "data", {"TWITE_DATABASE": database} if database else {}))
    found = []
    now = clock.now()
    with opened.writing() as db:
        author = 0
        for index in range(number):
            name = f"u{index}"
            sign_up = SignUp(username=name, email=f"{name}@example.org", password_hash="x")
            account_id = registrations.create(db, now=now, sign_up=sign_up, confirmed=True, smtp_utf8=False)
            found.append(tokens.create_personal(db, now=now, account_id=account_id, name="bench", scopes="read write"))
            if index:
                follows.follow_account(db, now=now, follower_id=account_id, followee_id=author)
            else:
                author = account_id
    opened.close()
    return found


async def _measured(
    base: str, author: str, listeners: list[str], options: argparse.Namespace
) -> dict[str, list[float]]:
    sent: dict[str, float] = {}
    heard: list[tuple[str, str, float]] = []
    opening = asyncio.Semaphore(OPENED_AT_ONCE)
    ready = asyncio.Barrier(len(listeners) + 1)
    address = base.replace("http", "ws", 1) + "/api/v1/streaming"

    async def listen(index: int, token: str) -> None:
        stream = STREAMS[index % len(STREAMS)]
        async with opening:
            connection = await connect(f"{address}?stream={stream}&access_token={token}", compression=None)
        async with connection:
            await ready.wait()
            await _hear(connection, stream, options.posts, heard)

    async with asyncio.TaskGroup() as group:
        for index, token in enumerate(listeners):
            group.create_task(listen(index, token))
        await ready.wait()
        async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {author}"}) as client:
            for number in range(options.posts):
                text = " ".join(random.Random(number).choices(["finch", "heath", "sings", "over", "moor"], k=30))
                started = time.perf_counter()
                answer = await client.post("/api/v1/statuses", json={"status": text})
                sent[answer.json()["id"]] = started
                await asyncio.sleep(options.pause)
    return {stream: [1000 * (at - sent[id]) for named, id, at in heard if named == stream] for stream in STREAMS}


async def _hear(connection: ClientConnection, stream: str, posts: int, heard: list[tuple[str, str, float]]) -> None:
    for _ in range(posts):
        text = await connection.recv()
        at = time.perf_counter()
        # The post's id comes first in the payload; decoding all of it would measure this program.
        id = str(text).partition('\\"id\\":\\"')[2].partition("\\")[0]
        heard.append((stream, id, at))


if __name__ == "__main__":
    raise SystemExit(main())
