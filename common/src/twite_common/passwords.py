"""Passwords: argon2id, at the cost that the settings name. A password itself is never stored or logged."""

import argon2
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from twite_common.errors import Invalid
from twite_common.settings import Settings

SHORTEST = 8
LONGEST = 1024


def checked_password(password: str) -> str:
    """Return the password.

    Raises Invalid for one that is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        sentence = f"The password must have {SHORTEST} to {LONGEST} characters."
        code = "ERR_BLANK" if not password else "ERR_TOO_SHORT" if len(password) < SHORTEST else "ERR_TOO_LONG"
        raise Invalid(sentence, {"password": [(code, sentence)]})
    return password


class Passwords:
    """Hashes and checks passwords at one cost."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=settings.password_time_cost,
            memory_cost=settings.password_memory_kib,
            parallelism=settings.password_parallelism,
        )
        self._nobody = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """Return the hash to be stored, in argon2's own text form.

        Raises Invalid for one that is too short or too long.
        """
        return self._hasher.hash(checked_password(password).encode("utf-8", "surrogatepass"))

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether a password is the one that was hashed.

        Takes as long for an account that doesn't exist (`stored` is None) as for one that does.
        """
        try:
            matches = self._hasher.verify(stored or self._nobody, password[:LONGEST].encode("utf-8", "surrogatepass"))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return matches and stored is not None

    def outdated(self, stored: str) -> bool:
        """Say whether a hash was made at another cost than the settings name now."""
        return self._hasher.check_needs_rehash(stored)
