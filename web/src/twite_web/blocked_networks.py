"""Networks that are blocked from the site: kept in memory, so that a request costs no statement.

What this process changes counts at once, what another one does within `REFRESH_SECONDS`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from twite_common import clock
from twite_common.database import Database
from twite_common.errors import NotAllowed, Unavailable, level
from twite_common.services.moderation import sign_up_blocks
from twite_common.services.moderation.sign_up_blocks import Network
from twite_common.translations import gettext as _

log = logging.getLogger(__name__)

REFRESH_SECONDS = 10.0


class Networks:
    """The networks that are kept out altogether."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refused: list[Network] = []

    @property
    def refuse_some(self) -> bool:
        """Whether any network is kept out."""
        return bool(self._refused)

    def refresh(self, now: int) -> None:
        """Learn what is kept out now; where the database can't be reached, what was known stays."""
        try:
            with self._database.reading() as db:
                self._refused = sign_up_blocks.networks_without_access(db, now=now)
        except Unavailable as error:
            log.log(level(error), "networks_not_refreshed %s", {"error": str(error)})

    def check(self, address: str) -> None:
        """Raise NotAllowed for an address that is kept out."""
        parsed = sign_up_blocks.parsed_address(address)
        if parsed is not None and any(parsed in network for network in self._refused):
            raise NotAllowed(_("Your network is blocked at the moment."))


@asynccontextmanager
async def refreshing(networks: Networks) -> AsyncIterator[None]:
    """Have the networks known, and what changes learnt, for as long as the block lasts."""
    await asyncio.to_thread(networks.refresh, clock.now())
    task = asyncio.create_task(_refresh_often(networks))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _refresh_often(networks: Networks) -> None:
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        await asyncio.to_thread(networks.refresh, clock.now())
