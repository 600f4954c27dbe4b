"""One account as staff see it, and their actions against it."""

from collections.abc import Collection

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from twite_common import ids, permissions
from twite_common.errors import Invalid, NotFound, TwiteError
from twite_common.queries.moderation import accounts, reports, warning_presets, warnings
from twite_common.queries.moderation.accounts import AdminAccount
from twite_common.queries.paging import Page
from twite_common.services.identity import second_factors
from twite_common.services.moderation import account_actions
from twite_common.services.moderation.account_actions import TAKEN_BACK, Decision
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.routing import Router
from twite_web.site import form_errors, redirects
from twite_web.site.access import Visit, id_in, reading_as_staff, writing
from twite_web.site.form_errors import shown_again
from twite_web.site.options import translated
from twite_web.site.view_models import accounts as account_view_models
from twite_web.site.view_models import times
from twite_web.types import Request, Response

LISTED = Page(limit=50)
ACTIONS = {
    "none": marked("Only warn"),
    "sensitive": marked("Hide media behind a warning"),
    "silence": marked("Keep posts out of public timelines"),
    "disable": marked("Log out and prevent logging in"),
    "suspend": marked("Hide the account and its posts"),
}
APPEALS = {"pending": marked("appealed"), "approved": marked("appeal approved"), "rejected": marked("appeal rejected")}
ROLES = {"": marked("None"), "moderator": marked("Moderator"), "admin": marked("Administrator")}
DONE = {
    "none": marked("warned"),
    "sensitive": marked("media hidden behind a warning"),
    "silence": marked("kept out of public timelines"),
    "disable": marked("can't log in"),
    "suspend": marked("hidden"),
}


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done about an account, and what its owner is told: a text that stands ready, and more words.

    `back` is the page that has the form, if it isn't the account's.
    """

    action: str = "none"
    preset_id: str = ""
    text: str = ""
    told: bool = False
    report_id: str = ""
    back: str = ""


class TakeBackForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be taken back."""

    action: str = ""


class RoleForm(msgspec.Struct, frozen=True, kw_only=True):
    """The role that an account is to have; empty for none."""

    role: str = ""


class WarningView(msgspec.Struct, frozen=True):
    """What was done about an account before; `appeal` is how that stands, if its owner answered."""

    done: str
    text: str
    day: str
    appeal: str


def account_page(request: Request, data: DecisionForm, account_id: str, *, error: TwiteError | None = None) -> Response:
    """Return all about an account, and the form to do something about it."""
    id = id_in(account_id)
    with reading_as_staff(request, "manage_users") as visit:
        account = accounts.load(visit.db, [id]).get(id)
        if account is None:
            raise NotFound(_("There is no such account."))
        role = visit.member.role
        standing = done(account)
        return form_errors.page(
            request,
            "moderation/account.html",
            visit,
            values=data,
            error=error,
            account=account_view_models.accounts(visit, [id])[0],
            private=account,
            since=times.day(ids.created_at(id)),
            logins=_logins(visit, id),
            done={action: _(DONE[action]) for action in standing},
            actions=possible(standing),
            presets=presets(visit),
            below=permissions.is_above(role, account.role),
            roles=translated(ROLES) if permissions.may(role, "manage_roles") else {},
            role=account.role,
            may_remove_second_factor=account.has_second_factor and permissions.may(role, "manage_user_access"),
            may_delete=account.suspended and permissions.may(role, "delete_user_data"),
            reports=reports.open_about(visit.db, id),
            warnings=earlier(visit, id),
        )


@get("/admin/accounts/{account_id:str}", sync_to_thread=True)
def show(request: Request, account_id: FromPath[str], report_id: FromQuery[str] = "") -> Response:
    """Show an account; what is done about it settles the report that led here."""
    return account_page(request, DecisionForm(told=True, report_id=report_id), account_id)


@post("/admin/accounts/{account_id:str}/act", sync_to_thread=True)
@shown_again(account_page)
def act(request: Request, data: JSONBody[DecisionForm], account_id: FromPath[str]) -> Response:
    """Do something about an account."""
    id = id_in(account_id)
    decision = Decision(
        action=data.action,
        text=data.text,
        preset_id=id_in(data.preset_id) if data.preset_id else None,
        report_id=id_in(data.report_id) if data.report_id else None,
        told=data.told,
    )
    with writing(request) as visit:
        account_actions.act(visit.db, now=visit.now, viewer=visit.member, account_id=id, decision=decision)
    return redirects.see(request, redirects.local(data.back, f"/admin/accounts/{id}"), "saved")


@post("/admin/accounts/{account_id:str}/take-back", sync_to_thread=True)
def take_back(request: Request, data: JSONBody[TakeBackForm], account_id: FromPath[str]) -> Response:
    """Take back what was done about an account."""
    id = id_in(account_id)
    if data.action not in TAKEN_BACK:
        raise Invalid(_("There is no such action to undo."))
    with writing(request) as visit:
        account_actions.take_back(visit.db, now=visit.now, viewer=visit.member, account_id=id, action=data.action)
    return redirects.see(request, f"/admin/accounts/{id}", "saved")


@post("/admin/accounts/{account_id:str}/clear-mail-failure", sync_to_thread=True)
def clear_mail_failure(request: Request, account_id: FromPath[str]) -> Response:
    """Have mail sent to an account's address again, although it was refused."""
    id = id_in(account_id)
    with writing(request) as visit:
        account_actions.clear_mail_failure(visit.db, now=visit.now, viewer=visit.member, account_id=id)
    return redirects.see(request, f"/admin/accounts/{id}", "mail_cleared")


@post("/admin/accounts/{account_id:str}/remove-second-factor", sync_to_thread=True)
def remove_second_factor(request: Request, account_id: FromPath[str]) -> Response:
    """Have somebody log in with the password alone who has lost their second factor."""
    id = id_in(account_id)
    with writing(request) as visit:
        second_factors.remove_of_other(visit.db, now=visit.now, viewer=visit.member, account_id=id)
    return redirects.see(request, f"/admin/accounts/{id}", "second_factor_removed")


@post("/admin/accounts/{account_id:str}/role", sync_to_thread=True)
def set_role(request: Request, data: JSONBody[RoleForm], account_id: FromPath[str]) -> Response:
    """Give an account a role, or none."""
    id = id_in(account_id)
    with writing(request) as visit:
        account_actions.set_role(visit.db, now=visit.now, viewer=visit.member, account_id=id, role=data.role)
    return redirects.see(request, f"/admin/accounts/{id}", "saved")


@post("/admin/accounts/{account_id:str}/delete", sync_to_thread=True)
def delete(request: Request, account_id: FromPath[str]) -> Response:
    """Delete a suspended account with everything that it wrote, for good."""
    with writing(request) as visit:
        account_actions.remove(visit.db, now=visit.now, viewer=visit.member, account_id=id_in(account_id))
    return redirects.see(request, "/admin/accounts", "account_rejected")


def done(account: AdminAccount) -> list[str]:
    """Return what was done about an account and still holds."""
    holds = {
        "sensitive": account.sensitized,
        "silence": account.silenced,
        "disable": account.disabled,
        "suspend": account.suspended,
    }
    return [action for action, is_so in holds.items() if is_so]


def possible(standing: Collection[str]) -> dict[str, str]:
    """Return what can still be done about an account, in words, by action."""
    return {action: _(label) for action, label in ACTIONS.items() if action not in standing}


def _logins(visit: Visit, account_id: int) -> list[tuple[str, str]]:
    rows = accounts.addresses(visit.db, [account_id]).get(account_id, [])
    return [(row.address, times.day(row.used_at)) for row in rows]


def presets(visit: Visit) -> dict[str, str]:
    """Return the texts that stand ready, by what their choice sends, and nothing where there are none."""
    names = {str(preset.id): preset.name for preset in warning_presets.every(visit.db)}
    return {"": _("None"), **names} if names else {}


def earlier(visit: Visit, account_id: int) -> list[WarningView]:
    """Return what was done about an account before, the latest first."""
    rows = warnings.of_account(visit.db, account_id, LISTED)
    return [
        WarningView(
            _(DONE[warning.action]),
            warning.text,
            times.day(ids.created_at(warning.id)),
            _(APPEALS[warning.appeal_state]) if warning.appeal_state else "",
        )
        for warning in rows
    ]


router = Router("/", route_handlers=[show, act, take_back, clear_mail_failure, remove_second_factor, set_role, delete])
