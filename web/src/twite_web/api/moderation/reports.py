"""Reporting accounts, POST /api/v1/reports, and what notifications tell of reports and of what was done about one."""

from collections.abc import Collection

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from twite_common import ids, permissions
from twite_common.queries.moderation import reports as queries
from twite_common.queries.moderation import warnings
from twite_common.queries.moderation.reports import Report
from twite_common.queries.moderation.warnings import AccountWarning
from twite_common.services.moderation import reports
from twite_common.services.moderation.reports import ReportDraft
from twite_web.api.access import Access, user, writing
from twite_web.api.path_params import record_id, record_ids, there
from twite_web.api.schemas import moderation as moderation_schemas
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.moderation import Appeal
from twite_web.api.serializers import accounts as account_serializers
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
    """Report an account to those who look after the site."""
    with writing(request) as access:
        draft = ReportDraft(
            target_id=record_id(data.account_id),
            post_ids=tuple(record_ids(data.status_ids)),
            rule_ids=tuple(record_ids(data.rule_ids)),
            comment=data.comment,
            category=data.category or "other",
        )
        id = reports.file(access.db, now=access.now, account_id=access.account_id, draft=draft)
        by_id = _reports(access, [there(queries.get(access.db, id))])
    return there(by_id.get(id))


def told_reports(access: Access, report_ids: Collection[int]) -> dict[int, moderation_schemas.Report]:
    """Return reports by id; none where the viewer doesn't settle reports (any more)."""
    if not permissions.may(access.member.role, "manage_reports"):
        return {}
    return _reports(access, queries.load(access.db, report_ids).values())


def told_warnings(access: Access, warning_ids: Collection[int]) -> dict[int, moderation_schemas.AccountWarning]:
    """Return by id what was done about the viewer's account."""
    own_warnings = warnings.own(access.db, warning_ids, viewer_id=access.account_id)
    accounts = account_serializers.accounts(access, {warning.target_id for warning in own_warnings.values()})
    return {warning.id: _warning(warning, accounts[warning.target_id]) for warning in own_warnings.values()}


def _reports(access: Access, reports: Collection[Report]) -> dict[int, moderation_schemas.Report]:
    targets = account_serializers.accounts(access, {report.target_id for report in reports})
    return {report.id: _report(report, targets[report.target_id]) for report in reports if report.target_id in targets}


def _report(report: Report, target: Account) -> moderation_schemas.Report:
    return moderation_schemas.Report(
        id=str(report.id),
        action_taken=report.resolved_at is not None,
        action_taken_at=timestamp(report.resolved_at) if report.resolved_at is not None else None,
        category=report.category,
        comment=report.comment,
        forwarded=report.forwarded,
        created_at=timestamp(ids.created_at(report.id)),
        status_ids=[str(id) for id in report.posts()],
        rule_ids=[str(id) for id in report.rules()],
        target_account=target,
    )


def _warning(warning: AccountWarning, target: Account) -> moderation_schemas.AccountWarning:
    appeal = (
        Appeal(text=warning.appeal, state=warning.appeal_state or "pending") if warning.appeal is not None else None
    )
    return moderation_schemas.AccountWarning(
        id=str(warning.id),
        action=warning.action,
        text=warning.text,
        status_ids=[str(id) for id in warning.posts()],
        target_account=target,
        appeal=appeal,
        created_at=timestamp(ids.created_at(warning.id)),
    )


router = Router("/", route_handlers=[file], tags=["reports"])
