"""What Mastodon has and this site doesn't, answered like a server without it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from twite_common.errors import NotFound
from twite_common.translations import gettext as _
from twite_web.api.access import anyone, reading, user
from twite_web.api.path_params import NOT_FOUND, account
from twite_web.api.schemas import Entity
from twite_web.routing import Router
from twite_web.types import Request


class Collections(Entity, frozen=True, kw_only=True, gc=False):
    """Collections of accounts."""

    collections: list[Any]


class AnnualReports(Entity, frozen=True, kw_only=True, gc=False):
    """Reports about one's years, and what stands in them."""

    annual_reports: list[Any]
    accounts: list[Any]
    statuses: list[Any]


class AnnualReportState(Entity, frozen=True, kw_only=True, gc=False):
    """Whether a report about a year can be had."""

    state: str


@get("/accounts/{account_id:str}/collections", opt=anyone("read:collections"), sync_to_thread=True)
def collections(request: Request, account_id: FromPath[str]) -> Collections:
    """Return an account's collections: this site has none."""
    with reading(request) as access:
        account(access, account_id)
    return Collections(collections=[])


@get("/accounts/{account_id:str}/in_collections", opt=user("read:collections"), sync_to_thread=True)
def in_collections(request: Request, account_id: FromPath[str]) -> Collections:
    """Return the collections that contain an account: this site has none."""
    with reading(request) as access:
        account(access, account_id)
    return Collections(collections=[])


@get("/accounts/{account_id:str}/identity_proofs", opt=user("read:accounts"), sync_to_thread=True)
def identity_proofs(request: Request, account_id: FromPath[str]) -> list[Any]:
    """Return an account's identity proofs: this site has none."""
    with reading(request) as access:
        account(access, account_id)
    return []


@get("/annual_reports", opt=user("read:accounts"), sync_to_thread=True)
def annual_reports(request: Request) -> AnnualReports:
    """Return the user's annual reports: this site has none."""
    with reading(request):
        return AnnualReports(annual_reports=[], accounts=[], statuses=[])


@get("/annual_reports/{year:str}", opt=user("read:accounts"), sync_to_thread=True)
def annual_report(request: Request, year: FromPath[str]) -> AnnualReports:  # noqa: ARG001 - part of the path
    """Return an annual report: this site has none."""
    with reading(request):
        raise NotFound(_(NOT_FOUND))


@get("/annual_reports/{year:str}/state", opt=user("read:accounts"), sync_to_thread=True)
def annual_report_state(request: Request, year: FromPath[str]) -> AnnualReportState:  # noqa: ARG001 - part of the path
    """Return the state of an annual report."""
    with reading(request):
        return AnnualReportState(state="ineligible")


@post(
    ["/annual_reports/{year:str}/read", "/annual_reports/{year:str}/generate"],
    status_code=200,
    opt=user("write:accounts"),
    sync_to_thread=True,
)
def ask_for_annual_report(request: Request, year: FromPath[str]) -> None:  # noqa: ARG001 - part of the path
    """Generate an annual report, or mark it as read: this site has none."""
    with reading(request):
        raise NotFound(_(NOT_FOUND))


@get("/donation_campaigns", status_code=204, opt=user(), sync_to_thread=True)
def donation_campaigns(request: Request) -> Response[None]:
    """Return donation campaigns: this site has none."""
    with reading(request):
        return Response(None, status_code=204)


router = Router(
    "/api/v1",
    route_handlers=[
        collections,
        in_collections,
        identity_proofs,
        annual_reports,
        annual_report,
        annual_report_state,
        ask_for_annual_report,
        donation_campaigns,
    ],
    tags=["not on this site"],
)
