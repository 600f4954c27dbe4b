"""How far the user has read: /api/v1/markers."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from twite_common import ids
from twite_common.errors import Invalid
from twite_common.queries.timelines import markers as queries
from twite_common.services.timelines import markers
from twite_common.translations import gettext as _
from twite_web.api.access import Access, reading, user, writing
from twite_web.api.schemas import timestamp
from twite_web.api.schemas.timelines import Marker
from twite_web.routing import Router
from twite_web.types import Request

Timelines = Annotated[list[str] | None, QueryParameter(name="timeline", description="home, notifications or both.")]


class LastRead(msgspec.Struct):
    """The last entry that one has read."""

    last_read_id: str


class Markers(msgspec.Struct):
    """The timelines to set a marker for."""

    home: LastRead | None = None
    notifications: LastRead | None = None


@get("/markers", opt=user("read:statuses"), sync_to_thread=True)
def several(request: Request, timeline: Timelines = None) -> dict[str, Marker]:
    """Return the markers of timelines, if set."""
    with reading(request) as access:
        return _made(access, timeline or [])


@post("/markers", status_code=200, opt=user("write:statuses"), sync_to_thread=True)
def save(request: Request, data: JSONBody[Markers]) -> dict[str, Marker]:
    """Set the markers of timelines."""
    new_markers = {"home": data.home, "notifications": data.notifications}
    chosen = {name: _id(marker.last_read_id) for name, marker in new_markers.items() if marker is not None}
    with writing(request) as access:
        for name, last_read_id in chosen.items():
            markers.set_marker(
                access.db,
                now=access.now,
                account_id=access.account_id,
                timeline=name,
                last_read_id=last_read_id,
            )
    with access.reading() as access:
        return _made(access, list(chosen))


def _id(text: str) -> int:
    id = ids.parse(text)
    if id is None:
        raise Invalid(_("last_read_id must be the id of an entry."))
    return id


def _made(access: Access, timelines: list[str]) -> dict[str, Marker]:
    markers = queries.of_account(access.db, access.account_id)
    return {
        name: Marker(
            last_read_id=str(marker.last_read_id),
            version=marker.version,
            updated_at=timestamp(marker.updated_at),
        )
        for name, marker in markers.items()
        if name in timelines
    }


router = Router("/", route_handlers=[several, save], tags=["markers"])
