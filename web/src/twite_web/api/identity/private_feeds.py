"""Feeds of the user's own timelines at secret addresses: /api/v1/private_feeds, an extension of this site."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from twite_common import ids
from twite_common.queries.timelines import private_feeds as queries
from twite_common.queries.timelines.private_feeds import PrivateFeed as FoundFeed
from twite_common.services.identity import private_feeds
from twite_web.api.access import reading, user, writing
from twite_web.api.identity import step_up
from twite_web.api.identity.step_up import StepUp
from twite_web.api.path_params import record_id
from twite_web.api.schemas import Empty, timestamp
from twite_web.api.schemas.identity import PrivateFeed
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.types import Request


class FeedParameters(StepUp, kw_only=True):
    """What is to be read: home, notifications, bookmarks, or a list with its id; and whose account it is."""

    kind: str = "home"
    list_id: str | None = None


@get("/", opt=user("read:accounts"), sync_to_thread=True)
def several(request: Request) -> list[PrivateFeed]:
    """Return the user's feeds, the latest first, without their addresses: these were shown once."""
    with reading(request) as access:
        return [_entity(feed) for feed in queries.of_account(access.db, access.account_id)]


@post("/", status_code=200, opt=user("write:accounts") | HASHES, sync_to_thread=True)
def make(request: Request, data: JSONBody[FeedParameters]) -> PrivateFeed:
    """Make a feed. It takes the account's password, or a code where the account has a second factor.

    `url` is its address as Atom; with .rss or .json at the end it is in another format.
    """
    step_up.check(request, data)
    list_id = record_id(data.list_id) if data.list_id is not None else None
    with writing(request) as access:
        made = private_feeds.add(
            access.db, now=access.now, account_id=access.account_id, kind=data.kind, list_id=list_id
        )
    url = f"{access.core.addresses.base}/feeds/{made}/feed.atom"
    with access.reading() as access:
        return _entity(queries.of_account(access.db, access.account_id)[0], url)


@delete("/{feed_id:str}", status_code=200, opt=user("write:accounts"), sync_to_thread=True)
def remove(request: Request, feed_id: FromPath[str]) -> Empty:
    """Revoke a feed: its address shows nothing from now on."""
    with writing(request) as access:
        private_feeds.remove(access.db, account_id=access.account_id, feed_id=record_id(feed_id))
    return Empty()


def _entity(feed: FoundFeed, url: str | None = None) -> PrivateFeed:
    return PrivateFeed(
        id=str(feed.id),
        kind=feed.kind,
        list_id=str(feed.list_id) if feed.list_id is not None else None,
        created_at=timestamp(ids.created_at(feed.id)),
        used_at=timestamp(feed.used_at) if feed.used_at is not None else None,
        url=url,
    )


router = Router("/private_feeds", route_handlers=[several, make, remove], tags=["feeds"])
