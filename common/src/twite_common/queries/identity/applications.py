"""Applications that use the API."""

import msgspec
from sqlalchemy import BigInteger, Connection, Text, bindparam, select

from twite_common.tables import application


class Application(msgspec.Struct, frozen=True):
    """A program that people let act for them. `redirect_uris` and `scopes` are separated by spaces."""

    id: int
    client_id: str
    secret_hash: bytes
    name: str
    website: str | None
    redirect_uris: str
    scopes: str


_COLUMNS = [application.c[name] for name in Application.__struct_fields__]
BY_CLIENT_ID = select(*_COLUMNS).where(application.c.client_id == bindparam("client_id", type_=Text))
GET = select(*_COLUMNS).where(application.c.id == bindparam("id", type_=BigInteger))


def by_client_id(db: Connection, client_id: str) -> Application | None:
    """Return the application that calls itself by that client id."""
    row = db.execute(BY_CLIENT_ID, {"client_id": client_id}).one_or_none()
    return Application(*row) if row else None


def get(db: Connection, application_id: int) -> Application | None:
    """Return an application."""
    row = db.execute(GET, {"id": application_id}).one_or_none()
    return Application(*row) if row else None
