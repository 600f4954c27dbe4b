"""The API's only ways to the database: each checks, in the same transaction, who is asking and with which scope.

A route says in its `opt` whom it is for; without that it can't be opened at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from twite_common import clock, permissions
from twite_common.database import Connection
from twite_common.queries import viewers
from twite_common.queries.viewers import Token, Viewer
from twite_common.services.identity import memberships, second_factors, tokens
from twite_common.translations import gettext as _
from twite_common.translations import marked
from twite_web import acting, language_choice
from twite_web.api import route_limits
from twite_web.core import Core, core
from twite_web.errors import Failure, status_and_sentence
from twite_web.oauth import scopes
from twite_web.types import Request

ANYONE, APPLICATION, USER = "anyone", "application", "user"
NO_USER = marked("This method requires an authenticated user")
OUTSIDE = marked("This action is outside the authorized scopes")
MISTAKES = frozenset({400, 404, 422})
"""What is found to be wrong with a request before its handler has asked who sent it."""


class Access(msgspec.Struct, frozen=True, gc=False):
    """An open transaction and on whose behalf it is. `now` is in milliseconds."""

    db: Connection
    core: Core
    now: int
    token: Token | None
    viewer: Viewer | None

    @property
    def viewer_id(self) -> int | None:
        """Id of the account that asks; None for a stranger or an application's own token."""
        return self.viewer.account_id if self.viewer else None

    @property
    def member(self) -> Viewer:
        """The viewer, on routes that are for users only."""
        if self.viewer is None:
            raise Failure(422, _(NO_USER))
        return self.viewer

    @property
    def account_id(self) -> int:
        """Id of the account that asks, on routes that are for users only."""
        return self.member.account_id

    def require(self, scope: str) -> None:
        """Raise Failure (403) unless the token covers a scope that a part of the request needs beside its route's."""
        if self.token is None or not scopes.allow(self.token.scopes, scope):
            raise Failure(403, _(OUTSIDE))

    @contextmanager
    def reading(self) -> Iterator["Access"]:
        """Open the database to read the response to a write after its commit, on the same behalf.

        A writing transaction holds only the rule and its rows, because every other writer waits for it.
        """
        with self.core.database.reading() as db:
            yield msgspec.structs.replace(self, db=db)


def anyone(scope: str | None = None) -> dict[str, Any]:
    """Return the `opt` of a route for everybody; a token that is sent must be valid and cover the scope."""
    return {"access": ANYONE, "scopes": (scope,) if scope else ()}


def application(scope: str | None = None, *, unconfirmed: bool = False) -> dict[str, Any]:
    """Return the `opt` of a route that takes any valid token, an application's own too.

    With `unconfirmed` also before the account is confirmed and approved.
    """
    return {"access": APPLICATION, "scopes": (scope,) if scope else (), "unconfirmed": unconfirmed}


def user(*any_of: str, unconfirmed: bool = False) -> dict[str, Any]:
    """Return the `opt` of a route for a person's token that covers one of these scopes.

    With `unconfirmed` also before the account is confirmed and approved.
    """
    return {"access": USER, "scopes": any_of, "unconfirmed": unconfirmed}


@contextmanager
def reading(request: Request) -> Iterator[Access]:
    """Open the database for reading, on behalf of whoever sent the request."""
    equipment = core(request)
    with equipment.database.reading() as db:
        access = _authenticated(request, equipment, db)
        yield access
    _touch(access)


@contextmanager
def reading_replica(request: Request) -> Iterator[Access]:
    """Open the database's replica for reading, if there is one, on behalf of whoever sent the request.

    Who that is, the database itself says. A member sees all that was acknowledged by now, a stranger what was a second
    ago.
    """
    equipment = core(request)
    if bearer(request) is None:
        with equipment.database.reading_recent() as db:
            yield _authenticated(request, equipment, db)
        return
    with equipment.database.reading() as db:
        access = _authenticated(request, equipment, db)
        position = equipment.database.position(db)
        if position is None:
            yield access
    if position is not None:
        with equipment.database.reading_replica(position) as db:
            yield msgspec.structs.replace(access, db=db)
    _touch(access)


@contextmanager
def reading_as_staff(request: Request, permission: str) -> Iterator[Access]:
    """Open the database for reading, on behalf of staff. Raises NotAllowed for whoever lacks the permission."""
    with reading(request) as access:
        permissions.check(access.member, permission)
        yield access


@contextmanager
def writing(request: Request) -> Iterator[Access]:
    """Open the database for writing, on behalf of whoever sent the request."""
    equipment = core(request)
    with equipment.database.writing() as db:
        access = _authenticated(request, equipment, db)
        yield access
    _touch(access)


def bearer(request: Request) -> str | None:
    """Return the token in a request's Authorization header (RFC 6750, section 2.1)."""
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            scheme, _space, token = value.decode("latin-1").partition(" ")
            return token.strip() or None if scheme.lower() == "bearer" else None
    return None


def told_first(request: Request, error: Exception) -> Exception:
    """Return what whoever sent no token is told where one is needed, whatever else is wrong with what they sent."""
    handler = request.scope.get("route_handler")
    required_access = handler.opt.get("access", ANYONE) if handler else ANYONE
    status, _sentence = status_and_sentence(error)
    if required_access != ANYONE and status in MISTAKES and bearer(request) is None:
        return Failure(401, _(NO_USER))
    return error


def _touch(access: Access) -> None:
    """Note now and then that a membership, or an application's own token, is used; unused tokens are removed."""
    token, now = access.token, access.now
    by = access.viewer.acting if access.viewer else None
    if by is not None and not memberships.is_touched(by, now=now):
        with access.core.database.writing() as db:
            memberships.touch(db, by, now=now)
    if token is None or token.viewer is not None or now - (token.used_at or 0) <= tokens.USED_EVERY_MS:
        return
    with access.core.database.writing() as db:
        tokens.touch(db, now=now, token_id=token.id)


def _authenticated(request: Request, equipment: Core, db: Connection) -> Access:
    options = request.route_handler.opt
    now = clock.now()
    text = bearer(request)
    token = viewers.by_token(db, text, now=now) if text else None
    if token is not None and token.viewer is not None:
        language_choice.of_member(request, token.viewer.locale)
        viewer = second_factors.with_role(token.viewer, equipment.settings, now=now)
        if viewer is not token.viewer:
            token = msgspec.structs.replace(token, viewer=viewer)
    acting.begin(request, token.viewer.acting if token is not None and token.viewer is not None else None)
    route_limits.check(request, token, now)
    if token is None:
        if text:
            raise Failure(401, _("The access token is invalid"))
        if options["access"] != ANYONE:
            raise Failure(401, _(NO_USER))
        return Access(db, equipment, now, None, None)
    _check_scopes(token, options["scopes"])
    check_usable(token, unconfirmed=options.get("unconfirmed", False))
    if options["access"] == USER and token.viewer is None and not token.unclaimed:
        raise Failure(422, _(NO_USER))
    return Access(db, equipment, now, token, token.viewer)


def _check_scopes(token: Token, any_of: tuple[str, ...]) -> None:
    if any_of and not any(scopes.allow(token.scopes, scope) for scope in any_of):
        raise Failure(403, _(OUTSIDE))


def check_usable(token: Token, *, unconfirmed: bool = False) -> None:
    """Raise Failure when the account behind a token can't be used, or not yet unless `unconfirmed` says otherwise."""
    viewer = token.viewer
    if viewer is not None and (viewer.suspended or viewer.disabled):
        raise Failure(403, _("Your login is currently disabled"))
    if unconfirmed or (viewer is None and not token.unclaimed):
        return
    if viewer is None or not viewer.confirmed:
        raise Failure(403, _("Your login is missing a confirmed e-mail address"))
    if not viewer.approved:
        raise Failure(403, _("Your login is currently pending approval"))
