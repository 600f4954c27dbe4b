"""Several posts at once: /api/v1/statuses/thread"""

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from twite_common.errors import Invalid
from twite_common.services.posts import posts
from twite_common.translations import gettext as _
from twite_web.api import route_limits
from twite_web.api.access import user, writing
from twite_web.api.posts.drafts import StatusDraft, draft_of
from twite_web.api.posts.unexpected_mentions import named_in_failures
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.types import Request


class ThreadDraft(msgspec.Struct):
    """Posts to be published in this order, each as the answer to the one before."""

    statuses: list[StatusDraft] = []


@post("/", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def publish(request: Request, data: JSONBody[ThreadDraft]) -> list[Status]:
    """Publish up to 25 posts, each as an answer to the one before: all of them, or none.

    With the header Idempotency-Key, repeating the request within an hour doesn't create them a second time. They can't
    be scheduled; what the first one answers is named by its `in_reply_to_id`.
    """
    if any(status.scheduled_at for status in data.statuses):
        raise Invalid(_("Validation failed: A thread can't be scheduled"))
    drafts = [draft_of(status) for status in data.statuses]
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
        return post_serializers.statuses(access, post_ids)


router = Router("/statuses/thread", route_handlers=[publish], tags=["statuses"])
