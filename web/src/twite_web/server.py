"""Running the application in the configured number of processes, under Granian."""

import gc
import logging
import multiprocessing
import resource
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from twite_common import settings as settings_module
from twite_common.processes import end_with_parent, give_memory_back
from twite_common.settings import Settings

if TYPE_CHECKING:
    from litestar.types import ASGIApp

MAX_CONNECTIONS = 4096
"""Connections that one web process holds. Idle ones take 3 KB each and end by themselves; streams are at most half of
them (`twite_web.streaming.connection_limits`); so requests find room."""
OTHER_FILES = 512
"""Files that a process has open besides: the database, uploads, pictures that it sends."""
IDLE_MS = 20_000
"""After this long without a request's whole head a connection ends, a new one and one that is kept open alike. Whatever
stands before web processes must keep its connections for less: nginx for 10 s, in `deploy/nginx.conf`."""
READ_AT_ONCE = 32 * 1024
"""Bytes that are read of a connection before somebody wants them: heads are no larger."""
RELOADED = ("twite_common", "twite_broker", "twite_web")
"""The packages that web processes consist of."""
STOP_SECONDS, RELOAD_SECONDS = 10, 2
"""How long web processes may take to finish what they are doing when they are told to stop, and when a source file has
changed. Streams never end, and without this Granian waits for them."""


def serve(settings: Settings, *, reload: bool = False) -> None:
    """Serve the site until told to stop; blocks.

    With `reload`, web processes start again when a source file changes, and pages show changed templates at once.
    """
    connections = min(MAX_CONNECTIONS, max(_most_open_files() - OTHER_FILES, 128))
    server = Granian(
        "twite_web.server:reloaded_application" if reload else "twite_web.server:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_processes,
        log_level=LogLevels(settings.log_level.lower()),
        respawn_failed_workers=True,
        # Where it would find out by itself whether HTTP/2 is spoken, Granian waits for a silent connection for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_MS, max_buffer_size=READ_AT_ONCE),
        # It takes a permit for each connection, idle or not, until that is closed.
        backpressure=connections,
        backlog=2048,
        workers_kill_timeout=RELOAD_SECONDS if reload else STOP_SECONDS,
        **(_reload_options() if reload else {}),
    )
    server.serve()


def _reload_options() -> dict[str, Any]:
    """Return how Granian restarts web processes; a file that can't be imported has it wait for the next change."""
    packages = [Path(spec.origin).parent for name in RELOADED if (spec := find_spec(name)) and spec.origin]
    return {
        "reload": True,
        "reload_paths": packages,
        "reload_ignore_paths": [Path(__file__).parent / "templates"],
        "reload_ignore_worker_failure": True,
    }


def _most_open_files() -> int:
    """Allow this process and those it starts as many open files as they may have, and return how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = MAX_CONNECTIONS + OTHER_FILES
    limit = target if hard == resource.RLIM_INFINITY else min(target, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        return limit
    return target if soft == resource.RLIM_INFINITY else soft


def application() -> "ASGIApp":
    """Return the application for the settings of this process's environment; called in each web process."""
    # Nothing that is made until the end of this is garbage.
    gc.disable()
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(parent.pid)
    from twite_web.app import application as make
    from twite_web.middleware.response_cache import ResponseCache
    from twite_web.site import templating

    give_memory_back()
    settings = settings_module.load()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Authlib's lines for debugging hold the tokens that it gives.
    logging.getLogger("authlib").setLevel(logging.WARNING)
    app = ResponseCache(make(settings))
    templating.load_templates()
    # Some hundred thousand objects stay as long as the process: looking through them for garbage would stop all
    # requests for a tenth of a second, again and again. Even once takes a third of a second, and finds next to nothing.
    gc.freeze()
    gc.enable()
    return app


def reloaded_application() -> "ASGIApp":
    """Return the application for those who are changing it: its templates are read again when they have changed."""
    app = application()
    from twite_web.site import templating

    templating.reload_templates()
    return app
