"""Reporting accounts and posts, and resolving reports."""

from collections.abc import Mapping, Sequence

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids, permissions
from twite_common.errors import NotFound, TwiteError
from twite_common.queries.accounts import accounts as account_queries
from twite_common.queries.moderation import accounts
from twite_common.queries.moderation import reports as queries
from twite_common.queries.moderation import rules as rule_queries
from twite_common.queries.moderation.reports import Report
from twite_common.services.moderation import reports
from twite_common.services.moderation.reports import ReportDraft
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import Visit, id_in, reading, reading_as_staff, writing
from twite_web.site.accounts.follows import profile
from twite_web.site.form_errors import shown_again
from twite_web.site.moderation import account_actions
from twite_web.site.moderation.account_actions import DecisionForm
from twite_web.site.options import translated
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import posts as post_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.site.view_models.posts import PostView
from twite_web.types import Request, Response

CATEGORIES = {
    "other": marked("Something else"),
    "spam": marked("Spam"),
    "violation": marked("Breaks a rule of this site"),
    "legal": marked("Illegal"),
}


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reports about an account; `post_id` is the post that is reported with it, if any."""

    category: str = "other"
    comment: str = ""
    post_id: str = ""
    rule_ids: list[str] = []


class ChosenForm(msgspec.Struct, frozen=True, kw_only=True):
    """The reports that were chosen in the list."""

    ids: list[str] = []


class Reported(msgspec.Struct, frozen=True):
    """A post that is reported, below the one that it answers, if that can be seen."""

    post: PostView
    answered: PostView | None


class ReportView(msgspec.Struct, frozen=True):
    """A report as pages show it."""

    id: int
    reporter: AccountView
    target: AccountView
    category: str
    comment: str
    posts_count: int
    rules: list[str]
    assigned_to: str
    settled_by: str
    settled: bool
    age: str
    date: str


def report_page(request: Request, data: ReportForm, account_id: str, *, error: TwiteError | None = None) -> Response:
    """Return the form to report an account, with the post that is reported."""
    id = id_in(account_id)
    with reading(request) as visit:
        visit.require_login()
        account = account_queries.get(visit.db, id)
        if account is None:
            raise NotFound(_("There is no such account."))
        posts = post_view_models.posts(visit, [id_in(data.post_id)]) if data.post_id else []
        return form_errors.page(
            request,
            "moderation/new_report.html",
            visit,
            values=data,
            error=error,
            account=account_view_models.account(visit, account),
            posts=[post for post in posts if post.author.id == id],
            categories=translated(CATEGORIES),
            rules=rule_queries.all_rules(visit.db),
        )


@get("/accounts/{account_id:str}/report", sync_to_thread=True)
def show(request: Request, account_id: FromPath[str], post_id: FromQuery[str] = "") -> Response:
    """Show the form to report an account."""
    return report_page(request, ReportForm(post_id=post_id), account_id)


@post("/accounts/{account_id:str}/report", sync_to_thread=True)
@shown_again(report_page)
def file(request: Request, data: JSONBody[ReportForm], account_id: FromPath[str]) -> Response:
    """Report an account to the site's staff."""
    draft = ReportDraft(
        target_id=id_in(account_id),
        post_ids=(id_in(data.post_id),) if data.post_id else (),
        rule_ids=tuple(id_in(rule_id) for rule_id in data.rule_ids),
        comment=data.comment,
        category=data.category,
    )
    with writing(request) as visit:
        reports.file(visit.db, now=visit.now, account_id=visit.account_id, draft=draft)
        back = profile(visit, draft.target_id)
    return redirects.see(request, back, "reported")


@get("/admin/reports", sync_to_thread=True)
def several(request: Request, settled: FromQuery[str] = "", max_id: FromQuery[str] = "") -> Response:
    """Show the reports that wait, or those that are settled."""
    part = paging.page(max_id, "")
    with reading_as_staff(request, "manage_reports") as visit:
        reports = queries.several(visit.db, part, resolved=bool(settled))
        return templating.page(
            request,
            "moderation/reports.html",
            visit,
            reports=_views(visit, reports),
            settled=bool(settled),
            older=reports[-1].id if len(reports) == part.limit else None,
        )


@get("/admin/reports/{report_id:str}", sync_to_thread=True)
def one(request: Request, report_id: FromPath[str]) -> Response:
    """Show a report, with the posts that it names."""
    with reading_as_staff(request, "manage_reports") as visit:
        report = queries.get(visit.db, id_in(report_id))
        if report is None:
            raise NotFound(_("There is no such report."))
        target = accounts.load(visit.db, [report.target_id])[report.target_id]
        done = account_actions.done(target)
        return form_errors.page(
            request,
            "moderation/report.html",
            visit,
            values=DecisionForm(told=True, report_id=str(report.id), back=f"/admin/reports/{report.id}"),
            report=_views(visit, [report])[0],
            reported=_reported(visit, report),
            own=report.assigned_id == visit.account_id,
            since=times.day(ids.created_at(target.id)),
            done=[_(account_actions.DONE[action]) for action in done],
            actions=account_actions.possible(done),
            presets=account_actions.presets(visit),
            below=permissions.is_above(visit.member.role, target.role),
            warnings=account_actions.earlier(visit, target.id),
            others=[id for id in queries.open_about(visit.db, target.id) if id != report.id],
        )


@post("/admin/reports/resolve", sync_to_thread=True)
def resolve_chosen(request: Request, data: JSONBody[ChosenForm]) -> Response:
    """Close the reports that were chosen in the list."""
    report_ids = [id for id in map(ids.parse, data.ids) if id is not None]
    with writing(request) as visit:
        number = reports.resolve_several(visit.db, now=visit.now, viewer=visit.member, report_ids=report_ids)
    return redirects.see(request, "/admin/reports", "chosen_resolved" if number else "none_chosen")


@post("/admin/reports/{report_id:str}/assign", sync_to_thread=True)
def assign(request: Request, report_id: FromPath[str]) -> Response:
    """Take a report on."""
    return _assign(request, report_id, to_oneself=True)


@post("/admin/reports/{report_id:str}/unassign", sync_to_thread=True)
def unassign(request: Request, report_id: FromPath[str]) -> Response:
    """Leave a report to others."""
    return _assign(request, report_id, to_oneself=False)


@post("/admin/reports/{report_id:str}/resolve", sync_to_thread=True)
def resolve(request: Request, report_id: FromPath[str]) -> Response:
    """Close a report."""
    return _settle(request, report_id, resolved=True)


@post("/admin/reports/{report_id:str}/reopen", sync_to_thread=True)
def reopen(request: Request, report_id: FromPath[str]) -> Response:
    """Open a report again."""
    return _settle(request, report_id, resolved=False)


def _assign(request: Request, report_id: str, *, to_oneself: bool) -> Response:
    id = id_in(report_id)
    with writing(request) as visit:
        reports.assign(visit.db, now=visit.now, viewer=visit.member, report_id=id, to_oneself=to_oneself)
    return redirects.see(request, f"/admin/reports/{id}", "saved")


def _settle(request: Request, report_id: str, *, resolved: bool) -> Response:
    id = id_in(report_id)
    with writing(request) as visit:
        reports.settle(visit.db, now=visit.now, viewer=visit.member, report_id=id, resolved=resolved)
    return redirects.see(request, f"/admin/reports/{id}", "saved")


def _reported(visit: Visit, report: Report) -> list[Reported]:
    """Return the posts that a report names, whomever they were for, each with the one that it answers."""
    posts_by_id = reports.posts_of(visit.db, [report], viewer=visit.member, now=visit.now)
    answered_ids = {id: post.in_reply_to_id for id, post in posts_by_id.items() if post.in_reply_to_id}
    answered = {post.id: post for post in post_view_models.posts(visit, sorted(set(answered_ids.values())))}
    return [
        Reported(post, answered.get(answered_ids.get(post.id, 0)))
        for post in post_view_models.loaded(visit, report.posts(), posts_by_id)
    ]


def _views(visit: Visit, reports: Sequence[Report]) -> list[ReportView]:
    account_ids = {report.account_id for report in reports} | {report.target_id for report in reports}
    account_ids |= {id for report in reports for id in (report.assigned_id, report.resolved_by_id) if id is not None}
    views = {account.id: account for account in account_view_models.accounts(visit, list(account_ids))}
    rules = rule_queries.load(visit.db, {id for report in reports for id in report.rules()})
    return [_view(visit, report, views, rules) for report in reports]


def _view(
    visit: Visit, report: Report, accounts: Mapping[int, AccountView], rules: Mapping[int, rule_queries.Rule]
) -> ReportView:
    return ReportView(
        id=report.id,
        reporter=accounts[report.account_id],
        target=accounts[report.target_id],
        category=_(CATEGORIES[report.category]),
        comment=report.comment,
        posts_count=len(report.posts()),
        rules=[rules[id].text for id in report.rules() if id in rules],
        assigned_to=accounts[report.assigned_id].username if report.assigned_id is not None else "",
        settled_by=accounts[report.resolved_by_id].username if report.resolved_by_id is not None else "",
        settled=report.resolved_at is not None,
        age=times.ago(ids.created_at(report.id), visit.now),
        date=times.date(ids.created_at(report.id)),
    )


router = Router("/", route_handlers=[show, file, several, one, resolve_chosen, assign, unassign, resolve, reopen])
