"""What a page that begins to listen is told first: what may have happened since it was made, or didn't listen."""

from collections.abc import Sequence

from twite_common import clock
from twite_common.database import Connection
from twite_common.errors import TwiteError
from twite_common.queries.notifications import notifications
from twite_common.queries.paging import Page
from twite_common.queries.timelines import tag_timelines, timelines
from twite_common.queries.timelines.timelines import Entry
from twite_web.core import Core
from twite_web.streaming import channels
from twite_web.streaming.channels import Subscription


def greeting(core: Core, account_id: int, shown: Subscription | None, first_id: int | None) -> bytes:
    """Return the lines of the first events; none while the database is away.

    `unread` says how many notifications are unread. Its id is that of the newest notification: what is told of older
    ones after this is counted already. `newer` says that the list that the page shows has entries above `first_id`, the
    first that it had when the page was made; without one, nothing is said.
    """
    now = clock.now()
    try:
        with core.database.reading() as db:
            number = notifications.count_unread(db, viewer_id=account_id, now=now)
            newest = notifications.page(db, Page(limit=1), viewer_id=account_id, now=now)
            newer = _newer(db, account_id, shown, first_id, now) if first_id is not None else []
    except TwiteError:
        return b":away\n"
    unread = f"id: {newest[0].id if newest else 0}\nevent: unread\ndata: {number}\n\n"
    return "".join([unread, *(f"event: newer\ndata: {entry.cursor}\n\n" for entry in newer)]).encode()


def _newer(db: Connection, account_id: int, shown: Subscription | None, first_id: int, now: int) -> Sequence[Entry]:
    """Return the newest entry above one, if there are any, of what a page shows, by default the home timeline."""
    page = Page(limit=1, since_id=first_id)
    if shown is None:
        return timelines.home(db, page, viewer_id=account_id, now=now)
    ((name, of),) = shown.channels
    if name == channels.LIST:
        return timelines.of_list(db, int(of), page, viewer_id=account_id, now=now)
    if name == channels.HASHTAG_LOCAL:
        return tag_timelines.tagged(db, str(of), page, viewer_id=account_id, now=now)
    return timelines.public(db, page, viewer_id=account_id, now=now)
