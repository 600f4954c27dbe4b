"""Several posts at once: /api/v1/statuses/thread"""

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from twite_common.drafts import Draft
from twite_common.errors import Invalid
from twite_common.services.posts import posts, scheduled_posts
from twite_common.translations import gettext as _
from twite_web.api import route_limits
from twite_web.api.access import user, writing
from twite_web.api.posts.drafts import StatusDraft, draft_of
from twite_web.api.posts.scheduled_posts import ScheduledStatus, due, scheduled
from twite_web.api.posts.unexpected_mentions import named_in_failures
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.routing import Router
from twite_web.types import Request


class ThreadDraft(msgspec.Struct):
    """Posts to be published in this order, each as the answer to the one before.

    With `scheduled_at` (ISO 8601) that happens then.
    """

    statuses: list[StatusDraft] = []
    scheduled_at: str | None = None


@post("/", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def publish(request: Request, data: JSONBody[ThreadDraft]) -> Response[list[Status] | ScheduledStatus]:
    """Publish up to 25 posts, each as an answer to the one before: all of them, or none; or schedule them.

    With the header Idempotency-Key, repeating the request within an hour doesn't create them a second time. What the
    first one answers is named by its `in_reply_to_id`. The time is that of the thread: its posts have none.
    """
    if any(status.scheduled_at for status in data.statuses):
        raise Invalid(_("Validation failed: Scheduled at is given once for a thread, beside its posts"))
    drafts = [draft_of(status) for status in data.statuses]
    if data.scheduled_at:
        return Response(_scheduled(request, drafts, due(data.scheduled_at)))
    with writing(request) as access, named_in_failures(access):
        route_limits.count_posts(request, access.account_id, len(drafts) - 1, access.now)
        post_ids = posts.publish_thread(
            access.db,
            access.core.settings,
            now=access.now,
            author_id=access.account_id,
            drafts=drafts,
            application_id=access.token.application_id if access.token else None,
            idempotency_name=request.headers.get("idempotency-key"),
        )
    with access.reading() as access:
        return Response(post_serializers.statuses(access, post_ids))


def _scheduled(request: Request, drafts: list[Draft], due_at: int) -> ScheduledStatus:
    with writing(request) as access:
        route_limits.count_posts(request, access.account_id, len(drafts) - 1, access.now)
        id = scheduled_posts.schedule_thread(
            access.db,
            access.core.settings,
            now=access.now,
            account_id=access.account_id,
            drafts=drafts,
            due_at=due_at,
            application_id=access.token.application_id if access.token else None,
            idempotency_name=request.headers.get("idempotency-key"),
        )
    with access.reading() as access:
        return scheduled(access, id)


router = Router("/statuses/thread", route_handlers=[publish], tags=["statuses"])
