"""How many streams may be open: per account, per address, and in a process in total."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from twite_common.settings import Settings
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web.errors import Failure

MAX_STREAMS = 2048
"""Connections that may listen to one web process: half of those that it takes, so that requests find room."""
TOO_MANY_OF_ADDRESS = marked("Too many streams are open from your network. Please close some and try again.")
TOO_MANY_OF_ACCOUNT = marked("Your account has too many streams open. Please close some and try again.")
FULL = marked("Too many streams are open on this server at the moment. Please try again later.")


class Places:
    """The places of one process's listeners. Known to the event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self._of_account = settings.limit("limit_streams_account")
        self._of_address = settings.limit("limit_streams_address")
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def of_address(self, address: str) -> Iterator[None]:
        """Have a place for as long as the block lasts. Raises Failure (429, 503) where there is none."""
        with (
            self._one(None, MAX_STREAMS, Failure(503, _(FULL))),
            self._one(address, self._of_address, Failure(429, _(TOO_MANY_OF_ADDRESS))),
        ):
            yield

    @contextmanager
    def of_account(self, account_id: int) -> Iterator[None]:
        """Have one of an account's places for as long as the block lasts. Raises Failure (429) where there is none."""
        with self._one(account_id, self._of_account, Failure(429, _(TOO_MANY_OF_ACCOUNT))):
            yield

    @contextmanager
    def _one(self, whose: Hashable, most: int, refusal: Failure) -> Iterator[None]:
        if most and self._taken[whose] >= most:
            raise refusal
        self._taken[whose] += 1
        try:
            yield
        finally:
            self._taken[whose] -= 1
            if not self._taken[whose]:
                del self._taken[whose]
