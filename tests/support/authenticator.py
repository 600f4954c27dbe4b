"""An app for one-time codes, as somebody has it on their phone."""

import pyotp

from twite_common import clock, secret
from twite_common.database import Database
from twite_common.services.identity import second_factors
from twite_common.settings import Settings


class Authenticator:
    """What somebody has besides their password: an app, and the recovery codes that they kept."""

    def __init__(self, shared: str, recovery_codes: list[str]) -> None:
        self.shared, self.recovery_codes = shared, recovery_codes

    def code(self, now: int | None = None, *, ahead: int = 0) -> str:
        """Return what the app shows, `ahead` periods later."""
        at = (clock.now() if now is None else now) + ahead * second_factors.PERIOD_MS
        return pyotp.TOTP(self.shared).at(at // clock.SECOND)


def set_up(database: Database, settings: Settings, account_id: int, *, now: int | None = None) -> Authenticator:
    """Give an account a second factor, long enough ago that no code of now was used."""
    sealer, then = secret.sealer(settings), (clock.now() if now is None else now) - clock.HOUR
    begun = second_factors.begin(sealer, settings, now=then, account_id=account_id, username="somebody")
    code = Authenticator(begun.secret, []).code(then)
    with database.writing() as db:
        codes = second_factors.turn_on(db, sealer, now=then, account_id=account_id, sealed=begun.sealed, code=code)
    return Authenticator(begun.secret, codes)
