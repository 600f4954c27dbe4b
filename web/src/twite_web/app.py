"""The application: the website and the API, put together."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Litestar
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp

from twite_common import permissions, translations
from twite_common.database import Database
from twite_common.settings import Settings
from twite_web import blocked_networks, cookies, errors, language_choice, liveness, rate_limiter
from twite_web.api import access as api_access
from twite_web.api.operations.health import DatabaseProbe, asked_in_full
from twite_web.api.plain_reads import PlainReads
from twite_web.api.routes import routers as api_routers
from twite_web.core import Core, make
from twite_web.middleware.bodies import MAX_BODY_BYTES, Bodies, InFlight
from twite_web.middleware.request_concurrency import InTurn, Subject, Turns
from twite_web.middleware.security import FILES, SecurityMiddleware, is_api
from twite_web.parameters import ParameterRequest, fit_query
from twite_web.proxies import counted_address, refuse_blocked_networks
from twite_web.site import access as site_access
from twite_web.site import error_pages
from twite_web.site.routes import router as site_router
from twite_web.streaming.connections import live, streaming
from twite_web.streaming.hub import Hub
from twite_web.streaming.keepalive import probe_connections
from twite_web.types import Request, Response

READING_THREADS = 2
"""Threads for plain reads where the process itself runs the statements: they wait for nothing but the interpreter's
lock, and the more of them do, the longer each read takes (home timelines with 16 clients: 1.3 ms of a processor with 2
threads, 1.5 with 4, 1.7 with 32)."""


def application(settings: Settings, database: Database | None = None) -> ASGIApp:
    """Return what the server calls: the application behind its edge."""
    return behind_edge(create(settings, database), settings)


def behind_edge(app: Litestar, settings: Settings) -> ASGIApp:
    """Return an application as the server calls it: whatever comes is checked, and has a language, before it does."""
    plain_reads = PlainReads(app, prepare=prepare, subjects=in_line, as_answer=as_answer)
    return SecurityMiddleware(language_choice.Readers(plain_reads, settings), settings)


def create(settings: Settings, database: Database | None = None) -> Litestar:
    """Return the application for these settings; its database is opened here unless one is given."""
    app = bare()
    equip(app, settings, database)
    return app


def bare() -> Litestar:
    """Return the application without its equipment: all its routes, and no site yet."""
    return Litestar(
        route_handlers=[*api_routers, site_router, streaming, live],
        request_class=ParameterRequest,
        request_max_body_size=MAX_BODY_BYTES,
        middleware=[
            DefineMiddleware(Bodies, check=may_send_more, subjects=in_line),
            DefineMiddleware(InTurn, subjects=in_line),
        ],
        exception_handlers={Exception: as_answer},
        before_request=prepare,
        lifespan=[_threads, _listeners, _limits, _networks, _liveness],
        openapi_config=None,
        logging_config=None,
    )


def equip(app: Litestar, settings: Settings, database: Database | None = None) -> None:
    """Have an application that isn't running serve a site; the database is opened here unless one is given."""
    equipment = make(settings, database)
    app.state["core"] = equipment
    app.state["hub"] = Hub(equipment)
    app.state["bodies"] = InFlight()
    app.state["turns"] = Turns(equipment.settings.threads)
    # The executor for plain reads, None for that of all other requests.
    app.state["reading_threads"] = None
    # Whoever brings a database along looks after it.
    app.state["lives_alone"] = database is None


async def prepare(request: Request) -> None:
    """Do what comes before every handler: refuse networks that are kept out altogether, and fit the query.

    Raises NotAllowed and Invalid.
    """
    # Not a guard, for each of which Litestar copies the route's handler.
    refuse_blocked_networks(request)
    fit_query(request)


def in_line(request: Request) -> list[Subject]:
    """Return the lines in which a request waits for its turn: files, and whether the site is there, can be had at once.

    Nobody's request is waited for who comes from this machine or through a proxy that names nobody.
    """
    path = request.scope["path"]
    if path.startswith(FILES) or (path == "/health" and not asked_in_full(request)):
        return []
    subjects: list[Subject] = []
    proof = api_access.bearer(request) if is_api(path) else cookies.session_secret(request)
    if proof:
        subjects.append(("proof", hash(proof)))
    address = counted_address(request)
    if address is not None:
        subjects.append(("address", address))
    takes_long = request.route_handler.opt.get("takes_long")
    if takes_long is not None:
        subjects.append(("takes_long", takes_long))
    return subjects


def may_send_more(request: Request) -> None:
    """Raise what somebody is answered who may not use a route that takes large bodies; reads the database."""
    if is_api(request.scope["path"]):
        with api_access.reading(request):
            return
    permission = request.route_handler.opt.get("permission")
    with site_access.reading(request) as visit:
        visit.require_login()
        if permission is not None:
            permissions.check(visit.member, permission)


def as_answer(request: Request, error: Exception) -> Response:
    """Turn any failure into an answer in the form that the caller reads."""
    # It may have been found in the thread of a handler, which went on in a member's language.
    with translations.using(language_choice.of_request(request)):
        if is_api(request.scope["path"]):
            return errors.as_json(request, api_access.told_first(request, error))
        return error_pages.as_page(request, error)


@asynccontextmanager
async def _threads(app: Litestar) -> AsyncIterator[None]:
    executor = ThreadPoolExecutor(_core(app).settings.threads, thread_name_prefix="request")
    asyncio.get_running_loop().set_default_executor(executor)
    with (
        ThreadPoolExecutor(1, thread_name_prefix="health") as health_thread,
        ThreadPoolExecutor(READING_THREADS, thread_name_prefix="reading") as reading_threads,
    ):
        app.state["database_probe"] = DatabaseProbe(_core(app).database, health_thread)
        if _core(app).database.in_process:
            app.state["reading_threads"] = reading_threads
        yield
        app.state["reading_threads"] = None


@asynccontextmanager
async def _listeners(app: Litestar) -> AsyncIterator[None]:
    hub: Hub = app.state["hub"]
    tasks = [
        asyncio.create_task(probe_connections(_core(app).settings.port)),
        asyncio.create_task(hub.unfinished.watch()),
    ]
    yield
    for task in tasks:
        task.cancel()
    await hub.close()


def _limits(app: Litestar) -> AbstractAsyncContextManager[None]:
    return rate_limiter.sharing(_core(app).limiter)


def _networks(app: Litestar) -> AbstractAsyncContextManager[None]:
    return blocked_networks.refreshing(_core(app).networks)


@asynccontextmanager
async def _liveness(app: Litestar) -> AsyncIterator[None]:
    if not app.state["lives_alone"]:
        yield
        return
    async with liveness.watched(_core(app).database):
        yield


def _core(app: Litestar) -> Core:
    equipment: Core = app.state["core"]
    return equipment
