"""Making an archive that somebody has asked for, outside any transaction."""

import logging
from collections.abc import Callable, Iterator

from twite_common import clock, disk, translations
from twite_common.database import Connection
from twite_common.errors import TwiteError
from twite_common.media import storage
from twite_common.queries.accounts import credentials
from twite_common.queries.identity import archive_contents
from twite_common.queries.identity import archives as queries
from twite_common.services.identity import archives
from twite_common.services.identity.archives import Claimed
from twite_common.services.posts import media
from twite_tasks import leases
from twite_tasks.context import Context
from twite_tasks.identity.archives import addresses
from twite_tasks.identity.archives.contents import Contents
from twite_tasks.notifications import languages

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
"""How often it is said that somebody is still at it, and how far."""
PASSES = 2
"""How often all posts are read: for the activities, and for the pages."""


class Interrupted(Exception):
    """This process has to stop."""


class Progress:
    """How far the making of an archive is."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def step(self, number: int) -> None:
        """Count some more."""
        self.done += number


def make(context: Context, archive_id: int, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Make an archive, if it still waits for that, and record what became of it.

    It is given back when `goes_on` says that this process has to stop.
    """
    database = context.database
    with database.writing() as db:
        claimed = archives.claim(db, archive_id, now=clock.now())
    if claimed is None:
        return
    with database.reading() as db:
        progress = Progress(PASSES * archive_contents.count_posts(db, claimed.account_id))
    fields = {"archive_id": claimed.id, "attempt": claimed.attempts}

    def renew(db: Connection) -> None:
        archives.renew(db, claimed, now=clock.now(), done=progress.done, total=progress.total)

    ended = True
    with leases.renewed(database, renew, name=f"archive {claimed.id}", every_seconds=RENEW_SECONDS):
        try:
            size = _written(context, claimed, progress, goes_on)
        except Interrupted:
            log.info("archive_interrupted %s", fields)
            with database.writing() as db:
                archives.hand_back(db, claimed, now=clock.now())
        except (disk.Full, storage.Unreachable) as error:
            log.warning("archive_put_off %s", fields | {"error": str(error)})
            with database.writing() as db:
                archives.put_off(db, claimed, now=clock.now())
        except TwiteError as error:
            log.warning("archive_failed %s", fields | {"error": str(error)})
            with database.writing() as db:
                archives.give_up(db, claimed, now=clock.now())
        else:
            with database.writing() as db:
                ended = archives.finish(db, claimed, now=clock.now(), size=size)
    if not ended:
        log.warning("archive_taken_over %s", fields)
        _remove_unless_wanted(context, claimed)


def _written(context: Context, claimed: Claimed, progress: Progress, goes_on: Callable[[], bool]) -> int:
    """Write an archive to where it is kept and return how many bytes it has."""
    if claimed.attempts > archives.MAX_ATTEMPTS:
        raise TwiteError("Every attempt to make it was interrupted.")
    settings, size = context.settings, 0
    contents = Contents(
        context.database,
        storage.media(settings),
        addresses.of_site(settings),
        claimed.account_id,
        now=clock.now(),
        step=progress.step,
    )

    def parts() -> Iterator[bytes]:
        nonlocal size
        for part in contents.written():
            if not goes_on():
                raise Interrupted
            size += len(part)
            if part:
                yield part

    with context.database.reading() as db:
        locale = credentials.locale_of(db, claimed.account_id)
    with translations.using(languages.of_reader(settings, locale)):
        storage.archives(settings).write_parts(claimed.file, parts())
    return size


def _remove_unless_wanted(context: Context, claimed: Claimed) -> None:
    """Have the file of an archive removed whose row has gone meanwhile."""
    with context.database.writing() as db:
        if queries.get(db, claimed.id, account_id=claimed.account_id) is None:
            media.forget_files(db, [], now=clock.now(), archives=[claimed.file])
