"""The visitor's notifications: mentions, follows, favourites and boosts."""

from collections.abc import Sequence

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from twite_common import clock, ids
from twite_common.queries.moderation import warnings
from twite_common.queries.notifications import notifications as queries
from twite_common.queries.notifications.notifications import Notification
from twite_common.queries.timelines import markers as marker_queries
from twite_common.services.notifications import notifications
from twite_common.services.timelines import markers
from twite_common.translations import marked
from twite_web.site import paging, parts, templating
from twite_web.site.access import Visit, reading, writing
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

SEEN_EVERY_MS = clock.MINUTE
"""How exactly it is known when somebody last looked; who has looked within two minutes gets no mail."""
SENTENCES = {
    "mention": marked("%(name)s mentioned you"),
    "follow": marked("%(name)s followed you"),
    "follow_request": marked("%(name)s would like to follow you"),
    "favourite": marked("%(name)s favourited your post"),
    "boost": marked("%(name)s boosted your post"),
    "post": marked("%(name)s posted"),
    "poll": marked("%(name)s ran a poll that has ended"),
    "update": marked("%(name)s edited a post you boosted"),
    "quote": marked("%(name)s quoted your post"),
    "quoted_update": marked("%(name)s edited a post you quoted"),
    "report": marked("%(name)s reported someone"),
    "signup": marked("%(name)s signed up"),
    "warning": marked("%(name)s received a warning from the site's staff"),
}
"""What happened, by kinds of notifications; `name` is who did it."""
ICONS = {
    "mention": "reply",
    "follow": "person",
    "follow_request": "person",
    "favourite": "star",
    "boost": "boost",
    "post": "bell",
    "poll": "bell",
    "update": "pencil",
    "quote": "reply",
    "quoted_update": "pencil",
    "report": "bell",
    "signup": "person",
    "warning": "bell",
}
QUOTE_CHARACTERS = 160


class Told(msgspec.Struct, frozen=True):
    """A notification as the page shows it: with the post, or a `quote` of it where that is the visitor's own.

    `path` leads to a report, `strike` to what was done about the visitor; `warning` is what they are told about that.
    """

    id: int
    kind: str
    sentence: str
    icon: str
    account: AccountView
    post: PostView | None
    quote: str
    path: str
    warning: str
    strike: str
    created_at: str
    age: str
    date: str
    unread: bool


@get("/notifications", sync_to_thread=True)
def show(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show what the visitor is told; the newest page makes everything read, except in a column."""
    part = paging.page(max_id, min_id)
    newest = not max_id and not min_id
    with reading(request) as visit:
        notifications = queries.page(visit.db, part, viewer_id=visit.account_id, now=visit.now)
        marker = marker_queries.of_account(visit.db, visit.account_id).get("notifications")
        last_read_id = marker.last_read_id if marker else 0
        views = _told(visit, notifications, last_read_id)
    beside = paging.beside("/notifications", part, [notification.id for notification in notifications])
    if newest and not parts.wanted(request):
        _look(request, visit, notifications[0].id if notifications else 0, last_read_id)
        visit = msgspec.structs.replace(visit, unread_count=0)
    return templating.page(request, "notifications/notifications.html", visit, notifications=views, beside=beside)


def _told(visit: Visit, notifications: Sequence[Notification], last_read_id: int) -> list[Told]:
    account_ids = {notification.from_account_id for notification in notifications}
    accounts = {account.id: account for account in account_view_models.accounts(visit, list(account_ids))}
    post_ids = {notification.post_id for notification in notifications if notification.post_id}
    posts = {post.id: post for post in post_view_models.posts(visit, list(post_ids))}
    warning_ids = {notification.warning_id for notification in notifications if notification.warning_id}
    own_warnings = warnings.own(visit.db, warning_ids, viewer_id=visit.account_id)
    texts = {id: warning.text for id, warning in own_warnings.items()}
    return [
        _one(
            visit,
            notification,
            accounts[notification.from_account_id],
            posts.get(notification.post_id or 0),
            texts.get(notification.warning_id or 0, ""),
            unread=notification.id > last_read_id + ids.NEAR,
        )
        for notification in notifications
        if notification.from_account_id in accounts
    ]


def _one(
    visit: Visit, notification: Notification, account: AccountView, post: PostView | None, warning: str, *, unread: bool
) -> Told:
    created_at = ids.created_at(notification.id)
    quoted = post is not None and notification.kind in {"favourite", "boost"}
    return Told(
        id=notification.id,
        kind=notification.kind,
        sentence=SENTENCES[notification.kind],
        icon=ICONS[notification.kind],
        account=account,
        post=post,
        quote=post_view_models.excerpt(post, QUOTE_CHARACTERS) if post and quoted else "",
        path=f"/admin/reports/{notification.report_id}" if notification.report_id else "",
        warning=warning,
        strike=f"/strikes/{notification.warning_id}" if notification.warning_id else "",
        created_at=clock.as_datetime(created_at).isoformat(timespec="seconds"),
        age=times.ago(created_at, visit.now),
        date=times.date(created_at),
        unread=unread,
    )


def _look(request: Request, visit: Visit, newest_id: int, last_read_id: int) -> None:
    """Record that the visitor looks at their notifications now, where that isn't known already."""
    seen_at = visit.member.notifications_seen_at or 0
    if newest_id <= last_read_id and visit.now - seen_at < SEEN_EVERY_MS:
        return
    with writing(request) as now_writing:
        db, now, account_id = now_writing.db, now_writing.now, now_writing.account_id
        notifications.seen(db, account_id=account_id, now=now)
        if newest_id > last_read_id:
            markers.set_marker(db, now=now, account_id=account_id, timeline="notifications", last_read_id=newest_id)


router = Router("/", route_handlers=[show])
