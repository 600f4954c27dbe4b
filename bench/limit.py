"""The limit: the same server, framework and thread setting, answering the same bytes from a constant."""

import asyncio
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from twite_common import settings


def application() -> ASGIApp:
    """Return an application with a handler for each answer in the folder named on the command line."""
    answers = {file.stem: file.read_bytes() for file in Path(sys.argv[1]).glob("*.answer")}
    handlers = [_handler(name, answer) for name, answer in answers.items()]
    return Litestar(route_handlers=handlers, lifespan=[_threads], openapi_config=None)


def _handler(name: str, answer: bytes) -> HTTPRouteHandler:
    media_type = "application/json" if answer[:1] in b"[{" else "text/html"

    def handle() -> Response[bytes]:
        return Response(answer, media_type=media_type)

    return route(f"/{name}", http_method=["GET", "POST"], status_code=200, sync_to_thread=True)(handle)


@asynccontextmanager
async def _threads(_app: Litestar) -> AsyncIterator[None]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.load().threads))
    yield


if __name__ == "__main__":
    Granian(
        f"{Path(__file__).stem}:application",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[2]),
        interface=Interfaces.ASGI,
        workers=1,
        backpressure=512,
        working_dir=Path(__file__).parent,
    ).serve()
