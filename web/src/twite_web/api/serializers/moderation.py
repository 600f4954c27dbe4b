"""Where the entities of reports and warnings are made."""

from collections.abc import Collection

from twite_common import ids, permissions
from twite_common.queries.moderation import reports as queries
from twite_common.queries.moderation import warnings
from twite_common.queries.moderation.reports import Report
from twite_common.queries.moderation.warnings import AccountWarning
from twite_web.api.access import Access
from twite_web.api.schemas import moderation as schemas
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.accounts import Account
from twite_web.api.schemas.moderation import Appeal
from twite_web.api.serializers import accounts as account_serializers


def visible_reports(access: Access, report_ids: Collection[int]) -> dict[int, schemas.Report]:
    """Return reports by id; none where the viewer doesn't settle reports (any more)."""
    if not permissions.may(access.member.role, "manage_reports"):
        return {}
    return reports(access, queries.load(access.db, report_ids).values())


def own_warnings(access: Access, warning_ids: Collection[int]) -> dict[int, schemas.AccountWarning]:
    """Return by id what was done about the viewer's account."""
    rows = warnings.own(access.db, warning_ids, viewer_id=access.account_id)
    accounts = account_serializers.accounts(access, {warning.target_id for warning in rows.values()})
    return {warning.id: _warning(warning, accounts[warning.target_id]) for warning in rows.values()}


def reports(access: Access, rows: Collection[Report]) -> dict[int, schemas.Report]:
    """Return reports by id; those of accounts that are gone are left out."""
    targets = account_serializers.accounts(access, {report.target_id for report in rows})
    return {report.id: _report(report, targets[report.target_id]) for report in rows if report.target_id in targets}


def _report(report: Report, target: Account) -> schemas.Report:
    return schemas.Report(
        id=str(report.id),
        action_taken=report.resolved_at is not None,
        action_taken_at=timestamp(report.resolved_at),
        category=report.category,
        comment=report.comment,
        forwarded=report.forwarded,
        created_at=timestamp(ids.created_at(report.id)),
        status_ids=[str(id) for id in report.posts()],
        rule_ids=[str(id) for id in report.rules()],
        target_account=target,
    )


def _warning(warning: AccountWarning, target: Account) -> schemas.AccountWarning:
    appeal = (
        Appeal(text=warning.appeal, state=warning.appeal_state or "pending") if warning.appeal is not None else None
    )
    return schemas.AccountWarning(
        id=str(warning.id),
        action=warning.action,
        text=warning.text,
        status_ids=[str(id) for id in warning.posts()],
        target_account=target,
        appeal=appeal,
        created_at=timestamp(ids.created_at(warning.id)),
    )
