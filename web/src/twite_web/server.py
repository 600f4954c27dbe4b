"""Running the application in as many processes as the settings name, under Granian."""

import gc
import logging

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar.types import ASGIApp

from twite_common import settings as settings_module
from twite_common.processes import end_with_parent
from twite_common.settings import Settings


def serve(settings: Settings) -> None:
    """Serve the site until told to stop; blocks."""
    server = Granian(
        "twite_web.server:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_processes,
        log_level=LogLevels(settings.log_level.lower()),
        respawn_failed_workers=True,
        backpressure=512,
    )
    server.serve()


def application() -> ASGIApp:
    """Return the application for the settings of this process's environment; called in each web process."""
    from twite_web.app import application as make
    from twite_web.site import pages

    end_with_parent()
    settings = settings_module.load()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Authlib's lines for debugging hold the tokens that it gives.
    logging.getLogger("authlib").setLevel(logging.WARNING)
    made = make(settings)
    pages.load_templates()
    # Some hundred thousand objects stay as long as the process: looking through them for garbage would stop all
    # requests for a tenth of a second, again and again.
    gc.collect()
    gc.freeze()
    return made
