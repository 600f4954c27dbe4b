"""The application: the website and the API, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp

from twite_common.database import Database
from twite_common.settings import Settings
from twite_web import errors, limits, networks
from twite_web.api.routes import router as api_router
from twite_web.core import core, make
from twite_web.edge import Edge, is_api
from twite_web.parameters import ParameterRequest
from twite_web.proxies import client_address
from twite_web.site import failures
from twite_web.site.routes import router as site_router
from twite_web.streaming.connections import streaming
from twite_web.streaming.hub import Hub
from twite_web.streaming.keepalive import probe_connections

LARGEST_BODY = 9 * 1024 * 1024
"""Bytes of a request: a picture of 8 MiB and the form around it."""


def application(settings: Settings, database: Database | None = None) -> ASGIApp:
    """Return what the server calls: the application behind its edge."""
    return Edge(create(settings, database), settings)


def create(settings: Settings, database: Database | None = None) -> Litestar:
    """Return the application for these settings; its database is opened here unless one is given."""
    equipment = make(settings, database)
    hub = Hub(equipment)
    return Litestar(
        route_handlers=[api_router, site_router, streaming],
        state=State({"core": equipment, "hub": hub}),
        request_class=ParameterRequest,
        request_max_body_size=LARGEST_BODY,
        exception_handlers={Exception: as_answer},
        guards=[let_in],
        lifespan=[
            _threads(settings),
            _listeners(hub, settings),
            lambda _app: limits.sharing(equipment.limiter),
            lambda _app: networks.refreshing(equipment.networks),
        ],
        openapi_config=None,
        logging_config=None,
    )


def let_in(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Raise NotAllowed for whoever comes from a network that is kept out altogether."""
    core(connection).networks.check(client_address(connection))


def as_answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Turn any failure into an answer in the form that the caller reads."""
    if is_api(request.scope["path"]):
        return errors.as_json(request, error)
    return failures.as_page(request, error)


def _threads(settings: Settings) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        executor = ThreadPoolExecutor(settings.threads, thread_name_prefix="request")
        asyncio.get_running_loop().set_default_executor(executor)
        yield

    return lifespan


def _listeners(hub: Hub, settings: Settings) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        probing = asyncio.create_task(probe_connections(settings.port))
        yield
        probing.cancel()
        await hub.close()

    return lifespan
