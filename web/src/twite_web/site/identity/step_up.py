"""Asking again whose account it is, in the forms that do what can't be undone."""

import msgspec

from twite_common import clock
from twite_common.services.identity import passwords, step_up
from twite_web.core import core
from twite_web.site import route_limits
from twite_web.site.access import Visit, reading, writing
from twite_web.types import Request


class StepUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """What shows whose account it is; only one of the fields is asked for, and none of those who have just said it."""

    current_password: str = ""
    current_code: str = ""


def needed(visit: Visit) -> str:
    """Return what the visitor has to give: a password, a code, or nothing (`step_up.needed`)."""
    return step_up.needed(visit.member, visit.authenticated_at, now=visit.now)


def check(request: Request, data: StepUpForm) -> None:
    """Check what was given; it counts for ten minutes.

    Raises Invalid when it is wrong, TooMany after too many attempts.
    """
    equipment = core(request)
    now = clock.now()
    with reading(request, page=False) as visit:
        account_id, what = visit.account_id, needed(visit)
    route_limits.check(request, account_id, now)
    if what == step_up.PASSWORD:
        passwords.check_own(
            equipment.database,
            equipment.passwords,
            equipment.settings,
            now=now,
            account_id=account_id,
            password=data.current_password,
        )
    elif what == step_up.CODE:
        step_up.check_code(
            equipment.database,
            equipment.sealer,
            equipment.settings,
            now=now,
            account_id=account_id,
            code=data.current_code,
        )
    if what:
        with writing(request) as visit:
            step_up.passed(visit.db, now=now, session_id=visit.session_id)
