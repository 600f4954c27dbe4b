"""Parts of pages: what our script asks for to put it into the page that is open.

A request with the header gets from the same handler and template the content alone, without the frame around it.
"""

from twite_web.types import Request

HEADER = "Twite-Part"


def wanted(request: Request) -> bool:
    """Say whether a request asks for a part of a page only."""
    return bool(request.headers.get(HEADER))
