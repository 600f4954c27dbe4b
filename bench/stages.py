"""Where the time of a request goes: `python stages.py FOLDER WORKLOAD …`, on the site's data in that folder.

Runs the web application in this process and in a single thread, without a server, and looks a thousand times a second
of processor time at what it is doing. Each look counts for the stage of the innermost function that has one.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from concurrent.futures import Executor, Future
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import workloads

STAGES = (
    ("statements", ("twite_common/sql/", "sqlalchemy/engine/default.py:DefaultDialect.do_")),
    ("who is asking", ("twite_web/api/access.py", "twite_web/site/access.py", "twite_common/queries/viewers.py")),
    ("parameters", ("twite_web/parameters.py", "litestar/_kwargs/", "litestar/_signature/", "twite_web/api/paging.py")),
    ("encoding", ("litestar/serialization/", "twite_web/templates/", "jinja2/")),
    (
        "entities",
        (
            "twite_web/api/serializers/",
            "twite_web/api/schemas/",
            "twite_web/site/view_models/",
            "twite_web/post_",
            "twite_web/rendering.py",
            "twite_common/text.py",
            "twite_common/filtering.py",
        ),
    ),
    ("rows", ("twite_common/queries/", "sqlalchemy/")),
    ("services", ("twite_common/services/",)),
)
"""Each with the beginnings of its functions: the module's path from its package on, a colon and the qualified name."""
REST = "server and framework"
WARM_UP, REQUESTS = 200, 1500
SAMPLE_SECONDS = 0.001


class Inline(Executor):
    """Runs what is handed to threads at once, in this one."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run a function and return its result; raise what it raises."""
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


class Sampler:
    """Counts the stages that the program is in."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> "Sampler":
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        while frame is not None:
            stage = _stage(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")
            if stage is not None:
                self.counts[stage] += 1
                return
            frame = frame.f_back
        self.counts[REST] += 1


def _stage(function: str) -> str | None:
    for stage, beginnings in STAGES:
        if any(f"/{beginning}" in function for beginning in beginnings):
            return stage
    return None


async def _ask(app: Any, workload: workloads.Workload, number: int, host: bytes) -> None:
    path, _, query = workload.paths[number % len(workload.paths)].partition("?")
    body = workload.body.encode()
    headers = [(b"host", host), (b"accept", workload.accept.encode())]
    if workload.tokens:
        headers.append((b"authorization", b"Bearer " + workload.tokens[number % len(workload.tokens)].encode()))
    if body:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": workload.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    sent = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if sent.is_set():
            await asyncio.Future()
        sent.set()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise SystemExit(f"{workload.name}: answered with {message['status']}")

    await app(scope, receive, send)


async def _measure(app: Any, state: Any, chosen: list[workloads.Workload], host: bytes) -> None:
    ready = asyncio.Event()
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await said.put({"type": "lifespan.startup"})

    async def started(_message: dict[str, Any]) -> None:
        ready.set()

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    lifespan = asyncio.create_task(app(scope, said.get, started))
    await ready.wait()
    state["reading_threads"] = Inline()
    asyncio.get_running_loop()._default_executor = Inline()  # type: ignore[attr-defined] # it takes thread pools only
    names = [stage for stage, _ in STAGES] + [REST]
    print(f"{'share of the time':21}" + "".join(f"{workload.name:>15}" for workload in chosen))
    shares = []
    for workload in chosen:
        for number in range(WARM_UP):
            await _ask(app, workload, number, host)
        with Sampler() as sampler:
            for number in range(REQUESTS):
                await _ask(app, workload, number, host)
        shares.append({name: sampler.counts[name] / max(1, sampler.counts.total()) for name in names})
    for name in names:
        print(f"{name:21}" + "".join(f"{share[name]:15.0%}" for share in shares), flush=True)
    lifespan.cancel()


def main() -> None:
    """Print the table."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    os.environ |= {"TWITE_DATA": str(folder / "data"), "TWITE_RATE_LIMITS": "off", "TWITE_BASE_URL": "http://127.0.0.1"}
    from twite_common import settings
    from twite_web.app import behind_edge, create
    from twite_web.site import templating

    site = settings.load()
    bare = create(site)
    templating.load_templates()
    data = msgspec.json.decode((folder / "data.json").read_bytes(), type=workloads.Data)
    chosen = [workload for workload in workloads.all_of(data) if workload.name in names]
    asyncio.run(_measure(behind_edge(bare, site), bare.state, chosen, b"127.0.0.1"))


if __name__ == "__main__":
    main()
    # Its threads of background work would wait for the next day.
    os._exit(0)
