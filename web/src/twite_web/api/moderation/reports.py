"""Reporting accounts: POST /api/v1/reports."""

import msgspec
from litestar import post
from litestar.params import JSONBody

from twite_common.queries.moderation import reports as queries
from twite_common.services.moderation import reports
from twite_common.services.moderation.reports import ReportDraft
from twite_web.api.access import user, writing
from twite_web.api.path_params import record_id, record_ids, there
from twite_web.api.schemas import moderation as moderation_schemas
from twite_web.api.serializers import moderation as moderation_serializers
from twite_web.routing import Router
from twite_web.types import Request


class ReportParameters(msgspec.Struct):
    """Whom and what one reports, and why. There are no other servers that a report could be forwarded to."""

    account_id: str = ""
    status_ids: list[str] = []
    comment: str = ""
    category: str = "other"
    rule_ids: list[str] = []


@post("/reports", status_code=200, opt=user("write:reports"), sync_to_thread=True)
def file(request: Request, data: JSONBody[ReportParameters]) -> moderation_schemas.Report:
    """Report an account to the site's staff."""
    with writing(request) as access:
        draft = ReportDraft(
            target_id=record_id(data.account_id),
            post_ids=tuple(record_ids(data.status_ids)),
            rule_ids=tuple(record_ids(data.rule_ids)),
            comment=data.comment,
            category=data.category or "other",
        )
        id = reports.file(access.db, now=access.now, account_id=access.account_id, draft=draft)
    with access.reading() as access:
        by_id = moderation_serializers.reports(access, [there(queries.get(access.db, id))])
    return there(by_id.get(id))


router = Router("/", route_handlers=[file], tags=["reports"])
