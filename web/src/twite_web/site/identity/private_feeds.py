"""Feeds of what the visitor alone sees, at secret addresses: making and revoking them, and reading them."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from markupsafe import escape

from twite_common import ids, translations
from twite_common.errors import NotFound, TwiteError
from twite_common.queries import viewers
from twite_common.queries.notifications import notifications
from twite_common.queries.notifications.notifications import Notification
from twite_common.queries.paging import Page
from twite_common.queries.timelines import lists, timelines
from twite_common.queries.timelines import private_feeds as queries
from twite_common.queries.timelines.private_feeds import PrivateFeed
from twite_common.queries.timelines.timelines import Entry
from twite_common.services.identity import private_feeds
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import language_choice
from twite_web.core import core
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.middleware.request_concurrency import HASHES
from twite_web.routing import Router
from twite_web.site import feeds, form_errors, redirects
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.feeds import Item, Source
from twite_web.site.form_errors import shown_again
from twite_web.site.identity import step_up
from twite_web.site.identity.step_up import StepUpForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import notifications as notification_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.types import Request, Response

PAGE = "/settings/feeds"
LENGTH = Page(limit=40)
LIST = "list-"
TITLES = {
    "home": marked("Home"),
    "notifications": marked("Notifications"),
    "bookmarks": marked("Bookmarks"),
}
PATHS = {"home": "/", "notifications": "/notifications", "bookmarks": "/bookmarks"}


class FeedForm(StepUpForm, frozen=True, kw_only=True):
    """What is to be read as a feed, and what shows whose account it is.

    It is one of `TITLES`, or a list by its id behind `LIST`.
    """

    what: str = "home"


class FeedView(msgspec.Struct, frozen=True):
    """A feed that there is; its address is known to whoever made it."""

    id: int
    title: str
    made: str
    used: str


class AddressView(msgspec.Struct, frozen=True):
    """A new feed's address in one of the formats."""

    name: str
    address: str


def feeds_page(request: Request, data: FeedForm, *, error: TwiteError | None = None, made: str = "") -> Response:
    """Return the visitor's feeds, the form for another, and the addresses of the one that was just made."""
    with reading(request) as visit:
        own = queries.of_account(visit.db, visit.account_id)
        titles = {kind: _(title) for kind, title in TITLES.items()}
        choices = titles | {f"{LIST}{one.id}": one.title for one in lists.of_account(visit.db, visit.account_id)}
        base = f"{visit.core.addresses.base}/feeds/{made}"
        return form_errors.page(
            request,
            "identity/private_feeds.html",
            visit,
            values=data,
            error=error,
            step_up=step_up.asked(request, visit),
            choices=choices,
            own_feeds=[_view(feed) for feed in own],
            new_addresses=[AddressView(name, f"{base}/feed.{name.lower()}") for name in feeds.MEDIA_TYPES]
            if made
            else [],
        )


@get(PAGE, sync_to_thread=True)
def show(request: Request) -> Response:
    """Show the visitor's feeds."""
    return feeds_page(request, FeedForm())


@post(PAGE, status_code=200, opt=HASHES, sync_to_thread=True)
@shown_again(feeds_page)
def make(request: Request, data: JSONBody[FeedForm]) -> Response:
    """Make a feed, and show its addresses, this once."""
    step_up.check(request, data)
    kind, list_id = ("list", id_in(data.what.removeprefix(LIST))) if data.what.startswith(LIST) else (data.what, None)
    with writing(request) as visit:
        made = private_feeds.add(visit.db, now=visit.now, account_id=visit.account_id, kind=kind, list_id=list_id)
    return feeds_page(request, FeedForm(what=data.what), made=made)


@post(f"{PAGE}/{{feed_id:str}}/remove", sync_to_thread=True)
def remove(request: Request, feed_id: FromPath[str]) -> Response:
    """Revoke a feed."""
    with writing(request) as visit:
        private_feeds.remove(visit.db, account_id=visit.account_id, feed_id=id_in(feed_id))
    return redirects.see(request, PAGE, "feed_removed")


def read(request: Request, token: FromPath[str]) -> Response:
    """Return a feed to whoever knows its address, as its owner would see it now; nobody's cookie counts."""
    with reading(request, page=False) as visit:
        feed = queries.by_secret(visit.db, token)
        viewer = viewers.by_account(visit.db, feed.account_id) if feed is not None else None
        if feed is None or viewer is None or viewer.suspended or viewer.disabled:
            raise NotFound(_(NO_SUCH_ADDRESS))
        owners = msgspec.structs.replace(visit, viewer=viewer)
        with translations.using(viewer.locale or language_choice.default(visit.core.settings)):
            answer = _notifications(request, owners) if feed.kind == "notifications" else _posts(request, owners, feed)
    if feed.used_at is None or visit.now - feed.used_at > private_feeds.USED_EVERY_MS:
        with core(request).database.writing() as db:
            private_feeds.touch(db, now=visit.now, feed_id=feed.id)
    return answer


def _posts(request: Request, visit: Visit, feed: PrivateFeed) -> Response:
    entries, context = _entries(visit, feed), None if feed.kind == "bookmarks" else "home"
    # What was boosted stands for itself, and once.
    originals = {entry.boost_of_id or entry.post_id: entry for entry in reversed(entries)}
    plain = [Entry(entry.cursor, id, None, entry.quote_of_id) for id, entry in reversed(originals.items())]
    shown = {view.id for view in post_view_models.posts_of(visit, plain, context=context)}
    sources = feeds.sources(visit, [entry for entry in plain if entry.post_id in shown])
    title, path = _title(feed), PATHS.get(feed.kind, f"/lists/{feed.list_id}")
    return feeds.answer(
        request,
        visit,
        title=title,
        path=path,
        version=[source.version for source in sources],
        items=lambda: [feeds.item(visit, source) for source in sources],
        private=True,
    )


def _entries(visit: Visit, feed: PrivateFeed) -> list[Entry]:
    viewer_id = visit.account_id
    if feed.kind == "bookmarks":
        return timelines.bookmarks(visit.db, LENGTH, viewer_id=viewer_id)
    if feed.list_id is not None:
        return timelines.of_list(visit.db, feed.list_id, LENGTH, viewer_id=viewer_id, now=visit.now)
    return timelines.home(visit.db, LENGTH, viewer_id=viewer_id, now=visit.now)


def _notifications(request: Request, visit: Visit) -> Response:
    told = notifications.page(visit.db, LENGTH, viewer_id=visit.account_id, now=visit.now)
    post_ids = list(dict.fromkeys(one.post_id for one in told if one.post_id))
    shown = {view.id for view in post_view_models.posts(visit, post_ids, context="notifications")}
    entries = [Entry(id, id, None, None) for id in post_ids if id in shown]
    sources = {source.post.id: source for source in feeds.sources(visit, entries)}
    found = account_view_models.accounts(visit, list(dict.fromkeys(one.from_account_id for one in told)))
    people = {one.id: one for one in found}
    # A post that is missing is hidden by a filter.
    kept = [one for one in told if one.from_account_id in people and (one.post_id is None or one.post_id in sources)]

    def items() -> list[Item]:
        return [_item(visit, one, people[one.from_account_id], sources.get(one.post_id or 0)) for one in kept]

    return feeds.answer(
        request,
        visit,
        title=_(TITLES["notifications"]),
        path=PATHS["notifications"],
        version=[(one.id, people[one.from_account_id].name, _version(sources, one)) for one in kept],
        items=items,
        private=True,
    )


def _version(sources: dict[int, Source], told: Notification) -> object:
    source = sources.get(told.post_id or 0)
    return source.version if source else None


def _item(visit: Visit, told: Notification, person: account_view_models.AccountView, source: Source | None) -> Item:
    title = notification_view_models.sentence(told.kind, [person.name], 1)
    base, created_at = visit.core.addresses.base, ids.created_at(told.id)
    return Item(
        address=f"{base}/notifications?max_id={told.id + 1}",
        title=title,
        author=person,
        created_at=created_at,
        updated_at=created_at,
        content=feeds.item(visit, source).content if source else f"<p>{escape(title)}</p>",
        enclosures=(),
        tags=(),
        language=None,
    )


def _title(feed: PrivateFeed) -> str:
    return _(TITLES[feed.kind]) if feed.kind in TITLES else feed.list_title or ""


def _view(feed: PrivateFeed) -> FeedView:
    return FeedView(
        id=feed.id,
        title=_title(feed),
        made=times.day(ids.created_at(feed.id)),
        used=times.day(feed.used_at) if feed.used_at is not None else "",
    )


router = Router("/", route_handlers=[show, make, remove, *feeds.handlers("/feeds/{token:str}", read)])
