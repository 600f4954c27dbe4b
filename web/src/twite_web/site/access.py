"""The website's only ways to the database, for the visitor whose session the cookie names."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from twite_common import clock, ids, permissions, time_zones
from twite_common.database import Connection
from twite_common.errors import NotFound, TwiteError
from twite_common.queries import viewers
from twite_common.queries.notifications import notifications
from twite_common.queries.viewers import Session, Viewer
from twite_common.services.identity import memberships, second_factors, sessions
from twite_common.translations import gettext as _
from twite_web import acting, cookies, language_choice
from twite_web.core import Core, core
from twite_web.errors import NO_SUCH_ADDRESS
from twite_web.site import parts, route_limits
from twite_web.types import Request


class LoginNeeded(TwiteError):
    """The page is for people who are logged in; they are sent to log in and come back."""


class Visit(msgspec.Struct, frozen=True, gc=False):
    """An open transaction, who is visiting in which session, and what every page shows. `now` is in milliseconds.

    Unread notifications are counted for pages only: 0 where none is shown. `authenticated_at` is when the visitor last
    proved whose account it is.
    """

    db: Connection
    core: Core
    now: int
    viewer: Viewer | None
    unread_count: int = 0
    session_id: int | None = None
    authenticated_at: int | None = None

    @property
    def viewer_id(self) -> int | None:
        """Id of the account that visits; None for a stranger."""
        return self.viewer.account_id if self.viewer else None

    @property
    def member(self) -> Viewer:
        """The viewer, who is logged in.

        Raises LoginNeeded for a stranger.
        """
        if self.viewer is None:
            raise LoginNeeded(_("Please log in first."))
        return self.viewer

    @property
    def account_id(self) -> int:
        """Id of the account that visits.

        Raises LoginNeeded for a stranger.
        """
        return self.member.account_id

    def require_login(self) -> None:
        """Raise LoginNeeded for a stranger."""
        _ = self.member


@contextmanager
def reading(request: Request, *, page: bool = True) -> Iterator[Visit]:
    """Open the database for reading, on behalf of the visitor; a session in use lasts longer.

    `page` says whether what is read is shown on a page, which says how many notifications are unread.
    """
    equipment = core(request)
    now = clock.now()
    with equipment.database.reading() as db:
        session = _session(request, db, now)
        visit = _visit(equipment, db, session, now)
        yield _with_unread_count(visit) if page else visit
    _touch(equipment, session, now)


@contextmanager
def reading_replica(request: Request, *, page: bool = True) -> Iterator[Visit]:
    """Open the database's replica for reading, if there is one, on behalf of the visitor; otherwise like `reading`.

    Who that is, the database itself says. A member sees all that was acknowledged by now, a stranger what was a second
    ago.
    """
    equipment = core(request)
    now = clock.now()
    if cookies.session_secret(request) is None:
        with equipment.database.reading_recent() as db:
            yield _visit(equipment, db, None, now)
        return
    with equipment.database.reading() as db:
        session = _session(request, db, now)
        visit = _visit(equipment, db, session, now)
        visit = _with_unread_count(visit) if page else visit
        position = equipment.database.position(db)
        if position is None:
            yield visit
    if position is not None:
        with equipment.database.reading_replica(position) as db:
            yield msgspec.structs.replace(visit, db=db)
    _touch(equipment, session, now)


@contextmanager
def reading_as_staff(request: Request, permission: str, *, page: bool = True) -> Iterator[Visit]:
    """Open the database for reading, on behalf of staff.

    Raises LoginNeeded for a stranger, NotAllowed for whoever lacks the permission.
    """
    with reading(request, page=page) as visit:
        permissions.check(visit.member, permission)
        yield visit


@contextmanager
def writing(request: Request) -> Iterator[Visit]:
    """Open the database for writing, on behalf of the visitor. Forms were checked before (`twite_web.site.csrf`).

    Raises TooMany for a form that the visitor has sent too often, ActsOtherwise for one that was opened as another
    account than the one that the session acts for by now.
    """
    equipment = core(request)
    now = clock.now()
    with equipment.database.writing() as db:
        session = _session(request, db, now)
        acting.check_form(request)
        route_limits.check(request, session.viewer.account_id if session is not None else None, now)
        yield _visit(equipment, db, session, now)


def _session(request: Request, db: Connection, now: int) -> Session | None:
    secret = cookies.session_secret(request)
    session = viewers.by_session(db, secret, now=now) if secret else None
    if session is None:
        acting.begin(request, None)
        return None
    language_choice.of_member(request, session.viewer.locale)
    time_zones.switch(session.viewer.time_zone)
    acting.begin(request, session.viewer.acting)
    parts.check(request, session.viewer.username)
    viewer = second_factors.with_role(session.viewer, core(request).settings, now=now)
    return msgspec.structs.replace(session, viewer=viewer)


def _visit(equipment: Core, db: Connection, session: Session | None, now: int) -> Visit:
    if session is None:
        return Visit(db, equipment, now, None)
    return Visit(db, equipment, now, session.viewer, session_id=session.id, authenticated_at=session.authenticated_at)


def _with_unread_count(visit: Visit) -> Visit:
    if visit.viewer is None:
        return visit
    unread_count = notifications.count_unread(visit.db, viewer_id=visit.account_id, now=visit.now)
    return msgspec.structs.replace(visit, unread_count=unread_count)


def _touch(equipment: Core, session: Session | None, now: int) -> None:
    """Note now and then that a session is in use, and by which membership."""
    if session is None:
        return
    by = session.viewer.acting
    if now - session.seen_at > sessions.SEEN_EVERY_MS:
        with equipment.database.writing() as db:
            sessions.touch(db, equipment.settings, now=now, session_id=session.id, account_id=session.account_id)
    if by is not None and not memberships.is_touched(by, now=now):
        with equipment.database.writing() as db:
            memberships.touch(db, by, now=now)


def id_in(path: str) -> int:
    """Return the id in a part of an address.

    Raises NotFound for what can't be one.
    """
    id = ids.parse(path)
    if id is None:
        raise NotFound(_(NO_SUCH_ADDRESS))
    return id
