"""The picture that stands for the site."""

import msgspec
from sqlalchemy import Connection, select

from twite_common.tables import site_picture


class SitePicture(msgspec.Struct, frozen=True):
    """A name in the media folder, and what the picture shows."""

    picture: str
    description: str


CURRENT = select(site_picture.c.picture, site_picture.c.description)


def current(db: Connection) -> SitePicture | None:
    """Return the picture; None where the site has none of its own."""
    row = db.execute(CURRENT).one_or_none()
    return SitePicture(*row) if row else None
