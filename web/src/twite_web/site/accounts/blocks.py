"""Blocking and muting accounts, and the lists of both."""

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.accounts import accounts
from twite_common.services.accounts import blocks
from twite_web.site import paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.accounts.follows import profile
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.types import Request, Response


@post("/accounts/{account_id:str}/block", sync_to_thread=True)
def block(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Block an account."""
    id = id_in(account_id)
    with writing(request) as visit:
        blocks.block_account(visit.db, now=visit.now, account_id=visit.account_id, blocked_id=id)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "blocked")


@post("/accounts/{account_id:str}/unblock", sync_to_thread=True)
def unblock(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Take a block back."""
    id = id_in(account_id)
    with writing(request) as visit:
        blocks.unblock_account(visit.db, account_id=visit.account_id, blocked_id=id)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "unblocked")


@post("/accounts/{account_id:str}/mute", sync_to_thread=True)
def mute(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Hide an account's posts and notifications from the visitor."""
    id = id_in(account_id)
    with writing(request) as visit:
        blocks.mute_account(visit.db, now=visit.now, account_id=visit.account_id, muted_id=id)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "muted")


@post("/accounts/{account_id:str}/unmute", sync_to_thread=True)
def unmute(request: Request, data: JSONBody[BackForm], account_id: FromPath[str]) -> Response:
    """Take a mute back."""
    id = id_in(account_id)
    with writing(request) as visit:
        blocks.unmute_account(visit.db, account_id=visit.account_id, muted_id=id)
        back = redirects.local(data.back, profile(visit, id))
    return redirects.to_account(request, back, id, "unmuted")


@get("/settings/blocks", sync_to_thread=True)
def show_blocks(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show whom the visitor blocks."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        entries = accounts.blocks(visit.db, visit.account_id, part)
        views = account_view_models.accounts(visit, [entry.account_id for entry in entries])
        beside = paging.beside("/settings/blocks", part, [entry.cursor for entry in entries])
        return templating.page(request, "accounts/blocks.html", visit, accounts=views, beside=beside)


@get("/settings/mutes", sync_to_thread=True)
def show_mutes(request: Request, max_id: FromQuery[str] = "", min_id: FromQuery[str] = "") -> Response:
    """Show whom the visitor mutes."""
    part = paging.page(max_id, min_id)
    with reading(request) as visit:
        entries = [entry for entry, _ in accounts.mutes(visit.db, visit.account_id, part, now=visit.now)]
        views = account_view_models.accounts(visit, [entry.account_id for entry in entries])
        beside = paging.beside("/settings/mutes", part, [entry.cursor for entry in entries])
        return templating.page(request, "accounts/mutes.html", visit, accounts=views, beside=beside)


router = Router("/", route_handlers=[block, unblock, mute, unmute, show_blocks, show_mutes])
