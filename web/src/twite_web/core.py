"""What one web process holds: the settings and the objects created from them once, at start."""

import base64
from pathlib import Path

import msgspec

from twite_broker import news
from twite_broker.dispatcher import Dispatcher
from twite_common.database import Database, connect
from twite_common.passwords import Passwords
from twite_common.secret import Sealer, Signer, public_point, push_key, sealer, signer
from twite_common.settings import Settings
from twite_web.addresses import Addresses
from twite_web.blocked_networks import Networks
from twite_web.memory_cache import Caches
from twite_web.rate_limiter import Limiter
from twite_web.rendering import Texts
from twite_web.types import Connection

STATIC = Path(__file__).parent / "static"


class Core(msgspec.Struct, frozen=True):
    """The web part's own equipment; handlers reach it through `core(request)`.

    `push_key` is the public half of the key by which push services know the site, as the client API writes it.
    """

    settings: Settings
    database: Database
    signer: Signer
    sealer: Sealer
    push_key: str
    passwords: Passwords
    addresses: Addresses
    texts: Texts
    caches: Caches
    limiter: Limiter
    networks: Networks


def make(settings: Settings, database: Database | None = None) -> Core:
    """Return the equipment for a site."""
    addresses = Addresses(settings.base_url, settings.media_base_url)
    caches = Caches()
    database = database or connect(settings, Dispatcher(settings).dispatch, publish=news.publisher(settings))
    return Core(
        settings=settings,
        database=database,
        signer=signer(settings),
        sealer=sealer(settings),
        push_key=base64.urlsafe_b64encode(public_point(push_key(settings))).decode(),
        passwords=Passwords(settings),
        addresses=addresses,
        texts=Texts(settings.domain, addresses, caches.texts),
        caches=caches,
        limiter=Limiter(settings, database),
        networks=Networks(database),
    )


def core(connection: Connection) -> Core:
    """Return the equipment of the application that a request came to."""
    equipment: Core = connection.app.state["core"]
    return equipment
