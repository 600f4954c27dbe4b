"""The state of the site's processes, for operators: who may ask, and what they are told."""

import asyncio
from concurrent.futures import Executor
from ipaddress import ip_address

from twite_common import permissions
from twite_common.database import Database
from twite_common.errors import NotAllowed
from twite_common.queries.operations.liveness import Liveness
from twite_common.translations import gettext as _
from twite_web.api.access import Access
from twite_web.api.schemas import Entity, timestamp
from twite_web.oauth import scopes
from twite_web.proxies import client_address
from twite_web.types import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via")
"""Headers that proxies write. Who comes through one isn't on this machine, even if the proxy is."""


class OverdueJob(Entity, frozen=True, kw_only=True, gc=False):
    """A periodic job that should have done its work by now."""

    name: str
    last_done_at: str | None
    error: str


class Health(Entity, frozen=True, kw_only=True, gc=False):
    """How the site's processes stand; `problems` has a sentence for each thing that is wrong."""

    problems: list[str]
    last_seen_at: dict[str, str]
    oldest_task_at: str | None
    oldest_mail_due_at: str | None
    overdue_jobs: list[OverdueJob]


class DatabaseProbe:
    """Looks whether the database can be reached, in a thread of its own. Known to the event loop alone.

    All who ask meanwhile share one look: while the database doesn't answer, each takes seconds.
    """

    def __init__(self, database: Database, thread: Executor) -> None:
        self._database = database
        self._thread = thread
        self._look: asyncio.Future[None] | None = None

    async def check(self) -> None:
        """Raise Unavailable when the database can't be reached."""
        if self._look is None or self._look.done():
            self._look = asyncio.get_running_loop().run_in_executor(self._thread, self._reach)
        # Whoever asks no longer leaves the look to the others.
        await asyncio.shield(self._look)

    def _reach(self) -> None:
        with self._database.reading():
            return


def asked_in_full(request: Request) -> bool:
    """Say whether a request asks for more than whether the site is there."""
    return b"full" in request.scope["query_string"].split(b"&")


def check_operator(request: Request, access: Access) -> None:
    """Raise NotAllowed for whoever isn't on this machine, and has no token of somebody who looks after the site."""
    viewer, token = access.viewer, access.token
    if viewer and token and scopes.allow(token.scopes, "admin:read") and permissions.may(viewer.role, "view_devops"):
        return
    if any(name in request.headers for name in FORWARDED) or not _is_here(client_address(request)):
        raise NotAllowed(
            _(
                "Only operators may read this: send the request from the site's own machine, or with the operators' "
                "token."
            )
        )


def as_health(liveness: Liveness) -> Health:
    """Return what operators are told."""
    return Health(
        problems=liveness.problems,
        last_seen_at={process.kind: timestamp(process.seen_at) for process in liveness.seen},
        oldest_task_at=_optional(liveness.oldest_event_at),
        oldest_mail_due_at=_optional(liveness.oldest_mail_due_at),
        overdue_jobs=[
            OverdueJob(name=job.name, last_done_at=_optional(job.succeeded_at), error=job.error)
            for job in liveness.overdue
        ],
    )


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _optional(at: int | None) -> str | None:
    return None if at is None else timestamp(at)
