"""Asking whose account it is, where a token alone isn't enough: what can't be undone."""

import msgspec

from twite_common import clock
from twite_common.services.identity import passwords, step_up
from twite_web.api.access import reading
from twite_web.core import core
from twite_web.types import Request


class StepUp(msgspec.Struct, kw_only=True):
    """The account's password; a code of its app, or a recovery code, where it has a second factor or a passkey."""

    current_password: str = ""
    current_code: str = ""


def check(request: Request, data: StepUp) -> None:
    """Check what was given, each time: a token isn't a browser that somebody has just used.

    Raises Invalid when it is wrong, TooMany after too many attempts.
    """
    equipment, now = core(request), clock.now()
    with reading(request) as access:
        account_id, what = access.account_id, step_up.needed(access.member, None, now=now)
    if what == step_up.NOTHING:
        raise step_up.no_way_to_prove()
    if what == step_up.FACTOR:
        step_up.check_code(
            equipment.database,
            equipment.sealer,
            equipment.settings,
            now=now,
            account_id=account_id,
            code=data.current_code,
        )
    else:
        passwords.check_own(
            equipment.database,
            equipment.passwords,
            equipment.settings,
            now=now,
            account_id=account_id,
            password=data.current_password,
        )
