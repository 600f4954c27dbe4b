"""Passwords: argon2id, at the configured cost. A password itself is never stored or logged."""

import re
from collections.abc import Iterable
from threading import BoundedSemaphore

import argon2
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from twite_common.errors import Invalid
from twite_common.settings import Settings
from twite_common.translations import gettext as _

NOBODYS_HASH = "!"
"""Stands for the hash of a password where an account has none: no password has this one."""
MIN_LENGTH = 8
MAX_LENGTH = 1024
MIN_GUESSES = 10_000_000
"""How many guesses a password must be good for: at 25 in five minutes, which log-ins are limited to, four years."""
ESTIMATED_CHARACTERS = 32
"""How much of a password is looked at: the time that takes grows faster than its length."""

AT_ONCE = 4
"""Hashes that one process works on at once: each takes the memory that the settings name, 19 MB unless they say more,
and more of them than there are cores are done no sooner."""

_WORD = re.compile(r"\w+")


def checked_password(password: str, *, about: Iterable[str]) -> str:
    """Return a new password. `about` is what others know of whoever has it: names, addresses.

    Raises Invalid for one that is too short or too long, or that a stranger would soon guess.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        sentence = _("The password must have %(fewest)s to %(most)s characters.", fewest=MIN_LENGTH, most=MAX_LENGTH)
        code = "ERR_BLANK" if not password else "ERR_TOO_SHORT" if len(password) < MIN_LENGTH else "ERR_TOO_LONG"
        raise _invalid(code, sentence)
    if _guesses(password, about) < MIN_GUESSES:
        raise _invalid(
            "ERR_INVALID",
            _(
                "This password is too easy to guess. Please choose one that isn't just a common word, a name, a date "
                "or a row of keys; several unrelated words work well."
            ),
        )
    return password


def _guesses(password: str, about: Iterable[str]) -> int:
    # Imported here: its lists of words take 14 MB, which a process needs only when somebody chooses a password.
    from zxcvbn import zxcvbn

    words = [word.lower() for text in about for word in (*text.split("@"), *_WORD.findall(text)) if len(word) > 1]
    return int(zxcvbn(password[:ESTIMATED_CHARACTERS], user_inputs=words)["guesses"])


def _invalid(code: str, sentence: str) -> Invalid:
    return Invalid(sentence, {"password": [(code, sentence)]})


class Passwords:
    """Hashes and checks passwords at one cost."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=settings.password_time_cost,
            memory_cost=settings.password_memory_kib,
            parallelism=settings.password_parallelism,
        )
        self._nobody = self._hasher.hash("nobody's password")
        self._turn = BoundedSemaphore(AT_ONCE)

    def hash(self, password: str, *, about: Iterable[str]) -> str:
        """Return the hash of a new password to be stored, in argon2's own text form.

        Raises Invalid like `checked_password`.
        """
        return self.hash_again(checked_password(password, about=about))

    def hash_again(self, password: str) -> str:
        """Return the hash of a password that is somebody's already, at the present cost."""
        with self._turn:
            return self._hasher.hash(password.encode("utf-8", "surrogatepass"))

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether a password is the one that was hashed.

        Takes as long for an account that doesn't exist (`stored` is None) or has no password as for others.
        """
        known = None if stored == NOBODYS_HASH else stored
        tried = password[:MAX_LENGTH].encode("utf-8", "surrogatepass")
        try:
            with self._turn:
                matches = self._hasher.verify(known or self._nobody, tried)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return matches and known is not None

    def outdated(self, stored: str) -> bool:
        """Say whether a hash was made at another cost than the settings name now."""
        return self._hasher.check_needs_rehash(stored)
