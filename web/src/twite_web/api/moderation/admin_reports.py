"""Reports: /api/v1/admin/reports/…"""

from collections.abc import Mapping

import msgspec
from litestar import Response, get, post, route
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids
from twite_common.errors import NotFound
from twite_common.queries.moderation import reports as queries
from twite_common.queries.moderation import rules
from twite_common.queries.moderation.reports import Report
from twite_common.services.moderation import reports
from twite_common.translations import gettext as _
from twite_web.api import paging
from twite_web.api.access import Access, reading_as_staff, user, writing
from twite_web.api.moderation.accounts import several_made
from twite_web.api.moderation.rules import entity as rule_entity
from twite_web.api.paging import PageRequest, link, page_request
from twite_web.api.path_params import NOT_FOUND, record_id, record_ids
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.moderation import AccountForAdmins, ReportForAdmins
from twite_web.api.schemas.posts import Status
from twite_web.api.serializers import posts as post_serializers
from twite_web.post_filters import NO_FILTERS
from twite_web.routing import Router
from twite_web.types import Request

READ, WRITE = user("admin:read:reports"), user("admin:write:reports")


class ReportChanges(msgspec.Struct):
    """What a report is about, better said."""

    category: str | None = None
    rule_ids: list[str] | None = None


@get("/v1/admin/reports", opt=READ, sync_to_thread=True)
def several(
    request: Request,
    page_request: NamedDependency[PageRequest],
    resolved: FromQuery[bool] = False,
    unresolved: FromQuery[bool] = False,
    account_id: FromQuery[str | None] = None,
    target_account_id: FromQuery[str | None] = None,
    by_target_domain: FromQuery[str | None] = None,
) -> Response[list[ReportForAdmins]]:
    """Return reports, the latest first."""
    page = page_request.page(paging.MANY)
    if by_target_domain:
        page = msgspec.structs.replace(page, limit=0)
    with reading_as_staff(request, "manage_reports") as access:
        reports = queries.several(
            access.db,
            page,
            resolved=None if resolved and unresolved else resolved,
            account_id=record_id(account_id) if account_id else None,
            target_id=record_id(target_account_id) if target_account_id else None,
        )
        entities = _made(access, reports)
    return Response(entities, headers=link(request, [report.id for report in reports], page.limit))


@get("/v1/admin/reports/{report_id:str}", opt=READ, sync_to_thread=True)
def one(request: Request, report_id: FromPath[str]) -> ReportForAdmins:
    """Return a report."""
    with reading_as_staff(request, "manage_reports") as access:
        return _found(access, record_id(report_id))


@route("/v1/admin/reports/{report_id:str}", http_method=["PUT", "PATCH"], opt=WRITE, sync_to_thread=True)
def change(request: Request, report_id: FromPath[str], data: JSONBody[ReportChanges]) -> ReportForAdmins:
    """Change a report's category."""
    id = record_id(report_id)
    with writing(request) as access:
        reports.change(
            access.db,
            now=access.now,
            viewer=access.member,
            report_id=id,
            category=data.category,
            rule_ids=None if data.rule_ids is None else record_ids(data.rule_ids),
        )
    with access.reading() as access:
        return _found(access, id)


@post("/v1/admin/reports/{report_id:str}/assign_to_self", status_code=200, opt=WRITE, sync_to_thread=True)
def assign(request: Request, report_id: FromPath[str]) -> ReportForAdmins:
    """Assign a report to yourself."""
    return _assign(request, report_id, to_oneself=True)


@post("/v1/admin/reports/{report_id:str}/unassign", status_code=200, opt=WRITE, sync_to_thread=True)
def unassign(request: Request, report_id: FromPath[str]) -> ReportForAdmins:
    """Unassign a report."""
    return _assign(request, report_id, to_oneself=False)


@post("/v1/admin/reports/{report_id:str}/resolve", status_code=200, opt=WRITE, sync_to_thread=True)
def resolve(request: Request, report_id: FromPath[str]) -> ReportForAdmins:
    """Resolve a report."""
    return _settle(request, report_id, resolved=True)


@post("/v1/admin/reports/{report_id:str}/reopen", status_code=200, opt=WRITE, sync_to_thread=True)
def reopen(request: Request, report_id: FromPath[str]) -> ReportForAdmins:
    """Reopen a report."""
    return _settle(request, report_id, resolved=False)


def _assign(request: Request, report_id: str, *, to_oneself: bool) -> ReportForAdmins:
    id = record_id(report_id)
    with writing(request) as access:
        reports.assign(access.db, now=access.now, viewer=access.member, report_id=id, to_oneself=to_oneself)
    with access.reading() as access:
        return _found(access, id)


def _settle(request: Request, report_id: str, *, resolved: bool) -> ReportForAdmins:
    id = record_id(report_id)
    with writing(request) as access:
        reports.settle(access.db, now=access.now, viewer=access.member, report_id=id, resolved=resolved)
    with access.reading() as access:
        return _found(access, id)


def _found(access: Access, report_id: int) -> ReportForAdmins:
    report = queries.get(access.db, report_id)
    entities = _made(access, [report] if report else [])
    if not entities:
        raise NotFound(_(NOT_FOUND))
    return entities[0]


def _made(access: Access, rows: list[Report]) -> list[ReportForAdmins]:
    people = {report.account_id for report in rows} | {report.target_id for report in rows}
    people |= {id for report in rows for id in (report.assigned_id, report.resolved_by_id) if id is not None}
    accounts = several_made(access, people)
    posts = reports.posts_of(access.db, rows, viewer=access.member, now=access.now)
    statuses = post_serializers.loaded(access, posts, NO_FILTERS)
    broken = rules.load(access.db, {id for report in rows for id in report.rules()})
    return [
        _entity(report, accounts, statuses, broken)
        for report in rows
        if report.account_id in accounts and report.target_id in accounts
    ]


def _entity(
    report: Report,
    accounts: Mapping[int, AccountForAdmins],
    statuses: Mapping[int, Status],
    broken: Mapping[int, rules.Rule],
) -> ReportForAdmins:
    return ReportForAdmins(
        id=str(report.id),
        action_taken=report.resolved_at is not None,
        action_taken_at=timestamp(report.resolved_at),
        category=report.category,
        comment=report.comment,
        forwarded=report.forwarded,
        created_at=timestamp(ids.created_at(report.id)),
        updated_at=timestamp(report.updated_at),
        account=accounts[report.account_id],
        target_account=accounts[report.target_id],
        assigned_account=accounts.get(report.assigned_id or 0),
        action_taken_by_account=accounts.get(report.resolved_by_id or 0),
        statuses=[statuses[id] for id in report.posts() if id in statuses],
        rules=[rule_entity(broken[id]) for id in report.rules() if id in broken],
    )


router = Router(
    "/",
    route_handlers=[several, one, change, assign, unassign, resolve, reopen],
    dependencies={"page_request": Provide(page_request, sync_to_thread=False)},
    tags=["admin"],
)
