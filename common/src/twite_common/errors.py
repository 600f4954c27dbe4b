"""Failures that are shown to people; each has one plain sentence."""

import logging
from collections.abc import Callable

from twite_common.translations import gettext as _


class TwiteError(Exception):
    """A failure that the caller is expected to show to a person."""


class Kept(TwiteError):
    """What was asked for isn't done, but what was written instead stays: the transaction ends well."""


class NotFound(TwiteError):
    """There is no such thing, or this viewer may not know of it."""


class NotAllowed(TwiteError):
    """The viewer may see the thing but not do this to it."""


class NotAuthenticated(TwiteError):
    """This needs somebody who is logged in, or a valid token."""


class Invalid(TwiteError):
    """What was sent breaks a rule.

    `details` maps a field's name to `(code, sentence)` pairs, for forms that show a message beside each field.
    """

    def __init__(self, message: str, details: dict[str, list[tuple[str, str]]] | None = None) -> None:
        super().__init__(message)
        self.details = details or {}


def check_all(*checks: Callable[[], object]) -> None:
    """Run checks. Raises Invalid with everything that is wrong, if any of them raises it."""
    problems_by_field: dict[str, list[tuple[str, str]]] = {}
    for check in checks:
        try:
            check()
        except Invalid as error:
            for field, problems in error.details.items():
                problems_by_field.setdefault(field, []).extend(problems)
    if problems_by_field:
        sentences = ", ".join(sentence for problems in problems_by_field.values() for _code, sentence in problems)
        raise Invalid(_("Validation failed: %(sentences)s", sentences=sentences), problems_by_field)


class Conflict(TwiteError):
    """Somebody else changed the same thing first."""


class TooMany(TwiteError):
    """A limit was reached; trying again later helps.

    `retry_after_seconds` says when.
    """

    def __init__(self, message: str, retry_after_seconds: int = 60) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(TwiteError):
    """The system can't do this now (the database is locked, the disk is full); trying again may help."""


class DatabaseAway(Unavailable):
    """The database can't be reached. That is logged once, and not by each of those who try again and again."""


def level(error: TwiteError) -> int:
    """Return at which level a failure is logged by what tries again and again."""
    return logging.DEBUG if isinstance(error, DatabaseAway) else logging.WARNING
