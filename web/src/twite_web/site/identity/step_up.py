"""Asking again whose account it is, in the forms that do what can't be undone."""

from typing import Any

import litestar
import msgspec

from twite_common import clock
from twite_common.errors import TwiteError
from twite_common.queries.identity import passkeys as passkey_queries
from twite_common.queries.identity import second_factors as factor_queries
from twite_common.services.identity import passkey_challenges, passkeys, passwords, step_up
from twite_web.core import core
from twite_web.site import csrf, form_errors, route_limits
from twite_web.site.access import Visit, reading, writing
from twite_web.types import Request


class StepUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """What shows whose account it is; only one of the fields is asked for, and none of those who have just said it."""

    current_password: str = ""
    current_code: str = ""
    current_passkey: str = ""


class StepUpView(msgspec.Struct, frozen=True):
    """What the visitor is asked for: "password", "factor" or, as they have neither, "nothing"; "" for no more.

    `passkey` are the options for one, as JSON, "" where there is none; `has_app` says whether there is an app for
    codes.
    """

    what: str = ""
    passkey: str = ""
    has_app: bool = False


def asked(request: Request, visit: Visit) -> StepUpView:
    """Return what the visitor has to give, if anything (`step_up.needed`)."""
    what = _needed(visit)
    if what != step_up.FACTOR:
        return StepUpView(what)
    present = passkey_queries.of_account(visit.db, visit.account_id)
    tied_to, purpose = csrf.tied_to(request), passkey_challenges.STEP_UP
    options = passkeys.options_to_prove(
        visit.core.signer, visit.core.settings, purpose, now=visit.now, tied_to=tied_to, of=present
    )
    has_app = bool(factor_queries.of_account(visit.db, visit.account_id))
    return StepUpView(what, options if present else "", has_app)


def form_page(
    request: Request, template: str, data: StepUpForm, error: TwiteError | None, **content: Any
) -> litestar.Response[bytes]:
    """Return the page of a form that a logged-in visitor proves with whose account it is."""
    with reading(request) as visit:
        visit.require_login()
        return form_errors.page(
            request, template, visit, values=data, error=error, step_up=asked(request, visit), **content
        )


def check(request: Request, data: StepUpForm) -> None:
    """Check what was given; it counts for ten minutes.

    Raises Invalid when it is wrong, TooMany after too many attempts.
    """
    now = clock.now()
    with reading(request, page=False) as visit:
        account_id, what = visit.account_id, _needed(visit)
    route_limits.check(request, account_id, now)
    if what == step_up.PASSWORD:
        _check_password(request, data, account_id, now)
    elif what == step_up.FACTOR:
        _check_factor(request, data, account_id, now)
    elif what == step_up.NOTHING:
        raise step_up.no_way_to_prove()
    if what:
        with writing(request) as visit:
            step_up.passed(visit.db, now=now, session_id=visit.session_id)


def _needed(visit: Visit) -> str:
    return step_up.needed(visit.member, visit.authenticated_at, now=visit.now)


def _check_password(request: Request, data: StepUpForm, account_id: int, now: int) -> None:
    equipment = core(request)
    passwords.check_own(
        equipment.database,
        equipment.passwords,
        equipment.settings,
        now=now,
        account_id=account_id,
        password=data.current_password,
    )


def _check_factor(request: Request, data: StepUpForm, account_id: int, now: int) -> None:
    equipment = core(request)
    if data.current_passkey:
        step_up.check_passkey(
            equipment.database,
            equipment.signer,
            equipment.settings,
            now=now,
            account_id=account_id,
            tied_to=csrf.tied_to(request),
            answer=data.current_passkey,
        )
        return
    step_up.check_code(
        equipment.database,
        equipment.sealer,
        equipment.settings,
        now=now,
        account_id=account_id,
        code=data.current_code,
    )
