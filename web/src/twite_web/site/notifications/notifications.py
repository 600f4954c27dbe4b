"""The visitor's notifications, in groups: mentions, follows, favourites, boosts and the others."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from twite_common import clock
from twite_common.queries.notifications import groups as grouping
from twite_common.queries.notifications import notifications as queries
from twite_common.queries.notifications import policies
from twite_common.queries.timelines import markers as marker_queries
from twite_common.services.notifications import notifications
from twite_common.services.timelines import markers
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import paging, parts, redirects, templating
from twite_web.site.access import Visit, id_in, reading, writing
from twite_web.site.notifications import push
from twite_web.site.options import translated
from twite_web.site.view_models import notifications as view_models
from twite_web.types import Request, Response

SEEN_EVERY_MS = clock.MINUTE
"""How exactly it is known when somebody last looked; who has looked within two minutes gets no mail."""
FILTERS = {
    "": queries.KINDS,
    "mentions": ("mention",),
    "follows": ("follow", "follow_request"),
    "reactions": ("favourite", "boost", "quote"),
    "posts": ("post", "poll", "update", "quoted_update"),
    "site": ("report", "signup", "warning"),
}
"""Kinds of notifications that are shown together, by the names of the filters."""
FILTER_LABELS = {
    "": marked("All"),
    "mentions": marked("Mentions"),
    "follows": marked("Follows"),
    "reactions": marked("Favourites and boosts"),
    "posts": marked("Posts and polls"),
    "site": marked("This site"),
}


@get("/notifications", sync_to_thread=True)
def show(
    request: Request,
    kind: FromQuery[str] = "",
    max_id: FromQuery[str] = "",
    min_id: FromQuery[str] = "",
    seen: FromQuery[str] = "",
) -> Response:
    """Show what the visitor is told; the newest page of all makes everything read.

    Parts of pages don't, such as columns, unless they say that they are `seen`.
    """
    part = paging.page(max_id, min_id)
    chosen = kind if kind in FILTERS else ""
    newest = not max_id and not min_id and not chosen
    with reading(request) as visit:
        rows = queries.page(
            visit.db,
            msgspec.structs.replace(part, limit=part.limit * grouping.LOOKED_THROUGH),
            viewer_id=visit.account_id,
            now=visit.now,
            kinds=FILTERS[chosen],
        )
        marker = marker_queries.of_account(visit.db, visit.account_id).get("notifications")
        last_read_id = marker.last_read_id if marker else 0
        groups = grouping.grouped(rows, part)
        views = view_models.groups(visit, groups, last_read_id)
        waiting = policies.waiting(visit.db, visit.account_id)
        push_key = "" if push.subscription(visit) else push.push_key(visit)
    if newest and (seen or not parts.wanted(request)):
        _look(request, visit, rows[0].id if rows else 0, last_read_id)
        visit = msgspec.structs.replace(visit, unread_count=0)
    path = f"/notifications?kind={chosen}" if chosen else "/notifications"
    cursors = grouping.cursors(groups)
    limit = len(cursors) + (0 if grouping.full(groups, rows, part) else 1)
    beside = paging.beside(path, msgspec.structs.replace(part, limit=limit), cursors)
    return templating.page(
        request,
        "notifications/notifications.html",
        visit,
        groups=views,
        beside=beside,
        filters=translated(FILTER_LABELS),
        chosen=chosen,
        requests_count=waiting.requests,
        page_path=path,
        push_key=push_key,
        offered=push.OFFERED,
    )


@post("/notifications/{group_key:str}/dismiss", sync_to_thread=True)
def dismiss(request: Request, group_key: FromPath[str]) -> Response:
    """Remove a group of notifications."""
    with writing(request) as visit:
        if group_key.startswith(grouping.ALONE):
            id = id_in(group_key.removeprefix(grouping.ALONE))
            notifications.dismiss(visit.db, account_id=visit.account_id, notification_id=id)
        else:
            notifications.dismiss_group(visit.db, account_id=visit.account_id, group_key=group_key)
    return redirects.see(request, "/notifications")


@post("/notifications/clear", sync_to_thread=True)
def clear(request: Request) -> Response:
    """Remove all notifications."""
    with writing(request) as visit:
        notifications.clear(visit.db, account_id=visit.account_id)
    return redirects.see(request, "/notifications", "notifications_cleared")


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


router = Router("/", route_handlers=[show, dismiss, clear])
