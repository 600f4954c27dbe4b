"""Working at an import, outside any transaction: reading it, bringing what it has, and taking that back."""

import logging
from collections.abc import Callable

from twite_common import clock, translations
from twite_common.database import Connection
from twite_common.errors import DatabaseAway, NotAllowed, NotFound, TwiteError, Unavailable
from twite_common.queries.accounts import credentials
from twite_common.queries.identity.imports import POSTS
from twite_common.services.identity import imports
from twite_common.services.identity.imports import Claimed, TakenOver
from twite_tasks import leases
from twite_tasks.context import Context
from twite_tasks.identity.imports import posts, tables
from twite_tasks.identity.imports.turns import Interrupted, Over, Turn
from twite_tasks.notifications import languages

log = logging.getLogger(__name__)

RENEW_SECONDS = 20.0
"""How often it is said that somebody is still at it."""
Work = Callable[[Context, Claimed, Turn], None]
OF_TABLES: dict[str, Work] = {"reading": tables.read, "importing": tables.bring, "undoing": tables.undo}
OF_POSTS: dict[str, Work] = {"reading": posts.read, "importing": posts.bring, "undoing": posts.undo}
"""What is done in each state."""


def work(context: Context, import_id: int, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Work at an import for a while, if it still waits for that, and record what became of it.

    It is given back when others have their turn, or `goes_on` says that this process has to stop.
    """
    with context.database.writing() as db:
        claimed = imports.claim(db, import_id, now=clock.now())
    if claimed is None:
        return

    def renew(db: Connection) -> None:
        imports.renew(db, claimed, now=clock.now())

    with leases.renewed(context.database, renew, name=f"import {claimed.id}", every_seconds=RENEW_SECONDS):
        _work(context, claimed, Turn(goes_on))


def _work(context: Context, claimed: Claimed, turn: Turn) -> None:
    fields = {"import_id": claimed.id, "state": claimed.found.state, "attempt": claimed.attempts}
    try:
        locale = _checked_locale(context, claimed)
        states = OF_POSTS if claimed.found.kind == POSTS else OF_TABLES
        # What is wrong with a file is said to its owner.
        with translations.using(languages.of_reader(context.settings, locale)):
            states[claimed.found.state](context, claimed, turn)
    except TakenOver:
        log.info("import_taken_over %s", fields)
    except (Interrupted, Over) as reason:
        log.info("import_interrupted %s", fields | {"why": type(reason).__name__})
        _hand_back(context, claimed, turn_at=clock.now())
    except DatabaseAway:
        # Whoever finds the claim without a renewal goes on.
        raise
    except Unavailable as error:
        # A shortage that passes: of room, of memory, of turns for pictures.
        log.warning("import_postponed %s", fields | {"error": str(error)})
        _hand_back(context, claimed, turn_at=clock.now() + imports.CLAIM_MS)
    except TwiteError as error:
        log.warning("import_failed %s", fields | {"error": str(error)})
        with context.database.writing() as db:
            imports.give_up(db, claimed, str(error), now=clock.now())


def _checked_locale(context: Context, claimed: Claimed) -> str | None:
    """Return the language of an import's owner.

    Raises what is said of one that gets nowhere, or whose account has no business here any more.
    """
    if claimed.failures > imports.MAX_FAILURES:
        raise TwiteError("Every attempt was interrupted.")
    with context.database.reading() as db:
        owner = credentials.get(db, claimed.account_id)
        locale = credentials.locale_of(db, claimed.account_id)
    if owner is None or owner.suspended_at is not None:
        raise NotFound("This account no longer exists.")
    if owner.disabled_at is not None:
        raise NotAllowed("Nobody can log in to this account.")
    return locale


def _hand_back(context: Context, claimed: Claimed, *, turn_at: int) -> None:
    with context.database.writing() as db:
        imports.hand_back(db, claimed, turn_at=turn_at)
