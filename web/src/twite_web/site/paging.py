"""Pages of lists on the website: the requested part, and links to those next to it."""

from collections.abc import Sequence

import msgspec

from twite_common import ids
from twite_common.queries.paging import Page
from twite_web.site.access import id_in

LENGTH = 20
"""Entries on a page."""


class Beside(msgspec.Struct, frozen=True):
    """Addresses of the newer and the older part of a list, where there are any.

    `newest` is the id of the list's first entry, 0 where it has none; None on parts further down.
    """

    newer: str | None
    older: str | None
    newest: int | None = None


def page(max_id: str, min_id: str, limit: int = LENGTH) -> Page:
    """Return the part of a list that an address asks for.

    Raises NotFound for bounds that aren't ids.
    """
    return Page(
        limit=limit,
        max_id=id_in(max_id) if max_id else ids.MAXIMUM,
        min_id=id_in(min_id) if min_id else None,
    )


def beside(path: str, page: Page, cursors: Sequence[int]) -> Beside:
    """Return the links of a page with these entries, newest first.

    Without looking further it isn't known whether there are newer or older ones: where the page is full, or was come to
    from there, a link is offered.
    """
    if not cursors:
        return Beside(None, None, 0) if page == Page(limit=page.limit) else Beside(None, path)
    full = len(cursors) >= page.limit
    beginning = f"{path}{'&' if '?' in path else '?'}"
    newer = page.max_id != ids.MAXIMUM or (page.min_id is not None and full)
    older = page.min_id is not None or full
    return Beside(
        f"{beginning}min_id={cursors[0]}" if newer else None,
        f"{beginning}max_id={cursors[-1]}" if older else None,
        None if newer else cursors[0],
    )
