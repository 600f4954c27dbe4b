"""Blocking and muting accounts, and the lists of both."""

from typing import Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common.queries.accounts import accounts
from twite_common.services.accounts import blocks
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, paging, redirects, templating
from twite_web.site.access import id_in, reading, writing
from twite_web.site.accounts.follows import profile, relationship_to
from twite_web.site.options import translated
from twite_web.site.redirects import BackForm
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import times
from twite_web.site.view_models.accounts import AccountView
from twite_web.types import Request, Response

DURATIONS = {
    "0": marked("Until I unmute them"),
    "300": marked("5 minutes"),
    "1800": marked("30 minutes"),
    "3600": marked("An hour"),
    "21600": marked("Six hours"),
    "86400": marked("A day"),
    "259200": marked("Three days"),
    "604800": marked("A week"),
    "2592000": marked("30 days"),
}
NOTIFICATIONS = {"hide": marked("Hide them too"), "show": marked("Go on showing them")}


class MuteForm(BackForm, frozen=True, kw_only=True):
    """How to mute an account: for so many seconds, or for good, and with or without its notifications."""

    duration: str = "0"
    notifications: Literal["hide", "show"] = "hide"


class MutedView(msgspec.Struct, frozen=True):
    """A muted account; `end` says in words when the mute ends, and is empty where it doesn't."""

    account: AccountView
    end: str


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


@get("/accounts/{account_id:str}/mute", sync_to_thread=True)
def show_mute(request: Request, account_id: FromPath[str]) -> Response:
    """Show the form that mutes an account, as it is muted where it is."""
    id = id_in(account_id)
    with reading(request) as visit:
        relationship = relationship_to(visit, id)
        [account] = account_view_models.accounts(visit, [id])
        shows = relationship.muting and not relationship.muting_notifications
        end = relationship.muting_expires_at
        return form_errors.page(
            request,
            "accounts/mute.html",
            visit,
            values=MuteForm(notifications="show" if shows else "hide"),
            account=account,
            muting=relationship.muting,
            end=times.date(end) if end else "",
            durations=translated(DURATIONS),
            notifications=translated(NOTIFICATIONS),
        )


@post("/accounts/{account_id:str}/mute", sync_to_thread=True)
def mute(request: Request, data: JSONBody[MuteForm], account_id: FromPath[str]) -> Response:
    """Hide an account's posts from the visitor, and its notifications unless told otherwise."""
    id = id_in(account_id)
    with writing(request) as visit:
        blocks.mute_account(
            visit.db,
            now=visit.now,
            account_id=visit.account_id,
            muted_id=id,
            notifications=data.notifications == "hide",
            duration_seconds=int(data.duration) if data.duration in DURATIONS else 0,
        )
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
        listed = accounts.mutes(visit.db, visit.account_id, part, now=visit.now)
        views = {
            view.id: view for view in account_view_models.accounts(visit, [entry.account_id for entry, _ in listed])
        }
        muted = [
            MutedView(views[entry.account_id], times.date(end) if end else "")
            for entry, end in listed
            if entry.account_id in views
        ]
        beside = paging.beside("/settings/mutes", part, [entry.cursor for entry, _ in listed])
        return templating.page(request, "accounts/mutes.html", visit, mutes=muted, beside=beside)


router = Router("/", route_handlers=[block, unblock, show_mute, mute, unmute, show_blocks, show_mutes])
